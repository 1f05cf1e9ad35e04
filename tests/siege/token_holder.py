"""Attacks of those who have the token of one device."""
import gzip
import os
import struct
import time
import zlib

from .field import MB, RECORD_DISK, UNREADABLE_KEPT, Honest, in_parallel, percentile

GZIP = {"Content-Encoding": "gzip"}
OVERHEAD = 2048  # of one kept message: its row, its indexes


def kept_bytes(field):
    """Of the contents of the device's messages."""
    return sum(len(message["content"]) for message in field.server.messages(field.evil))


def unreadable_bodies(field, size):
    """Small on the wire, large when unpacked, and not readable."""
    bombs = {
        "spaces": (b" " * 8_388_608, "application/json"),
        "zeros": (b"\0" * 8_388_608, "application/octet-stream"),
        "brackets": (b"[" * 8_388_000, "application/json"),
        "open text": (b'[{"type":"' + b"A" * 8_000_000, "application/json"),
        "lines": (b"{\n" * 4_190_000, "application/x-ndjson"),
        "digits": (b'[{"timestamp":' + b"9" * 8_000_000 + b"}]", "application/json"),
    }
    for name, (body, kind) in bombs.items():
        before, sent = kept_bytes(field), 2 * size
        for _ in range(sent):
            field.post(field.evil, gzip.compress(body, 9), kind, GZIP)
        field.settle()
        field.figure(f"unreadable gzip of {name}: bytes kept of each", (kept_bytes(field) - before) / sent, UNREADABLE_KEPT, "B")
    before = kept_bytes(field)
    field.post(field.evil, os.urandom(MB), "application/json")
    field.post(field.evil, os.urandom(MB), "application/json", GZIP)
    field.post(field.evil, zlib.compress(b" " * 100), "application/json", GZIP)
    field.settle()
    field.figure("unreadable plain bodies of 1 MiB: bytes kept of three", kept_bytes(field) - before, 3 * UNREADABLE_KEPT, "B")
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
        packed, done = gzip.compress(body, 9), []

        def send(_number, packed=packed, done=done):
            while not done:
                field.post(field.evil, packed, more=GZIP)

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
        field.memory_figure(f"gzip of {name}", memory.peak, 8)


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


def records(first, count, step=1, move=0.0):
    return b"".join(struct.pack("<BBiffbB", 1, 1, first + i * step, 10 + move * i, 20, 5, 4) for i in range(count))


def floods_of_records(field, size):
    """Valid records: what each takes on disk, and how many a day brings."""
    before, count = field.disk(), 0
    for number in range(10 * size):
        body = records(1_500_000_000 + number * 5000, 5000)
        status, _ = field.post(field.evil, body, "application/octet-stream")
        count += 5000 if status == 202 else 0
    field.settle()
    field.server.stop()
    field.figure("valid records: disk of each", (field.disk() - before) / max(count, 1), RECORD_DISK, "B")
    field.server.start()


def records_without_end(field, size):
    """One track whose fixes lie just close enough, each in a quarter of an hour of its own."""
    before, count = field.disk(), 0
    for number in range(4 * size):
        body = records(1_420_070_400 + number * 5000 * 599, 5000, 599, 1e-5)
        status, _ = field.post(field.evil, body, "application/octet-stream")
        count += 5000 if status == 202 else 0
    with field.watch_memory() as memory:
        field.settle()
    field.memory_figure(f"a track of {count} fixes", memory.peak, 2)
    field.server.stop()
    field.figure(f"a track of {count} fixes: disk of each", (field.disk() - before) / max(count, 1), RECORD_DISK, "B")
    field.server.start()


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

    honest = Honest(field)
    threads = in_parallel(8, send)
    time.sleep(3 * size)
    seconds, counts = honest.end()
    done.append(True)
    for thread in threads:
        thread.join()
    field.figure("a flood of records: honest packets refused", sum(counts.values()) - counts.get(202, 0), 0)
    field.figure("a flood of records: no honest packet was taken", int(counts.get(202, 0) == 0), 0)
    field.figure("a flood of records: p99 of an honest device", percentile(seconds, 0.99), bound, "s", timed=True)


ATTACKS = [unreadable_bodies, bodies_that_take_long, answers_larger_than_requests, floods_of_records, records_without_end,
           more_records_than_a_day_has, a_full_queue]
MANY = {"PACKWALK_PACKETS_DEVICE_DAY_MAX": "0"}
SETTINGS = {more_records_than_a_day_has: {"PACKWALK_PACKETS_DEVICE_DAY_MAX": "1000"}, floods_of_records: MANY,
            a_full_queue: MANY}
