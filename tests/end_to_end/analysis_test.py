"""What analysis derives on a server, from packets in any order, is what `packwalk analyse` finds in the file."""
import csv
import unittest

from packwalk_process import run, until
from replay_test import DATA, DISORDER, ReplayTest
from spine import SpineTest

DERIVED = {
    "tracks": "SELECT d.id, t.from_time, t.to_time, t.fixes, t.length_m FROM tracks t JOIN devices d ON d.number = t.device",
    "contacts": "SELECT a.id, b.id, c.from_time, c.to_time, c.near_seconds FROM contacts c"
                " JOIN devices a ON a.number = c.device_a JOIN devices b ON b.number = c.device_b",
    "joint-walks": "SELECT a.id, b.id, w.from_time, w.to_time, w.seconds_together, w.near_seconds, w.contacts"
                   " FROM joint_walks w JOIN devices a ON a.number = w.device_a JOIN devices b ON b.number = w.device_b",
}
LONG = 60


def plain(row):
    """Lengths are told in millimetres by the tables of `analyse`."""
    def cell(value):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number == int(number) else round(number, 3)
    return tuple(map(cell, row))


class AnalysisTest(ReplayTest):
    def town(self, seed):
        """Recorded tracks of dogs that walk together; their names tell the seed."""
        folder = self.folder / f"town-{seed}"
        ran = run("simulate", "--dogs", 10, "--city", "48.7,44.5", "--hours", 0.8, "--walks", 12, "--no-night", "--sampling",
                  "2,8", "--out", folder, "--seed", seed)
        self.assertEqual(0, ran.returncode, ran.stderr)
        recording = self.folder / f"town-{seed}.csv"
        header, *rows = (folder / "fixes.csv").read_text().splitlines()
        recording.write_text("\n".join([header] + [f"t{seed}-{row}" for row in rows]) + "\n")
        return recording

    def send(self, recording, seed):
        ran = run("replay", recording, *DISORDER, "--seed", seed, "--format", "ndjson", *self.target(), seconds=LONG)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def found_in_files(self, recordings):
        """table -> rows"""
        outs = {table: self.folder / f"{table}.csv" for table in DERIVED}
        ran = run("analyse", *recordings, *(part for table, out in outs.items() for part in ("--" + table, out)))
        self.assertEqual(0, ran.returncode, ran.stderr)
        rows = {}
        for table, out in outs.items():
            with open(out, newline="") as file:
                rows[table] = sorted(map(plain, list(csv.reader(file))[1:]))
        return rows

    def until_analysed(self):
        until(lambda: not self.rows_of("SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", LONG)

    def assert_derived(self, recordings):
        for table, rows in self.found_in_files(recordings).items():
            with self.subTest(table):
                self.assertTrue(rows)
                self.assertEqual(rows, sorted(map(plain, self.rows_of(DERIVED[table]))))


class Embedded(AnalysisTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()

    def target(self):
        return "--data", self.packwalk.data

    def rows_of(self, statement):
        return self.rows(self.packwalk.data, statement)

    def test_of_replays_in_disorder_and_a_server_killed_now_and_then(self):
        recordings = [self.town(3), DATA / "calves.csv", self.town(4)]
        for seed, recording in enumerate(recordings):
            self.send(recording, seed)
            self.packwalk.kill()
            self.packwalk.start()
        self.until_analysed()
        self.assert_derived(recordings)
        metrics = self.packwalk.metrics()
        self.assertEqual(0, metrics["packwalk_analysis_failures_total", frozenset()])

    def test_other_constants_make_all_anew(self):
        self.send(self.town(3), 1)
        self.until_analysed()
        statement = "SELECT count(*) FROM joint_walks"
        before = self.rows_of(statement)
        self.assertEqual(0, self.packwalk.stop())
        (self.packwalk.data / "packwalk.toml").write_text("[analysis]\nwalk_min = 3000\nnear = 6.5\n")
        self.packwalk.start()
        until(lambda: self.rows_of("SELECT 1 FROM analysis_rules WHERE rules LIKE '%near=6.5 %walk_min=3000 %' AND marked_until IS NULL"), "they are adopted")
        self.until_analysed()
        self.assertLess(self.rows_of(statement), before)


class Spine(AnalysisTest, SpineTest):
    def setUp(self):
        super().setUp()
        gateways, self.workers, apis = self.roles("gateway", 1), self.roles("ingest", 2), self.roles("api", 1)
        self.analysts = self.roles("analysis", 2)
        for server in gateways + self.workers + apis + self.analysts:
            server.start()
        self.until_ready(*gateways, *self.workers, *apis, *self.analysts)
        self.url, self.admin = self.balance(gateways, apis), apis[0].data / "admin.token"
        self.tokens = self.folder / "tokens"

    def target(self):
        return "--url", self.url, "--tokens", self.tokens, "--admin-token", self.admin

    def rows_of(self, statement):
        return self.database_rows(statement)

    def test_of_two_who_analyse_side_by_side_and_are_killed_now_and_then(self):
        recordings = [self.town(3), DATA / "calves.csv"]
        for seed, recording in enumerate(recordings):
            self.make_devices(recording)
            self.send(recording, seed)
            for analyst in self.analysts:
                analyst.kill()
                analyst.start()
        self.until_analysed()
        self.assert_derived(recordings)
        until(self.both_have_analysed, "both analyse", LONG)
        self.until_analysed()
        self.assert_derived(recordings)

    def both_have_analysed(self):
        self.rows_of("INSERT INTO stale_windows SELECT DISTINCT device, timestamp - timestamp % 900 FROM fixes "
                     "ON CONFLICT DO NOTHING")
        return all(analyst.metrics()["packwalk_analysis_turns_total", frozenset()] > 0 for analyst in self.analysts)



if __name__ == "__main__":
    unittest.main()
