"""What `packwalk export` writes, read back and compared with the database."""
import base64
import csv
import json
import os
import re
import sqlite3
import unittest
import xml.etree.ElementTree as xml

import golden
from analysed import LONG, AnalysisTest
from packwalk_process import JSON, run, until
from spine_replay import SpineReplayTest
from times import microsecond_of, second_of

GPX = "{http://www.topografix.com/GPX/1/1}"
KINDS = ["originals", "fixes", "samples", "tracks", "activity", "joint-walks"]
VERDICTS = ["accepted", "duplicate", "conflict", "invalid"]
TRACK_GAP = 600
ACTIVITIES = {0: "sleep", 1: "walk", 3: "gallop", 6: "trot", 255: "steps_not_measured"}


def csv_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def numbers(row, *names):
    """Of a device's time the second since 1970, of a server's the microsecond."""
    def number(name, text):
        if name in ("from", "to", "timestamp"):
            return second_of(text)
        return microsecond_of(text) if name == "received_at" else float(text)
    return tuple(None if row[name] == "" else number(name, row[name]) for name in names)


def gpx_tracks(path):
    """track -> segment -> (lon, lat), from a document whose numbers are those of XML Schema's decimal."""
    tracks = [list(track.iter(f"{GPX}trkseg")) for track in xml.parse(path).getroot().iter(f"{GPX}trk")]
    for point in (point for track in tracks for segment in track for point in segment):
        for number in (point.get("lat"), point.get("lon"), point.findtext(f"{GPX}ele", "0")):
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", number):
                raise AssertionError(f"{path}: {number}")
    return [[[(float(point.get("lon")), float(point.get("lat"))) for point in segment] for segment in track]
            for track in tracks]


def segments_of(fixes, gap=TRACK_GAP):
    """Of (time, lon, lat): a new one where more than `gap` is between two."""
    segments = []
    before = None
    for time, *place in fixes:
        if before is None or time - before > gap:
            segments.append([])
        segments[-1].append(tuple(place))
        before = time
    return segments


def floats(rows):
    return [tuple(None if cell is None else float(cell) for cell in row) for row in rows]


def told(rows, decimals):
    """Degrees have 7 decimals, metres 2."""
    return [tuple(None if cell is None else round(cell, places) for cell, places in zip(row, decimals)) for row in rows]


class ExportTest(AnalysisTest):
    """A town that was replayed and analysed, and a device in it that walked with others, `self.device`."""

    def fill(self):
        self.send(self.town(3), 3)
        self.until_analysed()
        (self.device, self.number), = self.rows_of(
            "SELECT d.id, d.number FROM devices d JOIN joint_walks w ON d.number IN (w.device_a, w.device_b)"
            " GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1")
        token = run("device", "rotate-token", self.device, *self.store(), env=self.settings).stdout.strip()
        (start,), = self.rows_of(f"SELECT min(timestamp) FROM fixes WHERE device = {self.number}")
        samples = [{"type": "activity", "status": 1, "timestamp": start + 50 * i, "activity": ["walk", "trot"][i % 2],
                    "steps": i} for i in range(40)]
        until(lambda: self.door.post(token, samples).status == 202, "the new token is known")
        for body in ('{"type":"track","status":1,"timestamp":5,"lat":"a,b","lon":1}', '[1,"x"]', "no\nJSON"):
            self.door.post(token, body, JSON)
        until(lambda: len(self.rows_of(f"SELECT 1 FROM messages WHERE device = {self.number} AND verdict = 3")) >= 3,
              "they are kept")
        until(lambda: self.rows_of(f"SELECT 1 FROM activity WHERE device = {self.number}"), "they are analysed", LONG)
        self.until_analysed()

    def export(self, *arguments, code=0, **settings):
        ran = run("export", self.device, *self.store(), *arguments, env=self.settings | settings, seconds=LONG,
                  before_exec=lambda: os.chdir(self.folder))
        self.assertEqual(code, ran.returncode, ran.stdout + ran.stderr)
        self.assertNotIn("% ", ran.stderr, "no bar where there is no terminal")
        self.assertEqual(code != 0, ran.stderr.startswith("packwalk: "), ran.stderr)
        return ran

    def columns(self, statement):
        return floats(self.rows_of(statement))

    def check_csv(self):
        out = self.folder / "csv"
        said = self.export("--out", out).stderr
        self.assertEqual([f"{kind}.csv" for kind in sorted(KINDS)], sorted(path.name for path in out.iterdir()))
        rows = {kind: csv_rows(out / f"{kind}.csv") for kind in KINDS}
        for kind in KINDS:
            self.assertTrue(rows[kind], kind)
            self.assertIn(f"{kind}.csv: {len(rows[kind])} row{'s' if len(rows[kind]) > 1 else ''}\n", said)
            for row in rows[kind]:
                self.assertIn(self.device, (row.get("device"), row.get("device_a"), row.get("device_b")), kind)
        mine = f"WHERE device = {self.number}"
        fixes = self.columns(f"SELECT timestamp, lat, lon, altitude, accuracy, status, received_at FROM fixes {mine}"
                             " ORDER BY timestamp")
        self.assertEqual(told(fixes, (0, 7, 7, 2, 2, 0, 0)),
                         [numbers(row, "timestamp", "lat", "lon", "altitude_m", "accuracy_m", "status", "received_at")
                          for row in rows["fixes"]])
        self.assertEqual({"0"}, {row["outlier"] for row in rows["fixes"]})
        self.assertEqual(self.columns(f"SELECT timestamp, steps, status, received_at FROM samples {mine} ORDER BY timestamp"),
                         [numbers(row, "timestamp", "steps", "status", "received_at") for row in rows["samples"]])
        self.assertEqual(told(self.columns("SELECT from_time, to_time, fixes, length_m, moving_s, west, south, east, north"
                                           f" FROM tracks {mine} ORDER BY from_time"), (0, 0, 0, 2, 0, 7, 7, 7, 7)),
                         [numbers(row, "from", "to", "fix_count", "length_m", "moving_seconds", "west", "south", "east", "north")
                          for row in rows["tracks"]])
        self.assertEqual([(*numbers, ACTIVITIES[activity]) for *numbers, activity in
                          self.rows_of("SELECT bucket, bucket + 899, in_track, seconds, steps, activity"
                                       f" FROM activity {mine} ORDER BY bucket, activity, in_track")],
                         [(*map(int, numbers(row, "from", "to", "in_track", "seconds", "steps")), row["activity"])
                          for row in rows["activity"]])
        ran = run("analyse", out / "fixes.csv", "--sleep", out / "samples.csv", "--tracks", self.folder / "found.csv")
        self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertEqual([numbers(row, "from", "to", "fix_count") for row in rows["tracks"]],
                         [numbers(row, "from", "to", "fix_count") for row in csv_rows(self.folder / "found.csv")])
        self.check_walks(rows["joint-walks"])
        self.check_originals(rows["originals"])

    def check_walks(self, walks):
        want = self.rows_of(
            "SELECT w.from_time, a.id, b.id, w.to_time, w.seconds_together, w.near_seconds, w.contacts, w.min_distance_m,"
            " w.mean_m, w.length_a_m, w.length_b_m, w.from_lat, w.from_lon, w.to_lat, w.to_lon FROM joint_walks w"
            " JOIN devices a ON a.number = w.device_a JOIN devices b ON b.number = w.device_b"
            f" WHERE {self.number} IN (w.device_a, w.device_b)")
        got = [(*numbers(row, "from"), row["device_a"], row["device_b"], *numbers(
            row, "to", "together_seconds", "near_seconds", "contact_count", "min_distance_m", "mean_distance_m", "length_a_m",
            "length_b_m", "start_lat", "start_lon", "end_lat", "end_lon")) for row in walks]
        decimals = (0, 0, 0, 0, 2, 2, 2, 2, 7, 7, 7, 7)
        self.assertEqual(sorted((float(first), *ids, *told(floats([rest]), decimals)[0]) for first, *ids, rest in (
            (row[0], row[1], row[2], row[3:]) for row in want)), sorted(got))
        self.assertEqual(sorted(row[0] for row in got), [row[0] for row in got])

    def check_originals(self, originals):
        stored = self.rows_of("SELECT received_at, ordinal, verdict, reason, content, hash FROM messages"
                              f" WHERE device = {self.number} ORDER BY received_at, ordinal")
        self.assertEqual([(received_at, ordinal, VERDICTS[verdict], reason or "", bytes(content), hash % 2**64)
                          for received_at, ordinal, verdict, reason, content, hash in stored],
                         [(microsecond_of(row["received_at"]), int(row["ordinal"]), row["verdict"], row["reason"],
                           base64.b64decode(row["content"]), int(row["hash"], 16)) for row in originals])
        self.assertEqual({"http/ndjson"}, {row["transport"] for row in originals} - {"http/json"})

    def check_maps(self):
        geo, gpx = self.folder / "geo", self.folder / "gpx"
        self.export("--out", geo, "--format", "geojson")
        self.export("--out", gpx, "--format", "gpx")
        self.assertEqual(["fixes.geojson", "joint-walks.geojson", "tracks.geojson"],
                         sorted(path.name for path in geo.iterdir()))
        self.assertEqual(["fixes.gpx", "tracks.gpx"], sorted(path.name for path in gpx.iterdir()))
        fixes = told(self.columns(f"SELECT timestamp, lon, lat FROM fixes WHERE device = {self.number} ORDER BY timestamp"),
                     (0, 7, 7))
        tracks = self.columns(f"SELECT from_time, to_time FROM tracks WHERE device = {self.number} ORDER BY from_time")
        features = {path.stem: json.loads(path.read_text())["features"] for path in geo.iterdir()}
        self.assertEqual(fixes, [(second_of(each["properties"]["timestamp"]), *each["geometry"]["coordinates"][:2])
                                 for each in features["fixes"]])
        of_tracks = [[place for time, *place in fixes if start <= time <= end] for start, end in tracks]
        self.assertEqual(of_tracks, [[place[:2] for part in each["geometry"]["coordinates"] for place in part]
                                     for each in features["tracks"]])
        self.assertEqual(tracks, [numbers(each["properties"], "from", "to") for each in features["tracks"]])
        self.assertEqual(len(csv_rows(self.folder / "csv" / "joint-walks.csv")), len(features["joint-walks"]))
        self.assertEqual([segments_of(fixes)], gpx_tracks(gpx / "fixes.gpx"))
        self.assertEqual([[list(map(tuple, track))] for track in of_tracks], gpx_tracks(gpx / "tracks.gpx"))


class Embedded(ExportTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.door = self.serve()
        self.settings = {}

    def target(self):
        return "--data", self.packwalk.data

    store = target

    def rows_of(self, statement):
        return self.rows(self.packwalk.data, statement)

    def test_what_is_written_is_what_is_stored(self):
        self.fill()
        self.check_csv()
        self.check_maps()

    def test_a_range_and_one_file(self):
        self.device = "rex"
        token = self.packwalk.add_device("rex")
        for hour in range(3):
            self.packwalk.post(token, [golden.track(golden.START + 3600 * hour + i, lon=179.9999 * (1 - i // 3 % 2 * 2))
                                       for i in range(10)])
        until(lambda: len(self.rows_of("SELECT 1 FROM tracks")) == 3, "all is analysed", LONG)
        middle = "--from", golden.START + 3600, "--to", golden.START + 7200
        for what, count in (("fixes", 10), ("tracks", 1)):
            self.export("--what", what, "--out", self.folder / f"{what}.csv", *middle)
            self.assertEqual(count, len(csv_rows(self.folder / f"{what}.csv")))
        self.export("--what", "tracks", "--out", self.folder / "line.geojson", "--format", "geojson", *middle)
        feature, = json.loads((self.folder / "line.geojson").read_text())["features"]
        parts = feature["geometry"]["coordinates"]
        self.assertEqual([[179.9999] * 3 + [180], [-180] + [-179.9999] * 3 + [-180], [180] + [179.9999] * 3 + [180],
                          [-180, -179.9999]], [[place[0] for place in part] for part in parts])
        self.export("--what", "originals", "--out", self.folder / "none.csv", "--to", golden.START)
        self.assertEqual([], csv_rows(self.folder / "none.csv"))
        refused = self.export("--what", "fixes", "--out", self.folder / "fixes.csv", code=1)
        self.assertIn("--force overwrites it", refused.stderr)
        self.export("--what", "fixes", "--out", self.folder / "fixes.csv", "--force")
        self.assertEqual(30, len(csv_rows(self.folder / "fixes.csv")))
        self.assertIn("Use --format csv", self.export("--what", "samples", "--format", "gpx", code=2).stderr)
        self.assertIn("--from: yesterday is not a time", self.export("--from", "yesterday", code=2).stderr)
        self.assertIn("--to is before --from", self.export("--from", "2026-02-01", "--to", "2026-01-31", code=2).stderr)
        for arguments, count in ((("--from", "2026-01-01"), 30), (("--to", "2026-01-01"), 0), (("--to", "2026-01-02"), 30)):
            self.export("--what", "fixes", "--out", self.folder / "days.csv", "--force", *arguments)
            self.assertEqual(count, len(csv_rows(self.folder / "days.csv")))
        self.assertIn("Up to, not including, this time", run("export", "--help").stdout)
        self.assertEqual([], list(self.folder.rglob("*.part")))
        self.export("--what", "fixes", "--out", "here.csv")
        self.assertEqual(30, len(csv_rows(self.folder / "here.csv")))
        self.export("--what", "fixes", "--out", "some/where/fixes.csv")
        self.assertEqual(30, len(csv_rows(self.folder / "some" / "where" / "fixes.csv")))
        piped = self.export("--what", "fixes", "--out", "-")
        self.assertEqual((self.folder / "here.csv").read_text(), piped.stdout)
        self.assertIn("standard output: 30 rows", piped.stderr)
        self.assertFalse((self.folder / "-").exists())
        self.assertIn("--what", self.export("--out", "-", code=2).stderr)
        self.device = "nobody"
        self.assertIn("no device nobody", self.export("--out", self.folder / "nothing", code=1).stderr)
        self.assertFalse((self.folder / "nothing").exists())


    def test_tracks_that_lost_fixes(self):
        self.device = "rex"
        token = self.packwalk.add_device("rex")
        self.packwalk.post(token, [golden.track(golden.START - 3600)])
        for hour in range(4):
            self.packwalk.post(token, [golden.track(golden.START + 3600 * hour + i, lon=1 + i / 8) for i in range(9)])
        until(lambda: len(self.rows_of("SELECT 1 FROM tracks")) == 5, "all is analysed", LONG)
        self.assertEqual(0, self.packwalk.stop())
        database = sqlite3.connect(self.packwalk.data / "packwalk.db")
        with database:
            database.execute("DELETE FROM fixes WHERE timestamp < ? OR timestamp BETWEEN ? AND ?",
                             (golden.START + 8, golden.START + 3600, golden.START + 7200 - 1))
        database.close()
        self.export("--what", "tracks", "--format", "geojson", "--out", "all.geojson")
        self.export("--what", "tracks", "--format", "geojson", "--out", "none.geojson", "--to", golden.START + 3601,
                    "--from", golden.START + 3600)
        self.export("--what", "tracks", "--format", "gpx", "--out", "all.gpx")
        line = [(1 + i / 8, 48.7) for i in range(9)]
        geometries = [each["geometry"] for each in json.loads((self.folder / "all.geojson").read_text())["features"]]
        self.assertEqual([None, {"type": "Point", "coordinates": [2, 48.7]}, None] +
                         2 * [{"type": "MultiLineString", "coordinates": [list(map(list, line))]}], geometries)
        none, = json.loads((self.folder / "none.geojson").read_text())["features"]
        self.assertEqual((None, 9, [1, 48.7, 2, 48.7]), (none["geometry"], none["properties"]["fix_count"], none["bbox"]))
        self.assertEqual([[line[8:]], [line], [line]], gpx_tracks(self.folder / "all.gpx"))

    def test_gpx_has_decimal_numbers_and_no_line_over_a_gap(self):
        self.device = "rex"
        token = self.packwalk.add_device("rex")
        times = [golden.START + second for second in (0, 10, 610, 1211, 1212)]
        fixes = [(time, 1e-5 / 3 * i, -1e-7 * (i + 1)) for i, time in enumerate(times)]
        self.packwalk.post(token, [golden.track(time, lat, lon, altitude=1e-9 * time) for time, lon, lat in fixes])
        until(lambda: len(self.rows_of("SELECT 1 FROM tracks")) == 2, "all is analysed", LONG)
        for gap in (600, 601):
            self.export("--format", "gpx", "--out", f"{gap}", PACKWALK_ANALYSIS_TRACK_GAP=str(gap))
            self.assertEqual([segments_of(told(fixes, (0, 7, 7)), gap)], gpx_tracks(self.folder / f"{gap}" / "fixes.gpx"))
        self.assertEqual([[segment] for segment in segments_of(told(fixes, (0, 7, 7)))],
                         gpx_tracks(self.folder / "600" / "tracks.gpx"))


class Spine(ExportTest, SpineReplayTest):
    def setUp(self):
        super().setUp()
        self.door, = gateways = self.roles("gateway", 1)
        self.start_all(gateways, self.roles("api", 1), *self.roles("ingest", 1), *self.roles("analysis", 1))

    def store(self):
        return "--data", self.folder

    def send(self, recording, seed):
        self.make_devices(recording)
        super().send(recording, seed)

    def columns(self, statement):
        return [tuple(None if cell is None else float(cell) for cell in row) for row in self.database_rows(statement)]

    def test_what_is_written_is_what_is_stored(self):
        self.fill()
        self.check_csv()
        self.check_maps()


if __name__ == "__main__":
    unittest.main()
