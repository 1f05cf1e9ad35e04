"""Many programs around the real servers come to the same rows as the embedded default, for the same input."""
import collections
import concurrent.futures
import contextlib
import gzip
import json
import os
import random
import unittest

import golden
from archive_test import ArchiveTest, day
from packwalk_process import BINARY_FORM, JSON, NDJSON, run, until
from recordings import DATA
from spine_replay import SpineReplayTest

SEED = int(os.environ.get("PACKWALK_EQUAL_SEED", "1"))
DEVICES = 12
ACTIVITIES = [0, 1, 3, 6, 255]

# What follows from the packets alone: not when they came, nor which device got which number.
COMPARED = {
    # Of equal packets in two forms, nobody can say which will be the first.
    "messages": "SELECT d.id, m.transport, m.hash, m.reason, m.content, count(*) FROM messages m"
                " JOIN devices d ON d.number = m.device GROUP BY 1, 2, 3, 4, 5",
    "verdicts": "SELECT d.id, m.hash, m.verdict, count(*) FROM messages m JOIN devices d ON d.number = m.device"
                " GROUP BY 1, 2, 3",
    "fixes": "SELECT d.id, f.timestamp, f.lat, f.lon, f.altitude, f.accuracy, f.status, f.hash FROM fixes f"
             " JOIN devices d ON d.number = f.device",
    "samples": "SELECT d.id, s.timestamp, s.activity, s.steps, s.status, s.hash FROM samples s"
               " JOIN devices d ON d.number = s.device",
    "states": "SELECT d.id, s.lat, s.lon, s.altitude, s.accuracy, s.fixes, s.samples, s.duplicates, s.conflicts,"
              " s.invalid, s.fix_timestamp, s.fix_status, s.status, s.status_timestamp, s.status_family FROM states s"
              " JOIN devices d ON d.number = s.device",
    "tracks": "SELECT d.id, t.from_time, t.to_time, t.fixes, t.length_m, t.moving_s, t.west, t.south, t.east, t.north"
              " FROM tracks t JOIN devices d ON d.number = t.device",
    "activity": "SELECT d.id, a.bucket, a.activity, a.in_track, a.seconds, a.steps FROM activity a"
                " JOIN devices d ON d.number = a.device",
}


class Requests:
    """What collars and phones send in some days: `early` in any order, then `late`, which repeats and contradicts it."""

    def __init__(self, tokens, seed):
        self.random = random.Random(seed)
        self.early, self.late = [], []
        for token in tokens:
            packets = self.day_of_a_dog()
            self.random.shuffle(packets)
            while packets:
                count = self.random.randint(1, 30)
                some, packets = packets[:count], packets[count:]
                self.early.append((token, *self.body_of(some)))
                if self.random.random() < 0.2:
                    self.late.append(self.early[-1])
                if self.random.random() < 0.1:
                    self.late.append((token, *self.body_of([self.changed(packet) for packet in some])))
            self.early += [(token, *one) for one in self.of_a_phone()]
        self.random.shuffle(self.early)

    def day_of_a_dog(self):
        start = golden.START + self.random.randrange(86400)
        # Quarters and 64ths are exact in every form.
        tracks = [golden.track(start + 5 * i, 48 + self.random.randrange(640) / 64, 44 + self.random.randrange(640) / 64,
                               status=self.random.randrange(3), altitude=self.random.randrange(-20, 120),
                               accuracy=self.random.randrange(1, 200)) for i in range(self.random.randint(50, 200))]
        samples = [{"type": "activity", "status": self.random.randrange(3), "timestamp": start + 60 * i,
                    "activity": self.random.choice(ACTIVITIES), "steps": self.random.randrange(200)}
                   for i in range(self.random.randint(20, 60))]
        wrong = [golden.track(start, lat=91), golden.track(start, 0, 0), golden.track(1)]
        return tracks + samples + wrong + self.random.sample(tracks, 10) + self.random.sample(samples, 5)

    def changed(self, packet):
        return packet | {"status": packet["status"] + 3}

    def body_of(self, packets):
        """(path, type, headers, body)"""
        form = self.random.choice((JSON, NDJSON, BINARY_FORM))
        if form == BINARY_FORM:
            body = b"".join(
                golden.track_bytes(packet["timestamp"], packet["lat"], packet["lon"], packet["status"],
                                   packet.get("altitude", 0), packet.get("accuracy", 0)) if packet["type"] == "track" else
                golden.activity_bytes(packet["timestamp"], packet["activity"], packet["steps"], packet["status"])
                for packet in packets)
        else:
            body = (json.dumps(packets) if form == JSON else golden.ndjson(packets)).encode()
        packed = self.random.random() < 0.3
        return "/v1/packets", form, {"Content-Encoding": "gzip"} if packed else {}, gzip.compress(body) if packed else body

    def of_a_phone(self):
        time = golden.START + self.random.randrange(86400) + 86400 * 2
        lat, lon = self.random.randrange(1, 640) / 64, self.random.randrange(1, 640) / 64
        location = {"_type": "location", "tst": time, "lat": lat, "lon": lon, "acc": 7}
        feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
                   "properties": {"timestamp": time + 1, "horizontal_accuracy": 5}}
        return [("/owntracks", JSON, {}, json.dumps(location).encode()),
                ("/owntracks", JSON, {}, b'{"_type":"lwt","tst":1}'),
                ("/overland", JSON, {}, json.dumps({"locations": [feature, feature]}).encode()),
                ("/v1/packets", JSON, {}, b"{not JSON")]


def send(servers, requests):
    """Each to one of the servers in turn, eight at once; returns how often which status was answered."""
    def one(numbered):
        number, (token, path, type, headers, body) = numbered
        return servers[number % len(servers)].post(token, body, type, headers, path).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return collections.Counter(pool.map(one, enumerate(requests)))


def rows_of_both(test, packwalk, statement):
    """Of the embedded database and the other, sorted, in one form: PostgreSQL's come as text."""
    def plain(value):
        with contextlib.suppress(ValueError):
            return {"t": 1, "f": 0}[value] if value in ("t", "f") else float(value) if isinstance(value, str) else value
        return value

    return tuple(sorted((tuple(map(plain, row)) for row in rows), key=repr)
                 for rows in (test.rows(packwalk.data, statement), test.database_rows(statement)))


class Spine(ArchiveTest):
    def test_two_gateways_and_three_workers_write_what_one_process_writes(self):
        embedded = self.serve()
        devices = embedded.add_devices(DEVICES)
        lines = self.folder / "devices.csv"
        lines.write_text("".join(f"{id},{token}\n" for id, token in devices))
        spine_devices = self.add_devices(DEVICES, "--prefix", "dog-")
        self.assertEqual([id for id, _ in devices], [id for id, _ in spine_devices])
        gateways, workers, analysts = self.roles("gateway", 2), self.roles("ingest", 3), self.roles("analysis", 2)
        for server in gateways + workers + analysts:
            server.start()
        self.until_ready(*gateways, *workers, *analysts)
        # The same requests with the tokens of each installation.
        here, there = (Requests([token for _, token in each], SEED) for each in (devices, spine_devices))
        for part in ("early", "late"):
            answers = send([embedded], getattr(here, part))
            self.assertEqual(answers, send(gateways, getattr(there, part)))
            self.assertLess(100 if part == "early" else 10, answers[202])
            self.until_drained(workers)  # who contradicts whom depends on who was first
        stale = "SELECT 1 FROM stale_windows LIMIT 1"
        until(lambda: not self.rows(embedded.data, stale) and not self.database_rows(stale), "all is analysed", 60)
        self.assertEqual(0, embedded.stop())
        for table, statement in COMPARED.items():
            with self.subTest(table):
                ours, theirs = rows_of_both(self, embedded, statement)
                self.assertGreater(len(ours), DEVICES - 1)
                self.assertEqual(ours, theirs)
        verdicts = dict(self.rows(embedded.data, "SELECT verdict, count(*) FROM messages GROUP BY 1"))
        self.assertEqual({0, 1, 2, 3}, set(verdicts), "the input has all of them")
        self.assertEqual(0, self.ready_at_broker("dead"))
        self.until_copied()
        self.assert_archive(0, "", "verify", "--to", day(1))
        checked = run("check", "--data", self.folder, env=self.settings)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)


class Replay(ArchiveTest, SpineReplayTest):
    """First light's acceptance of replays, with a balancer before two gateways, and three workers."""

    def setUp(self):
        super().setUp()
        self.start_all(self.roles("gateway", 2), self.roles("api", 1), *self.roles("ingest", 3))

    def test_tallies_close_and_a_second_replay_changes_nothing(self):
        for number, (name, form) in enumerate((("calves", "wide"), ("town", "ndjson"))):
            with self.subTest(name):
                self.make_devices(DATA / f"{name}.csv")
                tally = self.check_tally(name, form, seed=number)
                self.check_again(name, form, tally["total"]["sent_count"], seed=9)
        self.until_copied()
        self.assert_archive(0, "", "verify", "--to", day(1))
        checked = run("check", "--data", self.folder, env=self.settings)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
