"""Attacks of those who have no token."""
import contextlib
import time

from .field import MB, in_parallel, statuses


def aligned_header_lines(field, size):
    """Lines of four bytes, cut so that each read ends inside a line: a parser that counts what waits counts nothing."""
    with field.watch_memory() as memory:
        connection = field.connect()
        first = b"GET /healthz?q HTTP/1.1\r\n"
        block = b"a:\r\n" * 16384
        sent = 0
        try:
            connection.sendall(first + block[:4096 - len(first)])
            time.sleep(0.05)
            shift = (4096 - len(first)) % 4
            block = block[shift:] + block[:shift]
            while sent < size * 16 * MB:
                connection.sendall(block)
                sent += len(block)
        except OSError:
            pass
    field.memory_figure("endless header in aligned lines", memory.peak, 1)
    paced = field.connect()
    try:
        paced.sendall(first)
        for _ in range(20_000):
            paced.sendall(b"a:\r\n")
    except OSError:
        pass
    answer, is_open = b"", False
    try:
        while more := paced.recv(4096):
            answer += more
    except TimeoutError:
        is_open = True
    except OSError:  # closed while some of it was still on its way
        pass
    refusals = (400, 431) if field.proxy else (431,)  # a proxy refuses it by itself
    others = [code for code in statuses(answer) if code not in refusals]
    field.figure("endless header: answers other than a refusal", len(others), 0)
    field.figure("endless header: the connection stays open", int(is_open), 0)


def one_huge_header_field(field, _size):
    for length in (65_533, 65_534, 65_535, 65_536, 1_000_000):
        field.exchange(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * length + b"\r\n\r\n", 2)
    field.memory_figure("one huge header field", field.memory(), 5)


def bodies_without_token(field, size):
    """Bodies that are announced and sent but for their last byte."""
    count = 200 * size
    head = b"POST /v1/packets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    credentials = (b"", b"Authorization: Bearer pw_" + b"x" * 32 + b"\r\n")
    body = b" " * (MB - 1)
    with field.watch_memory() as memory:
        for number in range(count):
            try:
                connection = field.connect(seconds=1)
                connection.sendall(head + credentials[number % 2] + b"Content-Length: %d\r\n\r\n" % MB + body)
            except OSError:
                pass
    field.memory_figure(f"{count} bodies without a token", memory.peak, count)
    field.figure("bodies without a token: others are not served", int(not field.is_served("127.0.0.3")), 0)


def bodies_of_other_doors(field, size):
    count = 100 * size
    with field.watch_memory() as memory:
        for number in range(count):
            path = (b"/osmand", b"/", b"/owntracks", b"/overland", b"/healthz", b"/v1/positions", b"/nowhere")[number % 7]
            try:
                connection = field.connect(seconds=1)
                connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n" +
                                   b"x" * (MB - 2))
            except OSError:
                pass
    field.memory_figure(f"{count} chunked bodies at all paths", memory.peak, count)


def large_heads_of_unfinished_requests(field, size):
    """A large head, whose body stays below what is free, and ends but for its last bytes."""
    count = 1900 * size
    heads = [b"POST /osmand?" + b"q" * 15_700 + b" HTTP/1.1\r\nHost: x\r\n",
             b"POST /osmand HTTP/1.1\r\nHost: x\r\nUser-Agent: " + b"a" * 15_700 + b"\r\n"]
    with field.watch_memory() as memory:
        for number in range(count):
            try:
                connection = field.connect(f"127.0.4.{number % 2 + 1}", seconds=1)
                connection.sendall(heads[number // 2 % 2] + b"Content-Length: 4000\r\n\r\n" + b"x" * 3990)
            except OSError:
                pass
        time.sleep(0.5)
    field.memory_figure(f"{count} large heads of unfinished requests", memory.peak, count)


def smuggled_requests(field, _size):
    """A body that the server takes for a request, though the proxy before it took it for a body."""
    head = field.head(field.evil, 0).split(b"Content-Length")[0]
    hidden = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    codings = (b"xchunked", b"identity", b"chunked, identity", b'"chunked"', b"gzip, chunked", b"chunked;q=1", b"\x0bchunked",
               b"identity\r\nTransfer-Encoding: chunked", b"chunked\r\nTransfer-Encoding: chunked",
               b"chunked\r\nContent-Length: 5", b"chunked, chunked", b"", b"chunked,")
    requests = [head + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + body + hidden
                for coding in codings for body in (b"", b"0\r\n\r\n")]
    requests.append(head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    b"0\r\n\r\n" + hidden)
    smuggled = taken = 0
    for request in requests:
        answers, more = field.exchange_one(request)
        smuggled += more
        taken += bool(answers) and answers[0] < 300
    field.figure("unclear Transfer-Encoding: requests that only the server saw", smuggled, 0)
    field.figure("unclear Transfer-Encoding: a body was taken", taken, 0)
    hosts = [b"GET /v1/positions HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
    answers = [code for request in hosts for code in statuses(field.exchange(request, 0.5))]
    field.figure("two Host fields: answers other than 400", len([code for code in answers if code != 400]), 0)


def fields_in_trailers(field, _size):
    admin = field.server.admin_token.encode()
    request = (b"GET /v1/positions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer " +
               admin + b"\r\n\r\n")
    answers = statuses(field.exchange(request, 1))
    field.figure("a token in a trailer is believed", int(200 in answers), 0)
    with field.watch_memory() as memory:
        connection = field.connect(seconds=5)
        try:
            connection.sendall(field.head(field.evil, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"0\r\n")
            for _ in range(4000):
                connection.sendall(b"a:b\r\n" * 1000)
        except OSError:
            pass
    field.memory_figure("endless trailers", memory.peak, 1)


def tokens_longer_than_tokens(field, _size):
    long = "a" * 250_000
    body = ('{"device_id":"%s","location":"%s"}' % (long, "a" * 790_000)).encode()
    used = field.server_seconds()
    answers = [field.request("POST", path, body, {"Content-Type": "application/json"})[0] for path in ("/osmand", "/")]
    form = ("id=" + long + "&x=" + "a" * 700_000).encode()
    answers.append(field.request("POST", "/osmand", form, {"Content-Type": "application/x-www-form-urlencoded"})[0])
    field.figure("a token of 250 kB: accepted", len([code for code in answers if code < 400]), 0)
    field.figure("a token of 250 kB: processor time of three requests", field.server_seconds() - used, 0.5, "s", timed=True)
    field.memory_figure("a token of 250 kB", field.memory(), 1)


def guessed_tokens(field, size):
    count = 2000 * size
    answers = []

    def guess(number):
        for i in range(count // 4):
            answers.append(field.request("GET" if i % 2 else "POST", "/v1/positions" if i % 2 else "/v1/packets", None,
                                         {"Authorization": f"Bearer pw_{number:016}{i:016}"})[0])

    lines = len(field.server.log().splitlines())
    for thread in in_parallel(4, guess):
        thread.join()
    field.figure(f"{count} guessed tokens: taken", len([code for code in answers if code < 400]), 0)
    field.figure("guessed tokens: not slowed down", int(429 not in answers), 0)
    told = [line for line in field.server.log().splitlines()[lines:] if "level=" in line]
    field.figure("guessed tokens: lines in the log", len(told), 10)
    field.figure("guessed tokens: nobody is told", int(not told), 0)
    field.figure("guessed tokens: a device of the same address is refused", int(field.post(field.honest, b"[]")[0] >= 300), 0)
    field.memory_figure("guessed tokens", field.memory(), 4)


def served_soon(field, source):
    """Within some attempts: a new connection may say nothing for 250 ms before another one gets its seat."""
    end = time.monotonic() + 3
    while not field.is_served(source):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def connections_that_say_nothing(field, _size):
    """Of one address, as many as it gets."""
    held = 0
    for _ in range(int(field.server.env["PACKWALK_HTTP_CONNECTIONS_MAX"]) + 50):
        try:
            field.connect("127.0.0.2", seconds=2)
            held += 1
        except OSError:
            break
    field.figure(f"{held} silent connections: another address is not served", int(not served_soon(field, "127.0.0.9")), 0)
    many = [f"127.0.1.{number % 250 + 1}" for number in range(held)]
    for source in many:
        try:
            field.connect(source, seconds=2)
        except OSError:
            break
    field.figure("silent connections of 250 addresses: a new one is not served",
                 int(not served_soon(field, "127.0.2.1")), 0)
    field.memory_figure("silent connections", field.memory(), 2 * held)


def requests_that_never_end(field, _size):
    """Of two addresses, as many as they get, and of others that get the last seats: no new address finds one."""
    begun = (b"POST /osmand HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nid", b"G",
             b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
    seats = int(field.server.env["PACKWALK_HTTP_CONNECTIONS_MAX"])
    few = [f"127.0.5.{number % 36 + 10}" for number in range(seats // 10)]
    admitted = field.connect("127.0.5.1")
    admitted.sendall(field.head(field.honest, 2) + b"[")
    for number, source in enumerate(["127.0.5.1"] * (seats // 2 - 1) + ["127.0.5.2"] * (seats // 2) + few):
        try:
            field.connect(source, seconds=2).sendall(begun[number % len(begun)])
        except OSError:
            pass
    time.sleep(3)
    field.figure(f"{seats} unfinished requests: new addresses that are not served",
                 len([number for number in range(1, 9) if not field.is_served(f"127.0.6.{number}")]), 0)
    admitted.sendall(b"]")
    field.figure("unfinished requests: a device that sends slowly is cut off", int(statuses(admitted.recv(4096)) != [202]), 0)
    field.figure("unfinished requests: the process ended", int(not field.is_alive()), 0)


def seats_of_answers_that_nobody_reads(field, _size):
    """Of two addresses, as many connections as they get, and of others that get the last seats: each asks for large answers
    and reads none."""
    seats = int(field.server.env["PACKWALK_HTTP_CONNECTIONS_MAX"])
    few = [f"127.0.5.{number % 36 + 10}" for number in range(seats // 10)]
    for source in ["127.0.5.1"] * (seats // 2) + ["127.0.5.2"] * (seats // 2) + few:
        with contextlib.suppress(OSError):
            connection = field.connect(source, seconds=2, receive_bytes=4096)
            connection.setblocking(False)
            connection.send(b"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n" * 300)
    time.sleep(4)
    field.figure(f"{seats} unread answers: new addresses that are not served",
                 len([number for number in range(1, 9) if not field.is_served(f"127.0.6.{number}")]), 0)


def answers_that_nobody_reads(field, size):
    with field.watch_memory() as memory:
        for number in range(30 * size):
            connection = field.connect(f"127.0.3.{number % 200 + 1}", seconds=1, receive_bytes=4096)
            connection.setblocking(False)
            request = b"GET /nowhere" + b"x" * 4000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
            try:
                for _ in range(500):
                    connection.send(request)
            except OSError:
                pass
    field.memory_figure("requests whose answers nobody reads", memory.peak, 30 * size)


ATTACKS = [aligned_header_lines, one_huge_header_field, bodies_without_token, bodies_of_other_doors,
           large_heads_of_unfinished_requests, smuggled_requests, fields_in_trailers, tokens_longer_than_tokens,
           guessed_tokens, connections_that_say_nothing, requests_that_never_end,
           answers_that_nobody_reads, seats_of_answers_that_nobody_reads]
SETTINGS = {connections_that_say_nothing: {"PACKWALK_HTTP_CONNECTIONS_MAX": "200"},
            requests_that_never_end: {"PACKWALK_HTTP_CONNECTIONS_MAX": "400"},
            seats_of_answers_that_nobody_reads: {"PACKWALK_HTTP_CONNECTIONS_MAX": "200"}}
