"""Senders that keep a tally: what was sent how often, and how often it was confirmed."""
import collections
import itertools
import json
import random
import socket
import struct
import threading

import golden
from packwalk_process import BINARY_FORM, JSON, NDJSON

TRACK, ACTIVITY = 1, 2
EARLIEST = 1_500_000_000


class Tally:
    """Of all rounds. A key is (device, kind, timestamp); each is made once, and may be sent more often."""

    def __init__(self, devices):
        self.devices = devices  # [(id, token), ..]
        self.timestamps = itertools.count(EARLIEST)
        self.attempts = collections.Counter()
        self.confirmed = collections.Counter()
        self.unanswered = []  # requests whose answer was lost: sent again later, as a collar would
        self.lock = threading.Lock()

    def sent(self, keys):
        with self.lock:
            self.attempts.update(keys)

    def answered(self, keys):
        with self.lock:
            self.confirmed.update(keys)


class Request:
    def __init__(self, keys, type, body):
        self.keys, self.type, self.body = keys, type, body

    def bytes(self, token):
        return (f"POST /v1/packets HTTP/1.1\r\nHost: collar\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: {self.type}\r\nContent-Length: {len(self.body)}\r\n\r\n").encode() + self.body


def place_of(timestamp):
    """Exact in a float, so that every form says the same."""
    n = timestamp - EARLIEST
    return 32 + (n % 1024) / 64, -64 + (n // 1024 % 1024) / 64


def record(kind, timestamp):
    if kind == ACTIVITY:
        return golden.activity_bytes(timestamp, steps=timestamp % 1000)
    return golden.track_bytes(timestamp, *place_of(timestamp))


def packet(kind, timestamp):
    if kind == ACTIVITY:
        return {"type": "activity", "status": 1, "timestamp": timestamp, "activity": "walk", "steps": timestamp % 1000}
    lat, lon = place_of(timestamp)
    return golden.track(timestamp, lat, lon, altitude=40, accuracy=6)


def key_of(device, transport, content):
    """The key of a message as it is kept."""
    if transport == 1:
        kind, _, timestamp = struct.unpack_from("<BBi", content)
        return device, kind, timestamp
    one = json.loads(content)
    return device, TRACK if one["type"] == "track" else ACTIVITY, one["timestamp"]


class Sender(threading.Thread):
    """One connection that sends request after request until the server is gone."""

    def __init__(self, server, tally, seed, first_answer, batch=20):
        super().__init__(daemon=True)
        self.server, self.tally, self.first_answer, self.batch = server, tally, first_answer, batch
        self.random = random.Random(seed)
        self.device, self.token = self.random.choice(tally.devices)
        self.recent = []
        self.bad = None  # an answer that is neither 202 nor 503

    def request(self):
        choice = self.random.random()
        if choice < 0.1 and self.recent:
            return self.random.choice(self.recent)
        count = 1 if choice < 0.7 else self.random.randint(2, self.batch)
        pairs = [(self.random.choice((TRACK, ACTIVITY)), next(self.tally.timestamps)) for _ in range(count)]
        if choice > 0.95:
            pairs.append(pairs[0])  # twice in one request
        keys = [(self.device, *pair) for pair in pairs]
        if choice < 0.5:
            return Request(keys, BINARY_FORM, b"".join(record(*pair) for pair in pairs))
        packets = [packet(*pair) for pair in pairs]
        if choice < 0.6:
            return Request(keys, JSON, json.dumps(packets).encode())
        # Lines without a packet make the request large, so that the queue goes from file to file.
        blank = b" " * 200_000 + b"\n" if choice > 0.98 else b""
        return Request(keys, NDJSON, golden.ndjson(packets).encode() + blank)

    def lost_request(self):
        with self.tally.lock:
            mine = [lost for lost in self.tally.unanswered if lost.keys[0][0] == self.device]
            if not mine or self.random.random() < 0.5:
                return None
            self.tally.unanswered.remove(mine[0])
            return mine[0]

    def run(self):
        request = None
        try:
            with socket.create_connection((self.server.host, self.server.port), timeout=60) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while True:
                    request = self.lost_request() or self.request()
                    self.tally.sent(request.keys)
                    connection.sendall(request.bytes(self.token))
                    status = self.answer(connection)
                    if status == 202:
                        self.tally.answered(request.keys)
                        self.recent = self.recent[-9:] + [request]
                        self.first_answer.set()
                    elif status != 503:
                        self.bad = status
                        return
        except (ConnectionError, OSError):
            if request:
                with self.tally.lock:
                    self.tally.unanswered.append(request)

    def answer(self, connection):
        text = b""
        while True:
            head, end, body = text.partition(b"\r\n\r\n")
            if end and len(body) >= int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
                return int(head[9:12])
            more = connection.recv(65536)
            if not more:
                raise ConnectionError
            text += more


def check_embedded_tally(test, data, tally):
    """The same of a database in a data folder, which no server has open."""
    def rows_of(statement):
        return test.rows(data, statement)

    check_tally(test, rows_of, tally)
    test.assertEqual([("ok",)], rows_of("PRAGMA integrity_check"))


def count_messages(rows_of):
    """How many the database has of each key, how many of them accepted, and how many of each (device, verdict)."""
    kept, accepted, verdicts = collections.Counter(), collections.Counter(), collections.Counter()
    ids = dict(rows_of("SELECT number, id FROM devices"))
    for number, transport, verdict, content in rows_of("SELECT device, transport, verdict, content FROM messages"):
        key = key_of(ids[number], transport, content)
        kept[key] += 1
        accepted[key] += verdict == 0
        verdicts[ids[number], verdict] += 1
    return kept, accepted, verdicts


def lost(rows_of, tally):
    """The keys that were confirmed more often than the database has them."""
    kept, _, _ = count_messages(rows_of)
    return tally.confirmed - kept


def check_tally(test, rows_of, tally):
    """What the database must say after all of it; `rows_of` answers a statement."""
    kept, accepted, verdicts = count_messages(rows_of)
    ids = dict(rows_of("SELECT number, id FROM devices"))
    test.assertEqual({}, dict(tally.confirmed - kept), "confirmed and not kept")
    made = kept - tally.attempts
    test.assertEqual({}, dict(made), "kept more often than sent")
    test.assertEqual({1}, set(accepted.values()), "every key that is kept is accepted exactly once")
    rows = {(ids[number], TRACK, time) for number, time in rows_of("SELECT device, timestamp FROM fixes")}
    rows |= {(ids[number], ACTIVITY, time) for number, time in rows_of("SELECT device, timestamp FROM samples")}
    test.assertEqual(rows, set(accepted), "fixes and samples are the accepted packets")
    for number, fixes, samples, *others, last in rows_of(
            "SELECT device, fixes, samples, duplicates, conflicts, invalid, fix_timestamp FROM states"):
        device = ids[number]
        test.assertEqual([verdicts[device, verdict] for verdict in range(4)], [fixes + samples, *others], device)
        times = [time for id, kind, time in rows if id == device and kind == TRACK]
        test.assertEqual((len(times), max(times, default=None)), (fixes, last), device)


class SteadySender(threading.Thread):
    """Posts fixes of a device, each request with later ones, until it is told to stop or its token no longer counts."""

    def __init__(self, server, token, packets=50):
        super().__init__(daemon=True)  # a test that fails leaves it
        self.server, self.token, self.packets = server, token, packets
        self.stop, self.answers = False, []
        self.start()

    def run(self):
        second = golden.START
        while not self.stop:
            body = [golden.track(second + i, lat=48.7 + 1e-6 * i) for i in range(self.packets)]
            self.answers.append(self.server.post(self.token, body).status)
            second += self.packets
            if self.answers[-1] == 401:
                return
