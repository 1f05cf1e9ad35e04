"""`packwalk check` passes on what a server wrote, and finds what somebody changed."""
import contextlib
import gzip
import pathlib
import shutil
import sqlite3
import time
import unittest

from packwalk_process import PackwalkTest, run, until

DATA = pathlib.Path(__file__).parents[1] / "data"


class Check(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"

    def test_it_reads_every_form_again_as_it_was_read_on_arrival(self):
        server = self.serve(env={"PACKWALK_PACKETS_PHONE_STATUS": "7", "PACKWALK_PACKETS_EARLIEST": "2020-01-01T00:00:00Z"})
        token = server.add_device("rex")
        now = int(time.time())
        track = '{"type":"track","status":1,"timestamp":%d,"lat":%s,"lon":44.5}'
        place = '{"timestamp":%d,"coords":{"latitude":48.7,"longitude":%s}}'
        feature = '{"geometry":{"coordinates":[%s,48.7]},"properties":{"timestamp":%d}}'
        located = '{"_type":"location","tst":%d,"lat":%s,"lon":44.5}'
        bodies = [
            ("/v1/packets", "application/json", "[" + ",".join(
                [track % (now, 48.7), track % (now, 48.7), track % (now, 48.8), track % (now + 86400, 48.7),
                 track % (1500000000, 48.7), track % (1500000000, 91), track % (-9e9, 1), "5", "[5]"]) + "]"),
            ("/v1/packets", "application/json", "{not JSON"),
            ("/v1/packets", "application/x-ndjson", track % (now - 1, 48.7) + "\nno JSON\n"),
            ("/v1/packets", "application/octet-stream", b"\x02\x01" + (now - 2).to_bytes(4, "little") + bytes(5) + b"\x02"),
            ("/v1/packets", "application/octet-stream", b"\x99"),
            ("/osmand", "application/x-www-form-urlencoded", f"id={token}&lat=48.7&lon=44.5&timestamp={now - 3}"),
            ("/osmand", "application/x-www-form-urlencoded", f"id={token}&lat=48.7&lon=44.6"),
            ("/osmand", "application/x-www-form-urlencoded", f"id={token}&batt=9"),
            ("/osmand", "application/json", '{"device_id":"%s","location":%s}' % (token, place % (now - 4, 44.5))),
            ("/osmand", "application/json", '{"device_id":"%s","location":%s}' % (token, place % (1500000000, 44.5))),
            ("/osmand", "application/json", '{"device_id":"%s","location":%s}' % (token, place % (1500000000, 444))),
            ("/osmand", "application/json", '{"location":[%s,%s,7]}' % (place % (now - 5, 1), place % (1500000000, 1))),
            ("/owntracks", "application/json", located % (now - 6, 48.7)),
            ("/owntracks", "application/json", "[%s,%s,%s]" % (located % (now - 6, 48.7), located % (now - 6, 9), "{}")),
            ("/owntracks", "application/json", "[]"),
            ("/owntracks", "application/json", ""),
            ("/overland", "application/json", '{"locations":[%s,%s,{"properties":{}},4]}' % (
                feature % (1, now - 7), feature % (444, now - 7))),
            ("/overland", "application/json", '{"locations":[]}'),
            ("/overland", "application/json", "{}"),
            ("/v1/packets", "application/json", "[%s,%s,NaN,1e999,%s]" % (
                track % (now - 20, 48.7), track % (now - 21, "-nan"), (track % (now - 22, 48.7))[:-1] + ',"altitude":12 m}')),
            ("/v1/packets", "application/json", track % (now - 23, "NaN")),
            ("/v1/packets", "application/json", '{"":%s}' % track % (now - 24, 48.7)),
            ("/v1/packets", "application/json", track % (now - 25, "1e-400")),
            ("/v1/packets", "application/json", ((track % (now - 26, 48.7))[:-1] + ',"name":"M\xfcller"}').encode("latin-1")),
            ("/v1/packets", "application/x-ndjson", track % (now - 27, "inf") + "\n" + track % (now - 28, "48.7")),
            ("/osmand", "application/json", '{"location":[%s,%s]}' % (place % (now - 29, "NaN"), place % (now - 30, 1))),
            ("/osmand", "application/json", '{"location":%s}' % place % (now - 31, "NaN")),
            ("/owntracks", "application/json", "[%s,%s]" % (located % (now - 32, "ovf"), located % (now - 33, 48.7))),
            ("/overland", "application/json", '{"locations":[%s,%s]}' % (feature % ("NaN", now - 34), feature % (1, now - 35))),
            ("/overland", "application/json", '{"locations":[%s]}' % feature % ("NaN", now - 36)),
        ]
        for path, content_type, body in bodies:
            status = server.post(token, body, content_type, path=path).status
            self.assertIn(status, (200, 202, 400), (path, body))
        packed = {"Content-Encoding": "gzip"}
        self.assertEqual(202, server.post(token, gzip.compress((track % (now - 8, 48.7)).encode()), headers=packed).status)
        self.assertEqual(400, server.post(token, track % (now - 9, 48.7), headers=packed).status)
        until(lambda: server.metrics()["packwalk_queue_messages", frozenset()] == 0, "all is committed")
        self.assertGreater(len(self.rows(self.data, "SELECT DISTINCT transport, verdict FROM messages")), 12)
        checked = run("check", "--data", self.data)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_it_passes_beside_a_server_and_after_it_and_finds_a_row_that_was_changed(self):
        server = self.serve()
        ran = run("replay", DATA / "cats.csv", "--speed", "max", "--duplicate", "5%", "--data", self.data)
        self.assertEqual(0, ran.returncode, ran.stderr)
        for _ in range(2):
            checked = run("check", "--data", self.data)
            self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
            if server.process.poll() is None:
                self.assertEqual(0, server.stop())
        for damage, words in [
                ("UPDATE fixes SET lat = lat + 0.001 WHERE rowid_of = 1", "differs from it"),
                ("DELETE FROM fixes WHERE rowid_of = 1", "is missing"),
                ("UPDATE messages SET hash = hash + 1 WHERE rowid_of = 1", "another hash"),
                ("UPDATE messages SET verdict = 2 WHERE rowid_of = 1", "but is not one"),
                ("UPDATE states SET duplicates = duplicates + 1 WHERE rowid_of = 1", "counts"),
                ("UPDATE states SET lat = 999 WHERE rowid_of = 1", "not on earth"),
                ("UPDATE messages SET content = x'00' WHERE rowid_of = 1", "not valid")]:
            with self.subTest(damage):
                copy = self.folder / "copy"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.data, copy)
                table = damage.split()[1 if damage.startswith("UPDATE") else 2]
                key = {"fixes": "(device, timestamp) = (SELECT device, MIN(timestamp) FROM fixes)",
                       "states": "device = (SELECT MIN(device) FROM states)",
                       "messages": "(device, received_at, ordinal) = (SELECT device, received_at, ordinal FROM"
                                   " messages WHERE verdict = 0 LIMIT 1)"}[table]
                with contextlib.closing(sqlite3.connect(copy / "packwalk.db")) as database:
                    self.assertEqual(1, database.execute(damage.replace("rowid_of = 1", key)).rowcount)
                    database.commit()
                checked = run("check", "--data", copy)
                self.assertEqual(1, checked.returncode, checked.stdout)
                self.assertIn(words, checked.stdout)

    def test_it_finds_a_refusal_of_a_device_that_does_not_exist(self):
        self.data.mkdir()
        self.assertEqual(0, run("device", "add", "rex", "--data", self.data).returncode)
        self.assertEqual(0, run("check", "--data", self.data).returncode)
        with contextlib.closing(sqlite3.connect(self.data / "packwalk.db")) as database:
            database.execute("INSERT INTO device_refusals (device, at, door, reason) VALUES (77, 1, 'osmand', 'day_limit')")
            database.commit()
        checked = run("check", "--data", self.data)
        self.assertEqual(1, checked.returncode, checked.stdout)
        self.assertIn("device number 77: the store has rows of it, but the registry does not list it", checked.stdout)


if __name__ == "__main__":
    unittest.main()
