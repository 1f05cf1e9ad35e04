"""A fix from which a dog is back at once is kept and marked, and nothing that is derived uses it."""
import contextlib
import csv
import json
import sqlite3
import unittest
import xml.etree.ElementTree as ElementTree

import golden
import walk_oracle
from packwalk_process import PackwalkTest, run, until
from queries_test import GPX, QueryTest
from times import iso, second_of

START = golden.START
STEP = 0.00003  # degrees of latitude in 5 s: 0.67 m/s
KARACHI = (33.65, 73.08)


def walk(wild=(), seconds=595, step=5):
    """(second, lat, lon, accuracy) of a dog that goes north; `wild`: fixes that take the place of those of their second."""
    fixes = {second: (second, 50.1 + STEP * second / 5, 8.1, 5) for second in range(0, seconds + 1, step)}
    return list((fixes | {fix[0]: fix for fix in wild}).values())


class Analyse(PackwalkTest):
    def found(self, fixes, *arguments):
        """The lengths of the tracks, and the seconds of the outliers; the oracle says the same."""
        recording, tracks, outliers = (self.folder / name for name in ("walk.csv", "tracks.csv", "outliers.csv"))
        recording.write_text("device,timestamp,lat,lon,accuracy\n" +
                             "".join(f"rex,{START + second},{lat:.7f},{lon:.7f},{accuracy}\n"
                                     for second, lat, lon, accuracy in fixes))
        ran = run("analyse", recording, "--tracks", tracks, "--outliers", outliers, "--force", *arguments)
        self.assertEqual(0, ran.returncode, ran.stderr)
        if not arguments:
            expected = self.folder / "expected.csv"
            walk_oracle.write(expected, "device,from,to,fix_count,length_m", walk_oracle.analyse(recording)[0])
            with open(expected, newline="") as theirs, open(tracks, newline="") as ours:
                self.assertEqual(list(csv.reader(theirs)), [row[:5] for row in csv.reader(ours)])
        with open(tracks, newline="") as file, open(outliers, newline="") as marked:
            lengths = [float(row["length_m"]) for row in csv.DictReader(file)]
            return lengths, [second_of(row["timestamp"]) - START for row in csv.DictReader(marked)], ran.stdout + ran.stderr

    def test_one_wild_fix_adds_no_length(self):
        (plain,), outliers, said = self.found(walk())
        self.assertAlmostEqual(394, plain, delta=1)
        self.assertEqual([], outliers)
        self.assertNotIn("outliers", said)
        for wild in ((300, *KARACHI, 5), (300, 0.000001, 0.000001, 5), (300, 50.127, 8.1, 2200), (300, 50.1038, 8.1, 5),
                     (5, *KARACHI, 5), (590, *KARACHI, 5)):
            with self.subTest(wild):
                (length,), outliers, said = self.found(walk([wild]))
                self.assertEqual([wild[0]], outliers)
                self.assertAlmostEqual(plain, length, delta=4)
                self.assertIn(f"outliers: fixes that no track, contact or joint walk uses 1 (rex at {iso(START + wild[0])})\n", said)

    def test_what_is_no_outlier(self):
        far = 10_000_000
        for name, wild, longer_by in (("two in a row", [(300, *KARACHI, 5), (305, *KARACHI, 5)], far),
                                      ("the first fix", [(0, *KARACHI, 5)], far / 2),
                                      ("the last fix", [(595, *KARACHI, 5)], far / 2),
                                      ("an accuracy that says it", [(300, 50.105, 8.1, 600)], 0)):
            with self.subTest(name):
                (length,), outliers, _ = self.found(walk(wild))
                self.assertEqual([], outliers)
                self.assertLess(longer_by, length + 1)
        (length,), outliers, _ = self.found(walk([(300, *KARACHI, 5)], step=100))
        self.assertEqual(([], True), (outliers, length > far), "neighbours farther away than the bridge")

    def test_the_greatest_speed_is_a_constant(self):
        wild = [(300, 50.104, 8.1, 5)]  # 245 m aside: 47 m/s when 10 m are not sure
        self.assertEqual([300], self.found(walk(wild))[1])
        self.assertEqual([], self.found(walk(wild), "--set", "speed_max=60")[1])
        self.assertEqual([], self.found(walk([(300, *KARACHI, 5)]), "--set", "speed_max=0")[1])

    def test_places_and_accuracies_are_told_as_they_came(self):
        self.found(walk([(300, -50.1234567, 8.1, 2200)]))
        self.assertEqual(f"device,timestamp,lat,lon,accuracy_m\nrex,{iso(START + 300)},-50.1234567,8.1000000,2200.00\n",
                         (self.folder / "outliers.csv").read_text())


class Server(QueryTest):
    WILD = 300

    def setUp(self):
        super().setUp()
        self.device("rex")
        self.fixes = walk([(self.WILD, *KARACHI, 5)])

    def send_all(self, fixes):
        self.send("rex", *(golden.track(START + second, lat, lon, accuracy=accuracy) for second, lat, lon, accuracy in fixes))
        until(lambda: not self.rows(self.packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)

    def marked(self, path="/v1/devices/rex/fixes", limit=1000):
        return [second_of(fix["timestamp"]) - START for fix in self.pages(path, "fixes", limit) if fix["outlier"]]

    def track(self):
        (track,) = self.get("/v1/devices/rex/tracks").json["tracks"]
        return track

    def test_it_is_answered_and_marked_in_every_form_and_on_every_page(self):
        self.send_all(self.fixes)
        for limit in (1, 2, 3, 7, 60, 61, 1000):
            self.assertEqual([self.WILD], self.marked(limit=limit), limit)
        for start, end in ((0, 305), (300, 595), (300, 301), (295, 305)):
            self.assertEqual([self.WILD], self.marked(f"/v1/devices/rex/fixes?from={START + start}&to={START + end}"))
        fixes = self.get("/v1/devices/rex/fixes").json["fixes"]
        self.assertEqual((len(self.fixes), KARACHI), (len(fixes), (fixes[60]["lat"], fixes[60]["lon"])))
        self.assertEqual("outlier", list(fixes[0])[-1])
        features = self.get("/v1/devices/rex/fixes?format=geojson").json["features"]
        self.assertEqual([60], [i for i, each in enumerate(features) if each["properties"]["outlier"]])
        points = list(ElementTree.fromstring(self.get("/v1/devices/rex/fixes?format=gpx").body).iter(GPX + "trkpt"))
        self.assertEqual([60], [i for i, point in enumerate(points) if point.findtext(GPX + "type") == "outlier"])
        self.assertEqual(len(self.fixes), len(points))

    def test_no_track_uses_it(self):
        self.send_all(self.fixes)
        track = self.track()
        self.assertEqual(len(self.fixes) - 1, track["fix_count"])
        self.assertAlmostEqual(394, track["length_m"], delta=4)
        self.assertEqual([8.1, 8.1], track["bbox"][::2])
        path = f"/v1/devices/rex/tracks/{START}"
        line = self.get(path).json["line"]
        self.assertEqual({8.1}, {fix["lon"] for fix in line})
        self.assertEqual(len(self.fixes) - 1, len(line))
        for form, name in (("geojson", "8.1"), ("gpx", "trkpt")):
            body = self.get(f"{path}?format={form}").body.decode()
            self.assertIn(name, body)
            self.assertNotIn("73.08", body)

    def test_it_is_one_once_a_later_fix_came_and_while_both_neighbours_stand(self):
        first = [fix for fix in self.fixes if fix[0] <= self.WILD]
        self.send_all(first)
        self.assertEqual([], self.marked())
        self.assertEqual(KARACHI[1], self.get("/v1/devices/rex/position").json["lon"], "it may be the last fix")
        self.assertLess(5_000_000, self.track()["length_m"])
        self.send_all(self.fixes[len(first):])
        self.assertEqual([self.WILD], self.marked())
        self.assertAlmostEqual(394, self.track()["length_m"], delta=4)
        # Another fix at the same place, which came late.
        self.send_all([(self.WILD + 1, *KARACHI, 5)])
        self.assertEqual([], self.marked())
        self.assertLess(10_000_000, self.track()["length_m"])

    def test_rows_of_an_older_version_are_made_anew(self):
        self.device("bob")
        self.send_all(walk([(self.WILD, *KARACHI, 5)], seconds=900))
        self.send("bob", *(golden.track(START + second, lat, lon, accuracy=accuracy)
                           for second, lat, lon, accuracy in walk(seconds=900)))
        together = lambda: [walk["together_seconds"] for walk in self.get("/v1/joint-walks?device=rex").json["joint_walks"]]
        until(lambda: together() == [901], "they walked together", 30)
        self.assertEqual(0, self.packwalk.stop())
        with contextlib.closing(sqlite3.connect(self.packwalk.data / "packwalk.db")) as database, database:
            # As it was before there were outliers, and `seconds_together` left out a second of each contact.
            database.execute("UPDATE tracks SET length_m = 10670133.4, fixes = 181")
            database.execute("UPDATE joint_walks SET seconds_together = 900")
            (rules,), = database.execute("SELECT rules FROM analysis_rules")
            self.assertIn(" speed_max=35", rules)
            database.execute("UPDATE analysis_rules SET rules = ?",
                             (rules.replace(" speed_max=35", "").replace("definition=2 ", ""),))
        self.packwalk.start()
        until(lambda: together() == [901], "the joint walk is recomputed", 30)
        until(lambda: self.track()["fix_count"] == 180, "and the track", 30)
        self.assertAlmostEqual(600, self.track()["length_m"], delta=6)

    def test_exports_mark_it(self):
        self.send_all(self.fixes)
        for form in ("csv", "geojson", "gpx"):
            ran = run("export", "rex", "--data", self.packwalk.data, "--out", self.folder / form, "--format", form)
            self.assertEqual(0, ran.returncode, ran.stderr)
        with open(self.folder / "csv" / "fixes.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(iso(START + self.WILD), "33.6500000", "73.0800000", "5.00", "1")],
                         [(row["timestamp"], row["lat"], row["lon"], row["accuracy_m"], row["outlier"])
                          for row in rows if row["outlier"] != "0"])
        features = json.loads((self.folder / "geojson" / "fixes.geojson").read_text())["features"]
        self.assertEqual([60], [i for i, each in enumerate(features) if each["properties"]["outlier"]])
        points = list(ElementTree.parse(self.folder / "gpx" / "fixes.gpx").getroot().iter(GPX + "trkpt"))
        self.assertEqual([60], [i for i, point in enumerate(points) if point.findtext(GPX + "type") == "outlier"])
        for form in ("geojson", "gpx"):
            line = (self.folder / form / f"tracks.{form}").read_text()
            self.assertIn("8.1000000", line)
            self.assertNotIn("73.08", line)


if __name__ == "__main__":
    unittest.main()
