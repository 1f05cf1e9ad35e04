"""Installations that analyse what is sent to them, and what `packwalk analyse` finds in the same files."""
import csv
import itertools

from packwalk_process import run, until
from recordings import RECORDINGS, to_send
from replay_test import DISORDER, ReplayTest
from spine_replay import SpineReplayTest
from times import second_of

DERIVED = {
    "tracks": "SELECT d.id, t.from_time, t.to_time, t.fixes, t.length_m, t.moving_s, t.west, t.south, t.east, t.north"
              " FROM tracks t JOIN devices d ON d.number = t.device",
    "contacts": "SELECT a.id, b.id, c.from_time, c.to_time, c.near_seconds FROM contacts c"
                " JOIN devices a ON a.number = c.device_a JOIN devices b ON b.number = c.device_b",
    "joint-walks": "SELECT a.id, b.id, w.from_time, w.to_time, w.seconds_together, w.near_seconds, w.contacts, w.min_distance_m,"
                   " w.mean_m, w.length_a_m, w.length_b_m, w.from_lat, w.from_lon, w.to_lat, w.to_lon FROM joint_walks w JOIN devices a ON a.number = w.device_a JOIN devices b ON b.number = w.device_b",
}
LONG = 60
OLD = {"PACKWALK_PACKETS_EARLIEST": "1980-01-01T00:00:00Z"}  # recordings may be older than collars


TIMES = {"tracks": (1, 2), "contacts": (2, 3), "joint-walks": (2, 3)}  # columns
DEGREES = {"tracks": range(6, 10), "joint-walks": range(11, 15)}  # columns


def plain(row, degrees=()):
    """The tables of `analyse` tell lengths with two decimals, and degrees with seven."""
    def cell(value, decimals):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number == int(number) else round(number, decimals)
    return tuple(cell(value, 7 if column in degrees else 2) for column, value in enumerate(row))


def are_same(row, other, degrees=()):
    """A store comes to its degrees in other steps, so that the last decimal may be another one."""
    return len(row) == len(other) and all(
        one == two or column in degrees and abs(one - two) < 1.5e-7 for column, (one, two) in enumerate(zip(row, other)))


def differing(table, rows, others):
    """Of two sorted lists, the first that differ."""
    pairs = itertools.zip_longest(rows, others, fillvalue=())
    return list(itertools.islice((pair for pair in pairs if not are_same(*pair, DEGREES.get(table, ()))), 5))


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

    def send(self, recording, seed, seconds=LONG):
        ran = run("replay", recording, *DISORDER, "--seed", seed, "--format", "ndjson", *self.target(), seconds=seconds)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def found_in_files(self, recordings):
        """table -> rows"""
        outs = {table: self.folder / f"{table}.csv" for table in DERIVED}
        ran = run("analyse", *recordings, "--force", "--drop-max", "100%", *(part for table, out in outs.items() for part in ("--" + table, out)))
        self.assertEqual(0, ran.returncode, ran.stderr)
        rows = {}
        for table, out in outs.items():
            with open(out, newline="") as file:
                rows[table] = sorted(plain(
                    [second_of(cell) if column in TIMES[table] else cell for column, cell in enumerate(row)],
                    DEGREES.get(table, ())) for row in list(csv.reader(file))[1:])
        return rows

    def until_analysed(self, seconds=LONG):
        until(lambda: not self.rows_of("SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", seconds)

    def derived_rows(self):
        """table -> rows"""
        return {table: sorted(plain(row, DEGREES.get(table, ())) for row in self.rows_of(statement))
                for table, statement in DERIVED.items()}

    def assert_derived(self, recordings):
        derived = self.derived_rows()
        for table, rows in self.found_in_files(recordings).items():
            with self.subTest(table):
                self.assertTrue(rows)
                self.assertEqual([], differing(table, rows, derived[table]))

    def check_recorded_animals(self):
        """All of them in one installation."""
        recordings = [to_send(recording, self.folder / recording.name) for recording in RECORDINGS]
        for seed, recording in enumerate(recordings):
            self.make_devices(recording)
            self.send(recording, seed, seconds=600)
        self.until_analysed(seconds=600)
        expected, derived = self.found_in_files(recordings), self.derived_rows()
        for table, rows in expected.items():
            with self.subTest(table):
                self.assertEqual([], differing(table, rows, derived[table]))
        print(type(self).__name__ + ", as analyse has it:", ", ".join(f"{table} {len(rows)}" for table, rows in derived.items()))


class EmbeddedAnalysis(AnalysisTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve(env=OLD)

    def make_devices(self, recording):
        """Replay makes them: it finds the administrator's token in the data folder."""

    def target(self):
        return "--data", self.packwalk.data

    def rows_of(self, statement):
        return self.rows(self.packwalk.data, statement)


class SpineAnalysis(AnalysisTest, SpineReplayTest):
    """A gateway, two workers and two analysts over PostgreSQL."""

    def setUp(self):
        super().setUp()
        self.settings |= OLD
        self.analysts = self.roles("analysis", 2)
        self.start_all(self.roles("gateway", 1), self.roles("api", 1), *self.roles("ingest", 2), *self.analysts)
