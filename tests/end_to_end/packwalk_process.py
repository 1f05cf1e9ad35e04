"""Runs the real binary for a test: a server on a folder of its own, devices, requests. Nothing outlives the test.

The binary is $PACKWALK_BINARY, else the release build; PACKWALK_SLOWNESS stretches deadlines (a sanitizer build is slower).
"""
import base64
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools"))  # where the package `servers` is
BINARY = os.environ.get("PACKWALK_BINARY", str(ROOT / "build/release/packwalk"))
SLOWNESS = float(os.environ.get("PACKWALK_SLOWNESS", "1"))
JSON = "application/json"
NDJSON = "application/x-ndjson"
BINARY_FORM = "application/octet-stream"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def environment(extra=None):
    """The environment without settings of Packwalk, which are not the test's, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PACKWALK_")}
    return kept | (extra or {})


def run(*arguments, env=None, seconds=60, before_exec=None):
    """Runs the binary to its end."""
    def prepare():
        die_with_parent()
        if before_exec:
            before_exec()

    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, env=environment(env),
                          timeout=seconds * SLOWNESS, preexec_fn=prepare)


def until(condition, what, seconds=60):
    """Polls until `condition` gives something true, which it returns; fails the test after a deadline, which a busy machine
    must not reach."""
    deadline = time.monotonic() + seconds * SLOWNESS
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)


def bearer(token):
    return {"Authorization": "Bearer " + token}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Answer:
    """What came back: `status`, `headers` (names in small letters), `body`, and `json` of the body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.headers.get("content-type")

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]!r}"


class Unanswered(AssertionError):
    """A query that a server did not answer with 200."""


class Server:
    """`packwalk serve`, or one role alone, on a data folder, with a free port."""

    def __init__(self, data, env=None, arguments=(), before_exec=None, role="serve"):
        self.data, self.role = pathlib.Path(data), role
        self.env, self.arguments, self.before_exec = env, arguments, before_exec
        self.log_path = self.data.with_name(self.data.name + ".log")
        self.process = None

    def start(self, address="127.0.0.1:0"):
        listen = self.data / "listen"
        listen.unlink(missing_ok=True)  # of a server that was killed

        def prepare():
            die_with_parent()
            if self.before_exec:
                self.before_exec()

        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, self.role, "--data", str(self.data), "--listen", address, *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prepare,
                env=environment({"PACKWALK_OPS_LISTEN": "127.0.0.1:0"} | (self.env or {})))

        def listens_at():
            if self.process.poll() is not None:
                raise AssertionError(self.role + " ended at once: " + self.log())
            return listen.read_text().strip() if listen.exists() else None

        self.host, port = until(listens_at, self.role + " listens").rsplit(":", 1)
        self.port = int(port)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self, seconds=30):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds * SLOWNESS)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    @property
    def admin_token(self):
        return (self.data / "admin.token").read_text().strip()

    def connect(self, seconds=20):
        return http.client.HTTPConnection(self.host, self.port, timeout=seconds * SLOWNESS)

    def request(self, method, path, body=None, headers=None, connection=None):
        one = connection or self.connect()
        try:
            one.request(method, path, body=body, headers=headers or {})
            return Answer(one.getresponse())
        finally:
            if connection is None:
                one.close()

    def post(self, token, body, type=JSON, headers=None, path="/v1/packets"):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        return self.request("POST", path, body, {"Content-Type": type} | bearer(token) | (headers or {}))

    def get(self, path, headers=None):
        """As the administrator."""
        return self.request("GET", path, headers=bearer(self.admin_token) | (headers or {}))

    def add_device(self, id):
        added = run("device", "add", id, "--data", self.data)
        if added.returncode != 0:
            raise AssertionError(added.stderr)
        return added.stdout.strip()

    def add_devices(self, count, prefix="dog-"):
        """[(id, token), ..]"""
        added = run("device", "add", "--count", count, "--prefix", prefix, "--data", self.data)
        if added.returncode != 0:
            raise AssertionError(added.stderr)
        return [tuple(line.split(",")) for line in added.stdout.split()]

    def messages(self, id, query=""):
        """All messages of a device, in the order of arrival, with `content` decoded."""
        found, cursor = [], ""
        while True:
            answer = self.get(f"/v1/devices/{id}/messages?limit=1000{query}{cursor}")
            if answer.status != 200:
                raise Unanswered(answer)
            page = answer.json
            found += page["messages"]
            if page["next"] is None:
                break
            cursor = "&cursor=" + page["next"]
        return [message | {"content": base64.b64decode(message["content"])} for message in found]

    def messages_when(self, id, count, query=""):
        """The same, when there are at least `count`; a server that answers 503 meanwhile is asked again."""
        def found():
            with contextlib.suppress(Unanswered):
                messages = self.messages(id, query)
                return messages if len(messages) >= count else None

        return until(found, f"{count} messages of {id}")

    def ops(self, path):
        """What the listener for operators answers to GET."""
        host, port = (self.data / "ops.listen").read_text().strip().rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=20 * SLOWNESS)
        try:
            return self.request("GET", path, connection=connection)
        finally:
            connection.close()

    def metrics(self):
        """{(name, frozenset of labels): value}; raises on what is not Prometheus's text form."""
        return parse_metrics(self.ops("/metrics").body.decode())


def parse_metrics(text):
    values = {}
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        if not line or line.startswith("#"):
            continue
        name_and_labels, value = line.rsplit(" ", 1)
        name, _, labels = name_and_labels.partition("{")
        family = name
        for suffix in ("_bucket", "_sum", "_count"):
            if name.endswith(suffix) and name[:-len(suffix)] in typed:
                family = name[:-len(suffix)]
        if family not in typed:
            raise ValueError("no TYPE of " + name)
        pairs = frozenset(tuple(label.split("=", 1)) for label in labels.rstrip("}").split(",") if label)
        values[name, frozenset((label, quoted.strip('"')) for label, quoted in pairs)] = float(value)
    return values


class PackwalkTest(unittest.TestCase):
    """Gives each test a folder, and ends the servers that it started."""

    longMessage = True
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def server(self, name="data", **options):
        """A server, not started."""
        server = Server(self.folder / name, **options)
        server.data.mkdir(exist_ok=True)
        self.addCleanup(server.kill)
        return server

    def serve(self, **options):
        return self.server(**options).start()

    def open(self, source=""):
        """A connection to self.packwalk, from an address of this machine, that ends with the test."""
        connection = socket.create_connection((self.packwalk.host, self.packwalk.port), 20 * SLOWNESS, (source, 0))
        self.addCleanup(connection.close)
        return connection

    def everything(self, connection):
        """What the server sends until it closes."""
        text = b""
        while True:
            try:
                more = connection.recv(65536)
            except ConnectionResetError:
                return text
            if not more:
                return text
            text += more

    def assert_problem(self, answer, status, *parts):
        """An RFC 9457 document whose detail has each of `parts` in it."""
        self.assertEqual(status, answer.status, answer)
        self.assertEqual("application/problem+json", answer.type)
        problem = answer.json
        self.assertEqual(status, problem["status"])
        self.assertEqual("/problems/" + problem["code"], problem["type"])
        self.assertTrue(problem["title"])
        for part in parts:
            self.assertIn(part, problem["detail"])
        return problem

    def rows(self, data, statement, *values):
        """What a database says that no server has open any more, or that one is writing to."""
        connection = sqlite3.connect(f"file:{data}/packwalk.db?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()
