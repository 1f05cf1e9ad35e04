"""What an attack works with: a server of its own, raw connections to it, and its memory and disk."""
import contextlib
import dataclasses
import http.client
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "end_to_end"))

from packwalk_process import Server, bearer, until  # noqa: E402

MB = 1024 * 1024
IDLE_MEMORY_MORE = 64 * MB
CONNECTION_MEMORY = 16 * 1024
UNREADABLE_KEPT = 64 * 1024
RECORD_DISK = 150
LONE_RECORD_DISK = 220  # of a fix that is a track of its own: docs/formats.md


@dataclasses.dataclass
class Figure:
    """What was measured, and the greatest value that is allowed."""

    name: str
    value: float
    bound: float
    unit: str = ""
    timed: bool = False  # depends on how busy the machine is, so it is measured by hand only

    @property
    def holds(self):
        return self.value <= self.bound

    def __str__(self):
        sign = "ok  " if self.holds else "OVER"
        return f"{sign}  {self.name:<66} {self.value:>14,.6g} <= {self.bound:<14,.6g} {self.unit}"


class Field:
    """A server for one attack. `proxy` (of proxies.PROXIES) is put before it, and attacked in its place."""

    def __init__(self, env=None, proxy=None, devices=10):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-siege-"))
        self.server = Server(self.folder / "data", env=env)
        self.server.data.mkdir()
        self.proxy = None
        self.open_connections = []
        self.figures = []
        try:
            self.server.start()
            self.tokens = dict(self.server.add_devices(devices, "dog-"))
            self.evil, self.honest = list(self.tokens)[:2]
            self.address = (self.server.host, self.server.port)
            if proxy:
                self.proxy = proxy(self.folder / "proxy", self.address)
                self.proxy.start()
                self.proxy.wait()
                self.address = ("127.0.0.1", self.proxy.port)
            for id in self.tokens:  # all is warm: the database, the directory, each thread's heap
                self.post(id, b'{"type":"track","status":1,"timestamp":1590000000,"lat":1,"lon":2}')
            self.idle_memory = self.memory()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.hang_up()
        if self.proxy:
            self.proxy.kill()
        self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_again(self):
        """After the server was stopped; it has another port then."""
        self.server.start()
        self.address = (self.server.host, self.server.port)

    def fresh_device(self):
        """One that nothing is counted of yet."""
        [(id, token)] = dict(self.server.add_devices(1, f"fresh-{len(self.tokens)}-")).items()
        self.tokens[id] = token
        self.post(id, b'{"type":"track","status":1,"timestamp":1590000000,"lat":1,"lon":2}')
        return id

    # What is measured

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        return 0

    def server_seconds(self):
        """Of the processor, since it started."""
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def disk(self):
        """Of the database without its log, which has a bound of its own, of what waits, and of the pages that the database has
        emptied and fills again first."""
        with contextlib.closing(sqlite3.connect(f"file:{self.server.data}/packwalk.db?mode=ro", uri=True)) as database:
            page, empty = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "freelist_count"))
        return sum(path.stat().st_size for path in self.server.data.rglob("*")
                   if path.is_file() and not path.name.endswith(("-wal", "-shm", ".journal"))) - page * empty

    def is_alive(self):
        return self.server.process.poll() is None

    def figure(self, name, value, bound, unit="", timed=False):
        self.figures.append(Figure(name, value, bound, unit, timed))

    def memory_figure(self, name, peak, connections=0, more=0):
        """`more`: bytes that the configuration grants to this attack, beyond the general limit."""
        self.figure(name + ": memory beyond idle", max(peak - self.idle_memory, 0) / MB,
                    (IDLE_MEMORY_MORE + connections * CONNECTION_MEMORY + more) / MB, "MB")
        self.figure(name + ": the process ended", int(not self.is_alive()), 0)

    def watch_memory(self):
        return PeakMemory(self)

    # What is sent

    def connect(self, source=None, seconds=30, receive_bytes=None):
        connection = socket.socket()
        if receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(seconds)
        if source:
            connection.bind((source, 0))
        connection.connect(self.address)
        self.open_connections.append(connection)
        return connection

    def hang_up(self):
        for connection in self.open_connections:
            connection.close()
        self.open_connections.clear()

    def exchange(self, data, seconds=5, end=False):
        """All that comes after `data`, until the server closes or nothing comes for a while."""
        connection = self.connect(seconds=seconds)
        received = b""
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                received += more
        except OSError:
            pass
        connection.close()
        return received

    def answered_requests(self):
        """By the server, without those that only this class and a proxy send, for themselves."""
        return sum(value for (name, labels), value in self.server.metrics().items()
                   if name == "packwalk_http_requests_total" and dict(labels)["route"] not in ("/metrics", "/readyz"))

    def exchange_one(self, data):
        """The answers to `data`, which is one request; and how many more requests the server found in it than the proxy
        before it did."""
        answered, passed_on = self.answered_requests(), self.proxy.requests() if self.proxy else 0
        answers = statuses(self.exchange(data, 0.5))
        answered = self.answered_requests() - answered
        if not self.proxy:
            return answers, max(answered - 1, 0)
        end = time.monotonic() + 5
        while (more := answered - (self.proxy.requests() - passed_on)) > 0 and time.monotonic() < end:
            time.sleep(0.01)  # it notes a request when it is done with it
        return answers, max(more, 0)

    def request(self, method, path, body=None, headers=None, seconds=60):
        connection = http.client.HTTPConnection(*self.address, timeout=seconds)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, id, body, kind="application/json", more=None, path="/v1/packets"):
        return self.request("POST", path, body, bearer(self.tokens[id]) | {"Content-Type": kind} | (more or {}))

    def head(self, id, size, more=""):
        return (f"POST /v1/packets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.tokens[id]}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {size}\r\n{more}\r\n").encode()

    def settle(self):
        """Until nothing waits for ingest or analysis."""
        def stale_windows():
            with contextlib.closing(sqlite3.connect(f"file:{self.server.data}/packwalk.db?mode=ro", uri=True)) as database:
                return database.execute("SELECT count(*) FROM stale_windows").fetchone()[0]

        until(lambda: self.server.metrics()["packwalk_queue_messages", frozenset()] == 0, "all is committed", 60)
        until(lambda: stale_windows() == 0, "all is derived", 600)

    def is_served(self, source=None):
        """Whether somebody else is answered."""
        try:
            connection = self.connect(source, seconds=10)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


class PeakMemory:
    """The greatest memory of the server while this is open."""

    def __init__(self, field):
        self.field, self.peak, self.done = field, field.memory(), threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.done.wait(0.02):
            if self.field.is_alive():
                self.peak = max(self.peak, self.field.memory())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        if self.field.is_alive():
            self.peak = max(self.peak, self.field.memory())


def statuses(received):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d+) ", received)]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class Honest:
    """A device that sends a packet now and then, in a process of its own; how long its answers take."""

    def __init__(self, field):
        self.field = field
        self.reader, writer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.reader)
            self._send(os.fdopen(writer, "w", buffering=1))
            os._exit(0)
        os.close(writer)

    def _send(self, out):
        clock = 1_600_000_001
        while True:
            body = b'{"type":"track","status":1,"timestamp":%d,"lat":1,"lon":2}' % clock
            began = time.monotonic()
            try:
                status = self.field.post(self.field.honest, body)[0]
            except OSError:
                status = 0
            out.write(f"{time.monotonic() - began} {status}\n")
            clock += 1
            time.sleep(0.01)

    def end(self):
        """([seconds of each answer], {status: count})"""
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)
        with os.fdopen(self.reader) as lines:
            rows = [line.split() for line in lines if line.endswith("\n")]
        counts = {}
        for _, status in rows:
            counts[int(status)] = counts.get(int(status), 0) + 1
        return [float(seconds) for seconds, _ in rows], counts


def in_parallel(count, work):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


__all__ = ["Field", "Figure", "Honest", "LONE_RECORD_DISK", "MB", "RECORD_DISK", "UNREADABLE_KEPT", "bearer", "in_parallel", "percentile",
           "statuses", "until"]
