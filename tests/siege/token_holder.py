"""Attacks of those who have the token of one device."""
import contextlib
import gzip
import os
import random
import struct
import time
import zlib

from .field import LONE_RECORD_DISK, MB, RECORD_DISK, UNREADABLE_KEPT, Honest, in_parallel, percentile

GZIP = {"Content-Encoding": "gzip"}
BINARY, NDJSON = "application/octet-stream", "application/x-ndjson"
# What the configuration grants (docs/production.md, "Memory"): store.cache_bytes, and two bodies of http.unpacked_bytes_max
# that are decoded at the same time, each with a buffer twice as large while it is unpacked.
CACHE = 64 * MB
DECODED = 2 * 3 * 8 * MB


def kept_bytes(field, id):
    """Of what the device sent and cannot be read."""
    return sum(len(message["content"]) for message in field.server.messages(id, "&verdict=invalid"))


def large_gzip(body):
    """A comment of its header makes it large enough that all of it may be unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = packer.compress(body) + packer.flush()
    comment = b"x" * (len(body) // 100)
    return (b"\x1f\x8b\x08\x10\0\0\0\0\0\x03" + comment + b"\0" + deflated +
            struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF))


def unreadable_bodies(field, size):
    """Small on the wire, large when unpacked, and not readable."""
    bombs = {
        "spaces": (b" ", b" ", "application/json"),
        "zeros": (b"\0", b"\0", "application/octet-stream"),
        "brackets": (b"[", b"[", "application/json"),
        "open text": (b'[{"type":"', b"A", "application/json"),
        "lines": (b"{\n", b"{" + b" " * 98 + b"\n", "application/x-ndjson"),
        "digits": (b'[{"timestamp":', b"9", "application/json"),
    }
    for name, (begin, unit, kind) in bombs.items():
        for form, bytes_unpacked, pack in (("small", 60_000, gzip.compress), ("large", 8_000_000, large_gzip)):
            id, body, answers = field.fresh_device(), begin + unit * (bytes_unpacked // len(unit)), []
            for _ in range(2 * size):
                answers.append(field.post(id, pack(body), kind, GZIP)[0])
            field.settle()
            kept = kept_bytes(field, id)
            field.figure(f"unreadable {form} gzip of {name}: bytes kept of each", kept / (2 * size), UNREADABLE_KEPT, "B")
            field.figure(f"unreadable {form} gzip of {name}: nothing was kept", int(kept == 0), 0)
            field.figure(f"unreadable {form} gzip of {name}: answers other than 400 and 503",
                         sum(answer not in (400, 503) for answer in answers), 0)
    id = field.fresh_device()
    answers = [field.post(id, gzip.compress(b" " * 8_388_608, 9), more=GZIP)[0] for _ in range(2 * size)]
    field.settle()
    field.figure("gzip that unpacks to a thousand times its size: answers other than 413 and 503",
                 sum(answer not in (413, 503) for answer in answers), 0)
    field.figure("gzip that unpacks to a thousand times its size: bytes kept", kept_bytes(field, id), 0, "B")
    id = field.fresh_device()
    field.post(id, os.urandom(MB), "application/json")
    field.post(id, os.urandom(MB), "application/json", GZIP)
    field.post(id, zlib.compress(b" " * 100), "application/json", GZIP)
    field.settle()
    field.figure("unreadable plain bodies of 1 MiB: bytes kept of three", kept_bytes(field, id), 3 * UNREADABLE_KEPT, "B")
    field.figure("unreadable plain bodies of 1 MiB: nothing was kept", int(kept_bytes(field, id) == 0), 0)
    field.memory_figure("unreadable bodies", field.memory(), 1)


def patience(field, size):
    """The p99 in seconds that an honest device bears: of what it waits for in peace, as the machine may be busy."""
    honest = Honest(field)
    time.sleep(2 * size)
    seconds, _ = honest.end()
    return max(0.05, 10 * percentile(seconds, 0.99))


def bodies_that_take_long(field, size):
    """Others notice when a body is unpacked and decoded where they are served."""
    bodies = {
        "4 million numbers": b'[{"a":[' + b",".join([b"1"] * 4_000_000) + b"]}]",
        "2.7 million packets": b"[" + b",".join([b"{}"] * 2_700_000) + b"]",
        "100,000 packets": b"[" + b",".join([b"{}"] * 99_999) + b"]",
    }
    bound = patience(field, size)
    for name, body in bodies.items():
        packed, done, answers = large_gzip(body), [], []
        ids = [field.fresh_device() for _ in range(6)]

        def send(number, packed=packed, done=done, answers=answers, ids=ids):
            while not done:
                answers.append(field.post(ids[number], packed, more=GZIP)[0])

        with field.watch_memory() as memory:
            honest = Honest(field)
            threads = in_parallel(6, send)
            time.sleep(3 * size)
            done.append(True)
            seconds, counts = honest.end()
            for thread in threads:
                thread.join()
        field.figure(f"gzip of {name}: p99 of an honest device", percentile(seconds, 0.99), bound, "s", timed=True)
        field.figure(f"gzip of {name}: honest packets refused", sum(counts.values()) - counts.get(202, 0), 0, timed=True)
        field.figure(f"gzip of {name}: none was decoded", int(all(answer == 503 for answer in answers)), 0)
        field.figure(f"gzip of {name}: answers of 503", answers.count(503), 0)
        field.memory_figure(f"gzip of {name}", memory.peak, 8, DECODED)


def answers_larger_than_requests(field, size):
    packed = gzip.compress(b"[" + b",".join([b"{}"] * 99_999) + b"]", 9)
    _, answer = field.post(field.evil, packed, more=GZIP)
    field.figure("bytes of the answer to 332 bytes", len(answer), 16 * 1024, "B")
    names = b"[" + b",".join(b'{"type":"' + b"%06d" % i + b"x" * 80 + b'"}' for i in range(8000)) + b"]"
    _, answer = field.post(field.evil, names)
    field.figure("bytes of the answer to 8,000 different flaws", len(answer), len(names), "B")
    request = field.head(field.evil, len(packed), "Content-Encoding: gzip\r\n") + packed
    with field.watch_memory() as memory:
        for _ in range(40 * size):
            connection = field.connect(receive_bytes=4096)
            connection.sendall(request)
        time.sleep(1)
    field.memory_figure("answers that nobody reads", memory.peak, 40 * size)


def records(first, count, step=1, move=0.0, chance=None):
    """Binary; `chance` puts them anywhere."""
    def place(i):
        return (chance.uniform(-80, 80), chance.uniform(-180, 180)) if chance else (10 + move * i, 20)

    return b"".join(struct.pack("<BBiffbB", 1, 1, first + i * step, *place(i), 5, 4) for i in range(count))


def counted(size):
    """Records of packets.device_day_max that a valid packet of so many bytes counts as: src/app/ingest/disk_records.h."""
    if size <= 150:
        return 1
    row = size + 60
    disk = 105 + size + size // 4 if row <= 1002 else 105 + 489 + 489 // 4 + 4096 * -(-(row - 489) // 4092)
    return -(-disk // 150)


def padded(first, count, size, digits=0):
    """Valid packets of so many bytes each, as NDJSON; so many random digits keep gzip from making too little of them."""
    lines = []
    for i in range(count):
        line = b'{"type":"track","timestamp":%d,"lat":10,"lon":20,"a":"' % (first + i)
        line += os.urandom(digits // 2).hex().encode()
        lines.append(line + b"x" * (size - len(line) - 2) + b'"}')
    return b"\n".join(lines)


def disk_of(field, name, bodies, bound=RECORD_DISK + 1):  # the database has whole pages
    """What each counted record takes of the disk: `bodies` are (how many, body, kind of content, headers)."""
    before, count = field.disk(), 0
    for records_of_body, body, kind, headers in bodies:
        status, _ = field.post(field.evil, body, kind, headers)
        count += records_of_body if status == 202 else 0
    with field.watch_memory() as memory:
        field.settle()
    field.memory_figure(name, memory.peak, 2, CACHE)
    field.server.stop()
    field.figure(f"{name}: disk of each counted record", (field.disk() - before) / max(count, 1), bound, "B")
    field.figure(f"{name}: none was taken", int(count == 0), 0)
    field.start_again()


def floods_of_records(field, size):
    """Valid records: what each takes on disk, and how many a day brings."""
    disk_of(field, "valid records", ((5000, records(1_500_000_000 + number * 5000, 5000), BINARY, {})
                                     for number in range(10 * size)))


def padded_records(field, size):
    """Valid packets with bytes that nobody reads: from some 1,000 bytes on each has a page of the database for itself."""
    first = 1_500_000_000
    for length in (276, 600, 940, 960, 992, 1000, 1022, 1100, 5000, 8000):
        bodies = []
        for _ in range(4 * size):
            body, first = padded(first, 600_000 // length, length), first + 600_000 // length
            bodies.append((600_000 // length * counted(length), body, NDJSON, {}))
        disk_of(field, f"valid packets of {length} bytes", bodies)
    packed = [(1000 * counted(1000), gzip.compress(padded(first + i * 1000, 1000, 1000, 100)), NDJSON, GZIP) for i in range(2 * size)]
    disk_of(field, "valid packets of 1000 bytes in gzip", packed)


def records_without_end(field, size):
    """One track whose fixes lie just close enough, each in a quarter of an hour of its own."""
    disk_of(field, f"a track of {20_000 * size} fixes",
            ((5000, records(1_420_070_400 + number * 5000 * 599, 5000, 599, 1e-5), BINARY, {})
             for number in range(4 * size)))


def records_alone(field, size):
    """Fixes so far apart that each is a track, in a place of its own."""
    chance = random.Random(1)
    for name, place in (("on a line", None), ("anywhere", chance)):
        first = 1_420_070_400 if place else 1_500_000_000
        disk_of(field, f"fixes alone {name}", ((2000, records(first + number * 2000 * 601, 2000, 601, 1e-5, place), BINARY, {})
                                             for number in range(4 * size)), LONE_RECORD_DISK)


def more_records_than_a_day_has(field, _size):
    day_max = int(field.server.env["PACKWALK_PACKETS_DEVICE_DAY_MAX"])
    answers = [field.post(field.evil, records(1_500_000_000 + i * 100, 100), "application/octet-stream")[0]
               for i in range(day_max // 100 + 5)]
    taken = 100 * answers.count(202)
    field.figure("records of one device and day that are taken", taken, day_max)
    field.figure("records beyond the limit: answers other than 503", len(answers) - answers.count(202) - answers.count(503), 0)
    field.figure("records beyond the limit: another device is refused",
                 int(field.post(field.honest, records(1_500_000_000, 1), "application/octet-stream")[0] != 202), 0)


def a_full_queue(field, size):
    """One device sends as much as it can; others still are taken."""
    bound, done = patience(field, size), []

    def send(number):
        for i in range(1000):
            if done:
                return
            field.post(field.evil, records(1_500_000_000 + (number * 1000 + i) * 2000, 2000), "application/octet-stream")

    with field.watch_memory() as memory:
        honest = Honest(field)
        threads = in_parallel(8, send)
        time.sleep(3 * size)
        seconds, counts = honest.end()
        done.append(True)
        for thread in threads:
            thread.join()
    field.memory_figure("a flood of records", memory.peak, 8, CACHE)
    field.figure("a flood of records: honest packets refused", sum(counts.values()) - counts.get(202, 0), 0)
    field.figure("a flood of records: no honest packet was taken", int(counts.get(202, 0) == 0), 0)
    field.figure("a flood of records: p99 of an honest device", percentile(seconds, 0.99), bound, "s", timed=True)


def bodies_that_never_end(field, _size):
    """Four tokens, shown from two addresses, each hold as much as a request may, but for its last byte."""
    bytes_max = 8_388_608  # http.unpacked_bytes_max
    for number in range(4):
        head = (f"POST /overland HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {field.tokens[field.fresh_device()]}\r\n"
                f"Content-Length: {bytes_max}\r\n\r\n").encode()
        with contextlib.suppress(OSError):  # the last ones are refused
            field.connect(f"127.0.0.{2 + number % 2}").sendall(head + b" " * (bytes_max - 1))
    answers = [field.post(field.honest, records(1_500_000_000 + number * 4000, 4000), BINARY)[0] for number in range(10)]
    field.hang_up()
    field.figure("four bodies that never end: honest bodies of 64 kB refused", len(answers) - answers.count(202), 0)


def seats_of_requests_that_never_end(field, _size):
    """One token, from two addresses with as many connections as they get, and from others that get the last seats."""
    seats = int(field.server.env["PACKWALK_HTTP_CONNECTIONS_MAX"])
    few = [f"127.0.5.{number % 36 + 10}" for number in range(seats // 10)]
    slow = field.connect("127.0.5.1")
    slow.sendall(field.head(field.honest, 2) + b"[")
    for source in ["127.0.5.1"] * (seats // 2 - 1) + ["127.0.5.2"] * (seats // 2) + few:
        with contextlib.suppress(OSError):
            field.connect(source, seconds=2).sendall(field.head(field.evil, 1000) + b"[")
    time.sleep(4)
    field.figure(f"{seats} unfinished requests with one token: new addresses that are not served",
                 len([number for number in range(1, 9) if not field.is_served(f"127.0.6.{number}")]), 0)
    slow.sendall(b"]")
    field.figure("unfinished requests with one token: another device that sends slowly is cut off",
                 int(not slow.recv(4096).startswith(b"HTTP/1.1 202")), 0)


ATTACKS = [bodies_that_never_end, seats_of_requests_that_never_end, unreadable_bodies, bodies_that_take_long, answers_larger_than_requests, floods_of_records,
           padded_records, records_without_end, records_alone, more_records_than_a_day_has, a_full_queue]
MANY = {"PACKWALK_PACKETS_DEVICE_DAY_MAX": "0"}
SETTINGS = {more_records_than_a_day_has: {"PACKWALK_PACKETS_DEVICE_DAY_MAX": "1000"}, floods_of_records: MANY,
            seats_of_requests_that_never_end: {"PACKWALK_HTTP_CONNECTIONS_MAX": "200"},
            padded_records: MANY, records_without_end: MANY, bodies_that_never_end: MANY, records_alone: MANY, a_full_queue: MANY,
            bodies_that_take_long: MANY | {"PACKWALK_PACKETS_DEVICE_UNREADABLE_MAX": "0"}}
