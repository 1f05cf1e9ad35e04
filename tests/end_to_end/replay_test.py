"""Replays recorded tracks through a real server and holds its tally against the database."""
import json
import subprocess
import time
import unittest

import last_positions
from packwalk_process import BINARY, SLOWNESS, PackwalkTest, environment, run, until
from recordings import DATA

SETS = ["cats", "calves", "town", "town-antimeridian"]
DISORDER = ["--speed", "max", "--duplicate", "5%", "--shuffle", "30s", "--hold-back", "2%x8h"]
LONG = 120  # seconds; only reached when something is broken
VERDICTS = ["accepted", "duplicate", "conflict", "invalid"]


class ReplayTest(PackwalkTest):
    """Replays into what `target` says, and asks `rows_of` it."""

    def target(self):
        """The arguments that tell `replay` where to send, and how to ask for the tally."""
        raise NotImplementedError

    def rows_of(self, statement):
        """What the database answers."""
        raise NotImplementedError

    def replay(self, name, *arguments, seed=1):
        report = self.folder / f"{name}-{seed}.json"
        ran = run("replay", DATA / f"{name}.csv", *DISORDER, "--seed", seed, *self.target(), "--report", report,
                  *arguments, seconds=LONG)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        return json.loads(report.read_text())

    def stored_verdicts(self, devices):
        """device id -> {verdict: count}"""
        stored = {device: {verdict + "_count": 0 for verdict in VERDICTS} for device in devices}
        for device, verdict, count in self.rows_of("SELECT d.id, m.verdict, COUNT(*) FROM messages m JOIN devices d ON"
                                                   " d.number = m.device GROUP BY d.id, m.verdict"):
            if device in stored:
                stored[device][VERDICTS[verdict] + "_count"] = count
        return stored

    def derived(self):
        return {table: self.rows_of(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("fixes", "samples")}

    def check_tally(self, name, form, *arguments, seed=1):
        """The tally is what stands in the database, and last positions are those of the file."""
        tally = self.replay(name, "--format", form, *arguments, seed=seed)
        rows = len((DATA / f"{name}.csv").read_text().splitlines()) - 1
        total = tally["total"]
        self.assertTrue(tally["closes"])
        self.assertEqual(rows, total["row_count"])
        self.assertEqual(rows + round(0.05 * rows), total["sent_count"])
        self.assertEqual(total["sent_count"], sum(total["judged"].values()))
        judged = {device["device"]: device["judged"] for device in tally["devices"]}
        self.assertEqual(self.stored_verdicts(judged), judged)
        precision = {"json": 0, "ndjson": 0, "wide": 1e-7, "binary": 2e-5}[form]
        self.assertEqual([], last_positions.differences(DATA / f"{name}.csv", self.rows_of, degrees=precision))
        return tally

    def check_again(self, name, form, sent, seed):
        """Another replay adds only duplicates and changes no fix or sample."""
        before = self.derived()
        again = self.replay(name, "--format", form, seed=seed)["total"]
        self.assertEqual(sent, again["sent_count"])
        self.assertEqual({"accepted_count": 0, "duplicate_count": sent, "conflict_count": 0, "invalid_count": 0}, again["judged"])
        self.assertEqual(before, self.derived())


class Replay(ReplayTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"

    def target(self):
        return "--data", self.data

    def rows_of(self, statement):
        return self.rows(self.data, statement)

    def test_the_tally_waits_for_what_is_not_judged_yet(self):
        self.serve()
        recording = self.folder / "many.csv"
        recording.write_text("device,timestamp,lat,lon\n" + "".join(
            f"dog-{dog},{1700000000 + second},{48 + dog / 100},{44 + second / 10000}\n"
            for second in range(1000) for dog in range(20)))
        ran = run("replay", recording, *DISORDER, "--batch", 10, "--connections", 32, "--data", self.data)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def test_the_tally_is_what_stands_in_the_database_and_last_positions_are_those_of_the_file(self):
        for number, (name, form) in enumerate(zip(SETS, ["json", "wide", "ndjson", "binary"])):
            with self.subTest(name):
                self.data = self.folder / name
                server = self.server(name).start()
                self.check_tally(name, form, *(["--gzip"] if number % 2 else []), seed=number)
                self.assertEqual(0, server.stop())

    def test_a_second_replay_adds_only_duplicates_and_changes_no_fix_or_sample(self):
        self.serve()
        for name in ["cats", "calves", "town"]:
            with self.subTest(name):
                first = self.replay(name, seed=1)
                self.assertEqual([], last_positions.differences(DATA / f"{name}.csv", self.rows_of))
                self.check_again(name, "json", first["total"]["sent_count"], seed=2)

    def test_odd_names_of_devices_are_made_valid_and_said(self):
        self.serve()
        ran = run("replay", DATA / "cats.csv", "--speed", "max", "--data", self.data)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn("device Lady_T-Tag is Lady T-Tag in the file\n", ran.stdout)

    def test_a_time_passes_at_the_speed_asked_for(self):
        self.serve()
        file = self.folder / "two.csv"
        file.write_text("id,time,latitude,lng\na,1700000000,1,2\na,2023-11-14T22:13:40Z,1,2.1\nb,x,1,2\n")
        started = time.monotonic()
        ran = run("replay", file, "--speed", "20", "--data", self.data)
        self.assertGreaterEqual(time.monotonic() - started, 1)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn("1 row cannot be read and was not sent:\n  line 4: timestamp cannot be read: x\n", ran.stdout)
        self.assertIn("sent 2 = 2 accepted + 0 duplicate + 0 conflict + 0 invalid", ran.stdout)

    def test_tokens_from_a_file_serve_where_the_data_folder_is_not_at_hand(self):
        server = self.serve()
        tokens = self.folder / "tokens"
        added = run("device", "add", "--count", 1, "--prefix", "d-", "--data", self.data)
        tokens.write_text(added.stdout)
        url = f"http://{server.host}:{server.port}"
        file = self.folder / "one.gpx"
        file.write_text('<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
                        '<trkpt lat="48.7" lon="44.5"><ele>3</ele><time>2023-11-14T22:13:20Z</time></trkpt>'
                        '</trkseg></trk></gpx>')
        ran = run("replay", file, "--speed", "max", "--device", "d-0001", "--url", url, "--tokens",
                  tokens, "--admin-token", self.data / "admin.token")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        unknown = run("replay", file, "--speed", "max", "--device", "other", "--url", url, "--tokens", tokens)
        self.assertEqual(1, unknown.returncode)
        self.assertIn("other", unknown.stderr)

    def test_a_replay_goes_on_when_the_server_starts_anew_and_loses_nothing(self):
        server = self.serve()
        listen = (self.data / "listen").read_text().strip()
        replay = subprocess.Popen([BINARY, "replay", str(DATA / "calves.csv"), "--speed", "250", "--batch", "5",
                                   "--data", str(self.data), "--report", str(self.folder / "r.json")],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        self.addCleanup(replay.wait)
        self.addCleanup(replay.kill)
        until(lambda: self.rows_of("SELECT COUNT(*) FROM messages") > [(0,)], "the first message", LONG)
        server.kill()
        server.start(listen)
        self.assertEqual(0, replay.wait(LONG * SLOWNESS))
        tally = json.loads((self.folder / "r.json").read_text())
        self.assertTrue(tally["closes"])
        self.assertEqual([], last_positions.differences(DATA / "calves.csv", self.rows_of))

    def test_a_live_simulation_makes_its_devices_and_sends(self):
        self.serve()
        ran = run("simulate", "--live", "--data", self.data, "--dogs", 5, "--city", "48.7,44.5",
                  "--hours", 1, "--speed", 1000, "--walks", 12, "--no-night", "--duplicate", "5%")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        sent = int(ran.stderr.split("packets sent ")[1].split(",")[0])
        self.assertGreater(sent, 0)
        self.assertEqual([(sent,)], self.rows_of("SELECT COUNT(*) FROM messages"))
        self.assertEqual([(0,)], self.rows_of("SELECT COUNT(*) FROM messages WHERE verdict IN (2, 3)"))


if __name__ == "__main__":
    unittest.main()
