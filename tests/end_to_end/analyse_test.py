"""`packwalk analyse` finds in files what an oracle of its own finds second by second."""
import csv
import hashlib
import io
import json
import random
import subprocess
import unittest

import walk_oracle
from packwalk_process import BINARY, PackwalkTest, environment, run
from recordings import DATA, RECORDINGS
from times import iso, second_of

FIXES = "device,timestamp,lat,lon,accuracy\n"
HEADERS = {"tracks": "device,from,to,fix_count,length_m", "contacts": "device_a,device_b,from,to,near_seconds",
           "joint-walks": "device_a,device_b,from,to,together_seconds,near_seconds,contact_count"}


def first_columns(table, count):
    """Those of which the oracle knows something."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row[:count] for row in csv.reader(io.StringIO(table)))
    return text.getvalue()


class Analyse(PackwalkTest):
    def analyse(self, *arguments):
        """Its three tables, and what it said."""
        outs = {flag: self.folder / (flag + ".csv") for flag in ("tracks", "contacts", "joint-walks")}
        ran = run("analyse", *arguments, "--force", *(part for flag, out in outs.items() for part in ("--" + flag, out)))
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertEqual("", ran.stdout)
        return [first_columns(out.read_text(), len(HEADERS[flag].split(","))) for flag, out in outs.items()], ran.stderr

    def expected(self, fixes, sleep=None, constants=None):
        texts = []
        for name, rows in zip(("tracks", "contacts", "joint-walks"), walk_oracle.analyse(fixes, sleep, constants)):
            out = self.folder / ("expected-" + name)
            walk_oracle.write(out, HEADERS[name], rows)
            texts.append(out.read_text())
        return texts

    def test_of_recorded_animals(self):
        for recording in RECORDINGS:
            with self.subTest(recording.stem):
                found, said = self.analyse(recording, "--drop-max", "100%")
                for ours, theirs in zip(found, self.expected(recording)):
                    self.assertTrue(ours == theirs, "analyse and the oracle differ")
                print(recording.stem + ", as the oracle has it:", said.splitlines()[-1])

    def test_of_a_town_where_dogs_walk_together_and_sleep_now_and_then(self):
        ran = run("simulate", "--dogs", 10, "--city", "48.7,44.5", "--hours", 0.8, "--walks", 12, "--no-night", "--sampling",
                  "2,8", "--out", self.folder, "--seed", 3)
        self.assertEqual(0, ran.returncode, ran.stderr)
        fixes, sleep = self.folder / "fixes.csv", self.folder / "sleep.csv"
        with open(fixes, newline="") as file:
            rows = list(csv.DictReader(file))
        chosen = random.Random(1).sample(rows, 6)
        sleep.write_text("device,timestamp\n" + "".join(f"{row['device']},{second_of(row['timestamp']) + 1}\n" for row in chosen))
        for constants in ({}, {"near": 10, "allowance_max": 5, "contact_hole": 90, "walk_near_percent": 0},
                          {"walk_min": 30, "walk_near_percent": 5, "walk_reach": 5, "bridge": 4, "track_gap": 30}):
            with self.subTest(constants):
                settings = [part for name, value in constants.items() for part in ("--set", f"{name}={value}")]
                found, said = self.analyse(fixes, "--sleep", sleep, *settings)
                self.assertEqual(self.expected(fixes, sleep, constants), found)
                self.assertNotIn("contacts 0,", said)
                if constants.get("walk_min") == 30:
                    self.assertNotIn("joint walks 0\n", said)

    def test_the_preset_off_leash_is_these_constants(self):
        found, _ = self.analyse(DATA / "calves.csv", "--preset", "off-leash")
        expected, _ = self.analyse(DATA / "calves.csv", "--set", "near=10", "--set", "allowance_max=5", "--set",
                                   "contact_hole=90", "--set", "walk_near_percent=0")
        self.assertEqual(expected, found)

    def test_rows_that_cannot_be_used_are_counted(self):
        odd = self.folder / "odd.csv"
        odd.write_text(FIXES + "b,100,1,2,3\nb,90,1,2,\nb,100,5,6,7\na b,-5000000000.5,1,2,NA\nb,200,91,0,1\nb,1,0,0,1\n"
                               "b,x,1,2,3\n\"c,\"\"d\",7,1,2,3\n")
        found, said = self.analyse(odd, "--drop-max", "100%")
        self.assertEqual('device,from,to,fix_count,length_m\na b,1811-07-23T15:06:39Z,1811-07-23T15:06:39Z,1,0.00\n'
                         f'b,{iso(90)},{iso(100)},2,0.00\n"c,""d",{iso(7)},{iso(7)},1,0.00\n', found[0])
        self.assertIn("dropped: unreadable rows 1 ", said)
        self.assertIn(f"dropped: rows without a position on earth 2 ({odd}, line 6: lat 91, lon 0)\n", said)
        self.assertIn("dropped: rows of the same device and second as an earlier one, further away 1\n", said)

    def test_of_samples_only_those_of_sleep_end_tracks(self):
        fixes, samples = self.folder / "walk.csv", self.folder / "samples.csv"
        fixes.write_text("device,timestamp,y,lon\n" + "".join(f"rex,{second},1,2\n" for second in range(0, 100, 10)))
        samples.write_text("device,timestamp,activity,steps,status,received_at\nrex,15,walk,9,1,5\nrex,35,sleep,0,1,5\n"
                           "rex,45,trot,7,1,5\nrex,55,0,0,1,5\nrex,65,doze,0,1,5\nrex,75\nrex,85,255,0,1,5\n")
        found, said = self.analyse(fixes, "--columns", "lat=y", "--sleep", samples, "--drop-max", "0.2")
        self.assertEqual("device,from,to,fix_count,length_m\n" + "".join(
            f"rex,{iso(first)},{iso(last)},{count},0.00\n" for first, last, count in ((0, 30, 4), (40, 50, 2), (60, 90, 4))), found[0])
        self.assertIn(f"dropped: unreadable rows 2 ({samples}, line 6: activity cannot be read: doze)\n", said)

    def two_dogs(self):
        """Rex walks for 20 minutes, Bello with him but for a pause in which his collar is silent; Luna is elsewhere, and later."""
        rows = [f"rex,{second},{48 + second / 1e5:.7f},44,5" for second in range(0, 1201, 5)]
        rows += [f"bello,{second},{48 + second / 1e5:.7f},44.00001,5" for second in range(0, 1201, 5) if not 600 < second < 700]
        rows += [f"luna,{second},50,8,5" for second in range(1100, 1401, 10)]
        file = self.folder / "dogs.csv"
        file.write_text(FIXES + "\n".join(rows) + "\n")
        return file

    def table(self, flag, *arguments):
        ran = run("analyse", *arguments, flag, "-")
        self.assertEqual(0, ran.returncode, ran.stderr)
        return list(csv.DictReader(io.StringIO(ran.stdout))), ran.stderr

    def test_tracks_and_joint_walks_have_the_columns_of_export(self):
        dogs = self.two_dogs()
        tracks, _ = self.table("--tracks", dogs)
        self.assertEqual(["device", "from", "to", "fix_count", "length_m", "moving_seconds", "west", "south", "east", "north"], list(tracks[0]))
        rex = tracks[2]
        self.assertEqual(("rex", iso(0), "1200", "44.0000000", "48.0000000", "48.0120000"),
                         tuple(rex[name] for name in ("device", "from", "moving_seconds", "west", "south", "north")))
        walk, = self.table("--joint-walks", dogs)[0]
        self.assertEqual("device_a device_b from to together_seconds near_seconds contact_count min_distance_m mean_distance_m"
                         " length_a_m length_b_m start_lat start_lon end_lat end_lon".split(), list(walk))
        self.assertEqual(("bello", "rex", iso(0), iso(1200), "1102"), tuple(walk[name] for name in ("device_a", "device_b", "from", "to", "near_seconds")))
        self.assertAlmostEqual(0.75, float(walk["min_distance_m"]), delta=0.02)
        self.assertAlmostEqual(0.75, float(walk["mean_distance_m"]), delta=0.02)
        self.assertAlmostEqual(1334, float(walk["length_b_m"]), delta=5)
        self.assertEqual(("48.0000000", "44.0000050", "48.0120000"), (walk["start_lat"], walk["start_lon"], walk["end_lat"]))

    def test_pairs_have_the_seconds_in_which_both_are_recorded(self):
        pairs, _ = self.table("--pairs", self.two_dogs())
        self.assertEqual("device_a device_b contact_count near_seconds joint_walk_count together_seconds both_recorded_seconds".split(), list(pairs[0]))
        # Bello is nowhere between two fixes that are over `bridge` apart.
        self.assertEqual([["bello", "luna", "0", "0", "0", "0", "101"], ["bello", "rex", "2", "1102", "1", "1102", "1102"],
                          ["luna", "rex", "0", "0", "0", "0", "101"]], [list(pair.values()) for pair in pairs])
        later, _ = self.table("--pairs", self.two_dogs(), "--from", 1201)
        self.assertEqual([], later)

    def test_a_range_is_half_open_and_takes_any_time(self):
        dogs = self.two_dogs()
        for arguments, want in ((["--from", "1970-01-01T00:10:00Z"], (600, 1200)), (["--to", "1000"], (0, 995)),
                                (["--from", "10", "--to", "1970-01-01 00:01:00"], (10, 55)), (["--to", "1970-01-02"], (0, 1200))):
            tracks, said = self.table("--tracks", dogs, *arguments)
            self.assertEqual(tuple(map(iso, want)), next((row["from"], row["to"]) for row in reversed(tracks) if row["device"] == "rex"))
        self.assertIn("left out: 474 rows not between --from and --to\n", self.table("--tracks", dogs, "--from", 10, "--to", 60)[1])
        for arguments, code, words in ((["--from", "1971-01-01"], 1, "no fix is between --from and --to"),
                                       (["--from", "yesterday"], 2, "--from: yesterday is not a time. Give a day (2026-01-31)"),
                                       (["--to", "2201-01-01"], 2, "--to: 2201-01-01 is after the year 2200"),
                                       (["--from", "20", "--to", "10"], 2, "--to is before --from"), (["--frm", "20"], 2, "has no option --frm; did you mean --from?")):
            ran = run("analyse", dogs, *arguments)
            self.assertEqual(code, ran.returncode, ran.stderr)
            self.assertIn(words, ran.stderr)

    def test_every_table_tells_times_in_one_form(self):
        dogs = self.two_dogs()
        for flag in ("--tracks", "--contacts", "--joint-walks"):
            for row in self.table(flag, dogs)[0]:
                for column in ("from", "to"):
                    self.assertRegex(row[column], "^1970-01-01T00:[0-2][0-9]:[0-5][0-9]Z$")
        self.assertIn("has no option --times", run("analyse", dogs, "--times", "seconds").stderr)

    def test_a_report_says_what_was_done(self):
        dogs, sleep, report = self.two_dogs(), self.folder / "sleep.csv", self.folder / "report.json"
        sleep.write_text("device,timestamp\nrex,1102\n")
        ran = run("analyse", dogs, "--sleep", sleep, "--report", report, "--tracks", self.folder / "t.csv", "--set", "near=7", "--to", "2000")
        self.assertEqual(0, ran.returncode, ran.stderr)
        told = json.loads(report.read_text())
        self.assertIn(told["version"], run("--version").stdout)
        self.assertRegex(told["commit"], r"\A([0-9a-f]{12}(-dirty)?|unknown)\Z")
        self.assertEqual(("specification", 7, 600), (told["preset"], told["constants"]["near"], told["constants"]["track_gap"]))
        self.assertEqual((None, "1970-01-01T00:33:20Z"), (told["from"], told["to"]))
        self.assertEqual([(str(path), kind, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
                          for path, kind in ((dogs, "fixes"), (sleep, "sleep"))],
                         [(each["file"], each["kind"], each["bytes"], each["sha256"]) for each in told["inputs"]])
        self.assertEqual(({"device": "device", "timestamp": "timestamp (seconds)", "lat": "lat", "lon": "lon", "accuracy": "accuracy"},
                          "CSV, separated by commas", 494),
                         tuple(told["inputs"][0][name] for name in ("columns", "form", "row_count")))
        self.assertEqual({"device_count": 3, "fix_count": 494, "outlier_count": 0, "track_count": 4, "contact_count": 2,
                          "joint_walk_count": 1}, told["counts"])
        refused = run("analyse", dogs, "--report", report)
        self.assertEqual(1, refused.returncode)
        self.assertIn(f"{report} exists already (--force overwrites it)", refused.stderr)
        self.assertEqual(0, run("analyse", dogs, "--report", report, "--force").returncode)

    def test_its_account_comes_as_json(self):
        dogs = self.two_dogs()
        ran = run("analyse", dogs, "--json", "--tracks", self.folder / "t.csv")
        self.assertEqual(0, ran.returncode, ran.stderr)
        told = json.loads(ran.stdout)
        self.assertEqual(3, told["counts"]["device_count"])
        self.assertEqual(hashlib.sha256(dogs.read_bytes()).hexdigest(), told["inputs"][0]["sha256"])
        self.assertIn("devices 3, fixes", ran.stderr)
        self.assertIn("standard output takes only one table", run("analyse", dogs, "--json", "--tracks", "-").stderr)

    def test_says_that_standard_output_is_full(self):
        dogs = self.two_dogs()
        for arguments in (["--json"], ["--report", "-"], ["--tracks", "-"]):
            with open("/dev/full", "wb") as full:
                ran = subprocess.run([BINARY, "analyse", dogs, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=60)
            self.assertEqual(1, ran.returncode, arguments)
            self.assertIn(b"packwalk: cannot write standard output\n", ran.stderr)

    def test_no_output_is_an_input_or_another_output(self):
        dogs, out = self.two_dogs(), self.folder / "out.csv"
        before = dogs.read_bytes()
        for arguments in (["--report", dogs], ["--outliers", dogs], ["--tracks", out, "--contacts", f"{self.folder}/./out.csv"]):
            ran = run("analyse", dogs, *arguments, "--force")
            self.assertEqual(2, ran.returncode, ran.stderr)
            self.assertIn("is both input and output" if dogs in arguments else "two outputs are the same file", ran.stderr)
        self.assertEqual(before, dogs.read_bytes())
        self.assertFalse(out.exists())

    def test_says_what_is_wrong(self):
        for arguments, code, words in ((("--set", "nearness=1"), 2, "nearness is none of track_gap, "),
                                       (("--set", "near=-1"), 2, "near is not between 0 and 250"),
                                       (("--set", "allowance_max=251"), 2, "allowance_max is not between 0 and 250"),
                                       (("--set", "near"), 2, "NAME=NUMBER"), (("--preset", "x"), 2, "x is neither"),
                                       (("--tracks", self.folder / "no" / "where"), 1, "cannot write"), (("--tracks", self.folder), 1, "it is a folder")):
            ran = run("analyse", DATA / "cats.csv", *arguments)
            self.assertEqual(code, ran.returncode)
            self.assertIn(words, ran.stderr)
            self.assertNotIn("read: ", ran.stderr, "nothing was read before it was found out")


if __name__ == "__main__":
    unittest.main()
