"""Clients that are slow, half closed, hurried, or that lie about what they send."""
import json
import re
import resource
import select
import socket
import time
import unittest

import golden
from packwalk_process import BINARY_FORM, SLOWNESS, PackwalkTest, until

BODY = json.dumps(golden.TRACK_JSON).encode()


class ConnectionTest(PackwalkTest):
    ENV = None

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve(env=self.ENV)
        self.token = self.packwalk.add_device("rex")

    def head(self, length, more=""):
        return (f"POST /v1/packets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
                f"Content-Type: application/json\r\n" + (f"Content-Length: {length}\r\n" if length is not None else "")
                + more + "\r\n").encode()

    def answers(self, connection, count):
        """The status codes of the next `count` answers."""
        text = b""
        while True:
            statuses, rest = [], text
            while match := re.match(rb"HTTP/1\.1 (\d+) .*?Content-Length: (\d+).*?\r\n\r\n", rest, re.S):
                if len(rest) < match.end() + int(match[2]):
                    break
                statuses.append(int(match[1]))
                rest = rest[match.end() + int(match[2]):]
            if len(statuses) >= count:
                return statuses
            more = connection.recv(65536)
            if not more:
                return statuses
            text += more

    def statuses(self, request):
        """Those of everything that comes after `request`, to which nothing is added."""
        connection = self.open()
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d+) ", self.everything(connection))]

    def kept(self):
        return self.packwalk.get("/v1/devices/rex").json


class Whole(ConnectionTest):
    """Unusual, and right."""

    def test_half_closed_after_the_request(self):
        self.assertEqual([202], self.statuses(self.head(len(BODY)) + BODY))

    def test_byte_by_byte(self):
        connection = self.open()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in self.head(len(BODY)) + BODY:
            connection.sendall(bytes([byte]))
        self.assertEqual([202], self.answers(connection, 1))

    def test_chunked_byte_by_byte(self):
        for chunks in (b"0\r\n\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)):
            connection = self.open()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in self.head(None, "Transfer-Encoding: chunked\r\n") + chunks:
                connection.sendall(bytes([byte]))
            self.assertEqual([202 if BODY in chunks else 400], self.answers(connection, 1))
        self.assertIsNone(self.packwalk.process.poll())

    def test_pipelined(self):
        connection = self.open()
        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall((self.head(len(BODY)) + BODY + get) * 50)
        self.assertEqual([202, 200] * 50, self.answers(connection, 100))
        until(lambda: self.kept()["accepted_count"] + self.kept()["duplicate_count"] == 50, "all are kept")

    def test_pipelined_and_half_closed(self):
        self.assertEqual([202] * 20, self.statuses((self.head(len(BODY)) + BODY) * 20))

    def test_chunked(self):
        body = b"".join(b"%x;note=1\r\n%b\r\n" % (len(part), part) for part in (BODY[:1], BODY[1:50], BODY[50:]))
        connection = self.open()
        connection.sendall(self.head(None, "Transfer-Encoding: chunked\r\n") + body + b"0\r\nTrailer: x\r\n\r\n")
        self.assertEqual([202], self.answers(connection, 1))
        connection.sendall(self.head(len(BODY)) + BODY)
        self.assertEqual([202], self.answers(connection, 1))
        self.assertEqual(BODY, self.packwalk.messages_when("rex", 2)[0]["content"])

    def test_expect_100_continue(self):
        connection = self.open()
        connection.sendall(self.head(len(BODY), "Expect: 100-continue\r\n"))
        self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", connection.recv(1000))
        connection.sendall(BODY)
        self.assertEqual([202], self.answers(connection, 1))
        connection.sendall(self.head(len(BODY), "Expect: 100-continue\r\n") + BODY)
        self.assertEqual([202], self.answers(connection, 1), "who does not wait is not told to go on")
        large = self.open()
        large.sendall(self.head(2_000_000, "Expect: 100-continue\r\n"))
        self.assertEqual([413], self.answers(large, 1), "before a body is sent that is too large")

    def test_http_1_0_and_connection_close(self):
        for request in (b"GET /healthz HTTP/1.0\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
            connection = self.open()
            connection.sendall(request)
            text = self.everything(connection)
            self.assertTrue(text.startswith(b"HTTP/1.1 200 OK\r\n"), text)
            self.assertIn(b"\r\nConnection: close\r\n", text)


class Lies(ConnectionTest):
    def test_a_length_that_is_too_small(self):
        statuses = self.statuses(self.head(len(BODY) - 5) + BODY)
        self.assertEqual([400, 400], statuses, "the rest is no request")

    def test_a_length_that_is_too_great(self):
        self.assertEqual([], self.statuses(self.head(len(BODY) + 1) + BODY), "it never became a request")
        self.assertEqual(0, self.kept()["invalid_count"])

    def test_lengths_that_are_none(self):
        for length in ("-1", "x", "1e3", "99999999999999999999999", "0x10", "5 5", "5, 6"):
            self.assertEqual(400, self.statuses(self.head(length) + BODY)[0], length)

    def test_two_lengths(self):
        for more in ("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"):
            statuses = self.statuses(self.head(len(BODY), more) + BODY)
            self.assertEqual([400], statuses[:1], more)
            self.assertNotIn(202, statuses, more)

    def test_chunks_that_are_none(self):
        for body in (b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n"):
            statuses = self.statuses(self.head(None, "Transfer-Encoding: chunked\r\n") + body)
            self.assertIn(statuses[:1], ([400], [413]), body)

    def test_chunks_without_end(self):
        connection = self.open()
        connection.sendall(self.head(None, "Transfer-Encoding: chunked\r\n"))
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(40):
            connection.sendall(chunk)
        self.assertEqual([413], self.answers(connection, 1))

    def test_what_is_no_http(self):
        for request in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"hello\r\n\r\n", b"GET\r\n\r\n",
                        b"GET / HTTP/2.0\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"\x00" * 100,
                        b"GET /\x01 HTTP/1.1\r\n\r\n"):
            self.assertEqual([400], self.statuses(request), request)
        self.assertEqual([], self.statuses(b"PRI * HTTP"))

    def test_huge_headers(self):
        for more in ("X-Big: " + "x" * 20_000 + "\r\n", "X-Many: 1\r\n" * 5000):
            self.assertEqual([431], self.statuses(self.head(0, more))[:1])
        self.assertEqual([431], self.statuses(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n")[:1])
        self.assertEqual(202, self.packwalk.post(self.token, BODY).status)


class Endless(ConnectionTest):
    """What has no length that anybody told."""

    def test_a_chunks_extension_and_a_trailer(self):
        for beginning in (b"1;a=", b"1\r\nx\r\n0\r\na: "):
            connection = self.open()
            try:
                connection.sendall(self.head(None, "Transfer-Encoding: chunked\r\n") + beginning)
                for _ in range(64):
                    connection.sendall(b"a" * 65536)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertIn(b"HTTP/1.1 431 ", self.everything(connection))


class Head(ConnectionTest):
    """What is decided before a byte of the body is read."""

    NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    def memory(self):
        """KiB that the server holds."""
        with open(f"/proc/{self.packwalk.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def test_a_body_of_a_stranger_is_refused_before_it_comes(self):
        for path, code in (("/v1/packets", 401), ("/owntracks", 401), ("/overland/nobody", 401), ("/osmand/nobody", 401),
                           ("/nothing", 404), ("/healthz", 405)):
            for more in ("", "Authorization: Bearer nobody\r\n", "Expect: 100-continue\r\n"):
                connection = self.open()
                connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n{more}\r\n".encode())
                self.assertEqual([code], self.answers(connection, 1), (path, more))
                self.assertEqual(b"", self.everything(connection))
        positions = b"GET /v1/positions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        self.assertEqual([413], self.statuses(positions + self.NEXT), "the path takes no body, for any caller")

    def test_bodies_of_strangers_take_no_memory(self):
        before = self.memory()
        connections = []
        for head in (b"Content-Length: 1048576\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n"):
            for _ in range(100):
                connection = self.open()
                connection.sendall(b"POST /v1/packets HTTP/1.1\r\nHost: x\r\n" + head + b"x" * 1_000_000)
                connections.append(connection)
        for connection in connections:
            self.assertEqual([401], self.answers(connection, 1))
        self.assertLess(self.memory() - before, 32_000)

    def test_lines_that_end_where_a_read_ends_are_counted(self):
        before = self.memory()
        for line, more in ((b"a:\r\n", 2), (b"x" * 12 + b": \r\n", 1), (b"x" * 25 + b": abc\r\n", 3)):
            first = b"GET /healthz HTTP/1.1\r\n"
            first = b"GET /healthz?" + b"q" * ((4096 - more - len(first) - 1) % len(line)) + b" HTTP/1.1\r\n"
            connection = self.open()
            try:
                connection.sendall(first + line * (8_000_000 // len(line)))
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertIn(b"HTTP/1.1 431 ", self.everything(connection))
        self.assertLess(self.memory() - before, 32_000)

    def test_a_transfer_coding_that_is_not_known_ends_the_connection(self):
        for coding in ("xchunked", "identity", "chunked, identity", "gzip, chunked", '"chunked"', "chunked;q=1", ""):
            request = self.head(None, f"Transfer-Encoding: {coding}\r\n")
            self.assertEqual([400], self.statuses(request + self.NEXT), coding)
            request = self.head(len(BODY), f"Transfer-Encoding: {coding}\r\n")
            self.assertEqual([400], self.statuses(request + BODY + self.NEXT), coding)
        old = self.head(None, "Transfer-Encoding: chunked\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
        self.assertEqual([400], self.statuses(old + b"0\r\n\r\n" + self.NEXT))

    def test_a_trailer_is_no_header(self):
        request = (b"GET /v1/positions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                   b"Authorization: Bearer " + self.packwalk.admin_token.encode() + b"\r\n\r\n")
        self.assertEqual([401], self.statuses(request))
        body = b"%x\r\n%b\r\n0\r\nContent-Encoding: gzip\r\nContent-Type: text/x\r\n\r\n" % (len(BODY), BODY)
        self.assertEqual([202], self.statuses(self.head(None, "Transfer-Encoding: chunked\r\n") + body))

    def test_host(self):
        for hosts, code in (("", 400), ("Host: a\r\nHost: b\r\n", 400), ("Host: a b\r\n", 400), ("Host: a/b\r\n", 400),
                            ("Host: u@a\r\n", 400), ("Host: a:x\r\n", 400), ("Host: [::1]:80\r\n", 200)):
            request = f"GET /healthz HTTP/1.1\r\n{hosts}\r\n".encode()
            self.assertEqual([code] if code == 400 else [200, 200], self.statuses(request + self.NEXT), hosts)
        self.assertEqual([202], self.statuses(self.head(len(BODY)).replace(b"Host: x\r\n", b"") + BODY), "old firmware")
        two = self.head(len(BODY)).replace(b"Host: x\r\n", b"Host: x\r\nHost: x\r\n")
        self.assertEqual([400], self.statuses(two + BODY))

    def test_what_every_answer_says(self):
        for path in ("/healthz", "/nothing", "/v1/positions", "/v1/packets"):
            headers = self.packwalk.request("GET", path).headers
            self.assertEqual("no-store", headers["cache-control"])
            self.assertEqual("nosniff", headers["x-content-type-options"])
            self.assertEqual("no-referrer", headers["referrer-policy"])


class LargestHeader(ConnectionTest):
    ENV = {"PACKWALK_HTTP_HEADER_BYTES_MAX": "65000"}

    def test_is_smaller_than_what_the_parser_cannot_hold(self):
        server = self.server("other", env={"PACKWALK_HTTP_HEADER_BYTES_MAX": "65001"})
        with self.assertRaisesRegex(AssertionError, "65000"):
            server.start()

    def test_a_field_beyond_all_limits_ends_one_connection(self):
        for size in (64_000, 65_534, 65_535, 65_536, 200_000):
            request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * size + b"\r\n\r\n"
            self.assertEqual([200 if size == 64_000 else 431], self.statuses(request)[:1])
        self.assertEqual(202, self.packwalk.post(self.token, BODY).status)


class OneAddress(ConnectionTest):
    ENV = {"PACKWALK_HTTP_CONNECTIONS_MAX": "200"}

    def test_cannot_take_the_connections_of_others(self):
        for connection in [self.open("127.0.0.2") for _ in range(220)][-100:]:
            self.assertEqual(b"", self.everything(connection), "it has its share")
        self.assertEqual(200, self.packwalk.request("GET", "/healthz").status)
        for connection in [self.open("127.0.0.3") for _ in range(120)][-25:]:
            self.assertEqual(b"", self.everything(connection), "the last ones are for who has few")
        self.assertEqual(200, self.packwalk.request("GET", "/healthz").status)


class FailedLogIns(ConnectionTest):
    ENV = {"PACKWALK_HTTP_FAILED_LOG_INS_MAX": "1"}  # in a minute

    def test_are_limited_counted_and_logged(self):
        unknown = "pw_" + "x" * 32
        self.assertEqual(401, self.packwalk.post(unknown, BODY).status)
        refused = [self.packwalk.post(unknown, BODY) for _ in range(10)]
        self.assertEqual({429}, {answer.status for answer in refused})
        self.assertGreater(int(refused[0].headers["retry-after"]), 0)
        self.assertEqual(429, self.packwalk.request("GET", "/v1/positions").status)
        self.assertEqual(202, self.packwalk.post(self.token, BODY).status, "a good token from the same address")
        self.assertEqual(200, self.packwalk.get("/v1/positions").status)
        metrics = self.packwalk.metrics()
        self.assertEqual(1, metrics["packwalk_log_in_failures_total", frozenset({("cause", "unknown_token")})])
        self.assertEqual(11, metrics["packwalk_log_in_failures_total", frozenset({("cause", "too_many")})])
        lines = [line for line in self.packwalk.log().splitlines() if "event=refused" in line]
        self.assertEqual(3, len(lines), lines)
        self.assertIn("door=packets reason=unknown_token from=127.0.0.1 count=1", lines[0])
        self.assertIn("door=api reason=too_many from=127.0.0.1 count=1", lines[2])
        self.assertNotIn(unknown, self.packwalk.log())


class Slow(ConnectionTest):
    ENV = {"PACKWALK_HTTP_REQUEST_SECONDS_MAX": "1"}

    def drip(self, request, byte):
        """Sends `request`, then `byte` again and again, until the server has had enough."""
        connection = self.open()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        began = time.monotonic()
        while time.monotonic() - began < 10 * SLOWNESS:
            readable, _, _ = select.select([connection], [], [], 0.05)
            try:
                if readable and not connection.recv(1000):
                    return
                connection.sendall(byte)
                # Others are served meanwhile, at once.
                asked = time.monotonic()
                self.assertEqual(200, self.packwalk.request("GET", "/healthz").status)
                self.assertLess(time.monotonic() - asked, 1 * SLOWNESS)
            except (ConnectionResetError, BrokenPipeError):
                return
        self.fail(f"{request!r} {byte!r} could go on for ten seconds")

    def test_a_head_without_end(self):
        self.drip(b"POST /v1/packets HTTP/1.1\r\nX: ", b"x")

    def test_a_body_without_end(self):
        self.drip(self.head(1000), b" ")

    def test_empty_lines_before_the_request(self):
        self.drip(b"", b"\r\n")

    def test_a_first_letter_now_and_then(self):
        self.drip(b"", b"P")

    def test_many_at_once(self):
        slow = [self.open() for _ in range(200)]
        for connection in slow:
            connection.sendall(self.head(1000)[:-10])
        self.assertEqual(202, self.packwalk.post(self.token, BODY).status)
        for connection in slow:
            self.assertEqual(b"", self.everything(connection))


class Reader(ConnectionTest):
    ENV = {"PACKWALK_HTTP_WRITE_SECONDS_MAX": "1"}

    def test_who_does_not_read_is_cut_off(self):
        body = b"".join(golden.track_bytes(golden.START + i) for i in range(20_000))
        self.packwalk.post(self.token, body, BINARY_FORM)
        until(lambda: self.kept()["accepted_count"] == 20_000, "they are kept", 30)
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((self.packwalk.host, self.packwalk.port))
        request = (f"GET /v1/devices/rex/fixes?limit=10000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer"
                   f" {self.packwalk.admin_token}\r\n\r\n").encode()
        connection.sendall(request * 50)

        def is_cut_off():
            try:
                connection.send(b"")
                return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or not self.is_established(
                    connection)
            except OSError:
                return True

        until(is_cut_off, "the connection is closed", 15)
        self.assertEqual(202, self.packwalk.post(self.token, BODY).status)

    def is_established(self, connection):
        mine = "%04X" % connection.getsockname()[1]
        with open("/proc/net/tcp") as table:
            return any(line.split()[2].endswith(":" + mine) and line.split()[3] == "01" for line in table
                       if line.split()[1].endswith(":%04X" % self.packwalk.port))


class Idle(ConnectionTest):
    def test_a_thousand_while_others_are_served(self):
        idle = [self.open() for _ in range(1000)]
        for _ in range(5):
            asked = time.monotonic()
            self.assertEqual(202, self.packwalk.post(self.token, BODY).status)
            self.assertLess(time.monotonic() - asked, 2 * SLOWNESS)
        for connection in idle[::100]:
            connection.sendall(self.head(len(BODY)) + BODY)
            self.assertEqual([202], self.answers(connection, 1))


class FewFiles(PackwalkTest):
    """More connections than the process may open files."""

    def test_packets_are_kept_and_questions_answered(self):
        packwalk = self.serve(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
        token = packwalk.add_device("rex")
        idle = []
        for _ in range(200):
            idle.append(socket.create_connection((packwalk.host, packwalk.port), timeout=20))
            self.addCleanup(idle[-1].close)

        def ask(request, authorization):
            body = BODY if request.startswith("POST") else b""
            idle[0].sendall((f"{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {authorization}\r\n"
                             f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n").encode() + body)
            return int(idle[0].recv(10_000)[9:12])

        self.assertEqual(202, ask("POST /v1/packets", token), "the queue can still make a file")
        self.assertEqual(200, ask("GET /v1/devices/rex/messages", packwalk.admin_token), "and the database be opened")
        for connection in idle:
            connection.close()
        until(lambda: packwalk.post(token, BODY).status == 202, "the next are served")

    def test_a_low_limit_is_raised_as_far_as_it_goes(self):
        packwalk = self.serve(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096)))
        self.assertEqual((4096, 4096), resource.prlimit(packwalk.process.pid, resource.RLIMIT_NOFILE))


if __name__ == "__main__":
    unittest.main()
