#!/usr/bin/env python3
"""Replays recorded tracks through a real server and holds its account against the database."""
import contextlib
import gzip
import http.client
import json
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import last_positions  # noqa: E402
from packwalk_process import BINARY as binary, SLOWNESS, environment as environment_with  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
SETS = ["cats", "calves", "town", "town-antimeridian"]
DISORDER = ["--speed", "max", "--duplicate", "5%", "--shuffle", "30s", "--hold-back", "2%x8h"]
LONG = 120 * SLOWNESS  # seconds; only reached when something is broken


class Server:
    def __init__(self, data, environment):
        self.data = data
        self.log = open(data.with_suffix(".log"), "ab")
        self.process = subprocess.Popen([binary, "serve", "--data", str(data), "--listen", "127.0.0.1:0"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env=environment_with(environment))
        deadline = time.monotonic() + LONG
        while not (data / "listen").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError("serve does not listen: " + data.with_suffix(".log").read_text())
            time.sleep(0.01)

    def post(self, path, content_type, body, headers):
        """The status of the answer."""
        host, port = (self.data / "listen").read_text().strip().rsplit(":", 1)
        with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=LONG)) as connection:
            connection.request("POST", path, body, {"Content-Type": content_type} | headers)
            return connection.getresponse().status

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONG)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"
        self.data.mkdir()

    def serve(self, **environment):
        server = Server(self.data, environment)
        self.addCleanup(server.kill)
        return server

    def run_packwalk(self, *arguments):
        return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=LONG,
                              env=environment_with())

    def replay(self, name, *arguments, seed=1):
        report = self.folder / f"{name}-{seed}.json"
        ran = self.run_packwalk("replay", DATA / f"{name}.csv", *DISORDER, "--seed", seed, "--data", self.data,
                                "--report", report, *arguments)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        return json.loads(report.read_text())

    def rows(self, statement, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/packwalk.db?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()

    def stored_verdicts(self, devices):
        """device id -> {verdict: count}"""
        names = ["accepted", "duplicate", "conflict", "invalid"]
        stored = {device: dict.fromkeys(names, 0) for device in devices}
        for device, verdict, count in self.rows("SELECT d.id, m.verdict, COUNT(*) FROM messages m JOIN devices d ON"
                                                " d.number = m.device GROUP BY d.id, m.verdict"):
            if device in stored:
                stored[device][names[verdict]] = count
        return stored

    def derived(self):
        return {table: self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("fixes", "samples")}

    def test_the_account_waits_for_what_is_not_judged_yet(self):
        self.serve()
        recording = self.folder / "many.csv"
        recording.write_text("device,timestamp,lat,lon\n" + "".join(
            f"dog-{dog},{1700000000 + second},{48 + dog / 100},{44 + second / 10000}\n"
            for second in range(1000) for dog in range(20)))
        ran = self.run_packwalk("replay", recording, *DISORDER, "--batch", 10, "--connections", 32, "--data", self.data)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def test_the_account_is_what_stands_in_the_database_and_last_positions_are_those_of_the_file(self):
        for number, (name, form) in enumerate(zip(SETS, ["json", "wide", "ndjson", "binary"])):
            with self.subTest(name):
                self.data = self.folder / name
                self.data.mkdir()
                server = self.serve()
                account = self.replay(name, "--format", form, *(["--gzip"] if number % 2 else []), seed=number)
                rows = len((DATA / f"{name}.csv").read_text().splitlines()) - 1
                total = account["total"]
                self.assertTrue(account["closes"])
                self.assertEqual(rows, total["rows"])
                self.assertEqual(rows + round(0.05 * rows), total["sent"])
                self.assertEqual(total["sent"], sum(total["judged"].values()))
                judged = {device["device"]: device["judged"] for device in account["devices"]}
                self.assertEqual(self.stored_verdicts(judged), judged)
                precision = {"json": 0, "ndjson": 0, "wide": 1e-7, "binary": 2e-5}[form]
                self.assertEqual([], last_positions.differences(DATA / f"{name}.csv", self.data, degrees=precision))
                self.assertEqual(0, server.stop())

    def test_a_second_replay_adds_only_duplicates_and_changes_no_fix_or_sample(self):
        self.serve()
        for name in ["cats", "calves", "town"]:
            with self.subTest(name):
                first = self.replay(name, seed=1)
                self.assertEqual([], last_positions.differences(DATA / f"{name}.csv", self.data))
                before = self.derived()
                again = self.replay(name, seed=2)["total"]
                self.assertEqual(first["total"]["sent"], again["sent"])
                self.assertEqual({"accepted": 0, "duplicate": again["sent"], "conflict": 0, "invalid": 0},
                                 again["judged"])
                self.assertEqual(before, self.derived())

    def test_odd_names_of_devices_are_made_valid_and_said(self):
        self.serve()
        ran = self.run_packwalk("replay", DATA / "cats.csv", "--speed", "max", "--data", self.data)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn("device Lady_T-Tag is Lady T-Tag in the file\n", ran.stdout)

    def test_a_time_passes_at_the_speed_asked_for(self):
        self.serve()
        file = self.folder / "two.csv"
        file.write_text("id,time,latitude,lng\na,1700000000,1,2\na,2023-11-14T22:13:40Z,1,2.1\nb,x,1,2\n")
        started = time.monotonic()
        ran = self.run_packwalk("replay", file, "--speed", "20", "--data", self.data)
        self.assertGreaterEqual(time.monotonic() - started, 1)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn("1 rows cannot be read and were not sent:\n  line 4: timestamp cannot be read: x\n", ran.stdout)
        self.assertIn("sent 2 = 2 accepted + 0 duplicate + 0 conflict + 0 invalid", ran.stdout)

    def test_tokens_from_a_file_serve_where_the_data_folder_is_not_at_hand(self):
        self.serve()
        tokens = self.folder / "tokens"
        added = self.run_packwalk("device", "add", "--count", 1, "--prefix", "d-", "--data", self.data)
        tokens.write_text(added.stdout)
        url = "http://" + (self.data / "listen").read_text().strip()
        file = self.folder / "one.gpx"
        file.write_text('<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
                        '<trkpt lat="48.7" lon="44.5"><ele>3</ele><time>2023-11-14T22:13:20Z</time></trkpt>'
                        '</trkseg></trk></gpx>')
        ran = self.run_packwalk("replay", file, "--speed", "max", "--device", "d-0001", "--url", url, "--tokens",
                                tokens, "--admin-token", self.data / "admin.token")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        unknown = self.run_packwalk("replay", file, "--speed", "max", "--device", "other", "--url", url, "--tokens",
                                    tokens)
        self.assertEqual(1, unknown.returncode)
        self.assertIn("other", unknown.stderr)

    def test_a_replay_goes_on_when_the_server_starts_anew_and_loses_nothing(self):
        server = self.serve()
        listen = (self.data / "listen").read_text().strip()
        replay = subprocess.Popen([binary, "replay", str(DATA / "calves.csv"), "--speed", "250", "--batch", "5",
                                   "--data", str(self.data), "--report", str(self.folder / "r.json")],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment_with())
        self.addCleanup(replay.kill)
        deadline = time.monotonic() + LONG
        while not self.rows("SELECT COUNT(*) FROM messages")[0][0] and time.monotonic() < deadline:
            time.sleep(0.01)
        server.process.kill()
        server.process.wait()
        again = subprocess.Popen([binary, "serve", "--data", str(self.data), "--listen", listen],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment_with())
        self.addCleanup(again.wait)
        self.addCleanup(again.kill)
        self.assertEqual(0, replay.wait(LONG))
        account = json.loads((self.folder / "r.json").read_text())
        self.assertTrue(account["closes"])
        self.assertEqual([], last_positions.differences(DATA / "calves.csv", self.data))

    def test_a_live_simulation_makes_its_devices_and_sends(self):
        self.serve()
        ran = self.run_packwalk("simulate", "--live", "--data", self.data, "--dogs", 5, "--city", "48.7,44.5",
                                "--hours", 1, "--speed", 1000, "--walks", 12, "--no-night", "--duplicate", "5%")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        sent = int(ran.stdout.split("packets sent ")[1].split(",")[0])
        self.assertGreater(sent, 0)
        self.assertEqual([(sent,)], self.rows("SELECT COUNT(*) FROM messages"))
        self.assertEqual([(0,)], self.rows("SELECT COUNT(*) FROM messages WHERE verdict IN (2, 3)"))

    def test_check_reads_every_form_again_as_it_was_read_on_arrival(self):
        server = self.serve(PACKWALK_PACKETS_PHONE_STATUS="7", PACKWALK_PACKETS_EARLIEST="2020-01-01T00:00:00Z")
        token = self.run_packwalk("device", "add", "rex", "--data", self.data).stdout.strip()
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
        ]
        for path, content_type, body in bodies:
            status = server.post(path, content_type, body, {"Authorization": "Bearer " + token})
            self.assertIn(status, (200, 202, 400), (path, body))
        packed = {"Authorization": "Bearer " + token, "Content-Encoding": "gzip"}
        self.assertEqual(202, server.post("/v1/packets", "application/json", gzip.compress(
            (track % (now - 8, 48.7)).encode()), packed))
        self.assertEqual(400, server.post("/v1/packets", "application/json", track % (now - 9, 48.7), packed))
        self.assertGreater(len(self.rows("SELECT DISTINCT transport, verdict FROM messages")), 12)
        checked = self.run_packwalk("check", "--data", self.data)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_check_passes_beside_a_server_and_after_it_and_finds_a_row_that_was_changed(self):
        server = self.serve()
        self.replay("cats")
        for _ in range(2):
            checked = self.run_packwalk("check", "--data", self.data)
            self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
            if server.process.poll() is None:
                self.assertEqual(0, server.stop())
        for damage, words in [
                ("UPDATE fixes SET lat = lat + 0.001 WHERE rowid_of = 1", "is not it"),
                ("DELETE FROM fixes WHERE rowid_of = 1", "is missing"),
                ("UPDATE messages SET hash = hash + 1 WHERE rowid_of = 1", "another hash"),
                ("UPDATE messages SET verdict = 2 WHERE rowid_of = 1", "but is none"),
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
                checked = self.run_packwalk("check", "--data", copy)
                self.assertEqual(1, checked.returncode, checked.stdout)
                self.assertIn(words, checked.stdout)


if __name__ == "__main__":
    unittest.main()
