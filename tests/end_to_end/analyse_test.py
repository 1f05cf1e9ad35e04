"""`packwalk analyse` finds in files what an oracle of its own finds second by second."""
import csv
import random
import unittest

import walk_oracle
from packwalk_process import PackwalkTest, run
from recordings import DATA, RECORDINGS

FIXES = "device,timestamp,lat,lon,accuracy\n"


class Analyse(PackwalkTest):
    def analyse(self, *arguments):
        """Its three tables, and what it said."""
        outs = {flag: self.folder / (flag + ".csv") for flag in ("tracks", "contacts", "joint-walks")}
        ran = run("analyse", *arguments, "--force", *(part for flag, out in outs.items() for part in ("--" + flag, out)))
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertEqual("", ran.stdout)
        return [out.read_text() for out in outs.values()], ran.stderr

    def expected(self, fixes, sleep=None, constants=None):
        texts = []
        for name, rows in zip(("tracks", "contacts", "joint-walks"), walk_oracle.analyse(fixes, sleep, constants)):
            out = self.folder / ("expected-" + name)
            header = {"tracks": "device,from,to,fixes,length_m", "contacts": "device_a,device_b,from,to,near_seconds",
                      "joint-walks": "device_a,device_b,from,to,seconds_together,near_seconds,contacts"}[name]
            walk_oracle.write(out, header, rows)
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
        sleep.write_text("device,timestamp\n" + "".join(f"{row['device']},{int(row['timestamp']) + 1}\n" for row in chosen))
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
        self.assertEqual('device,from,to,fixes,length_m\na b,-5000000001,-5000000001,1,0.00\nb,90,100,2,0.00\n'
                         '"c,""d",7,7,1,0.00\n', found[0])
        self.assertIn("dropped: rows that cannot be read 1 ", said)
        self.assertIn("dropped: rows without a place on earth 2\n", said)
        self.assertIn("dropped: rows of the same device and second as an earlier one, further away 1\n", said)

    def test_of_samples_only_those_of_sleep_end_tracks(self):
        fixes, samples = self.folder / "walk.csv", self.folder / "samples.csv"
        fixes.write_text("device,timestamp,y,lon\n" + "".join(f"rex,{second},1,2\n" for second in range(0, 100, 10)))
        samples.write_text("device,timestamp,activity,steps,status,received_at\nrex,15,walk,9,1,5\nrex,35,sleep,0,1,5\n"
                           "rex,45,trot,7,1,5\nrex,55,0,0,1,5\nrex,65,doze,0,1,5\nrex,75\nrex,85,255,0,1,5\n")
        found, said = self.analyse(fixes, "--columns", "lat=y", "--sleep", samples, "--drop-max", "0.2")
        self.assertEqual("device,from,to,fixes,length_m\nrex,0,30,4,0.00\nrex,40,50,2,0.00\nrex,60,90,4,0.00\n", found[0])
        self.assertIn(f"dropped: rows that cannot be read 2 ({samples}, line 6: activity cannot be read: doze)\n", said)

    def test_says_what_is_wrong(self):
        for arguments, code, words in ((("--set", "nearness=1"), 2, "nearness is none of track_gap, "),
                                       (("--set", "near=-1"), 2, "near is not between 0 and 250"),
                                       (("--set", "allowance_max=251"), 2, "allowance_max is not between 0 and 250"),
                                       (("--set", "near"), 2, "NAME=NUMBER"), (("--preset", "x"), 2, "x is neither"),
                                       (("--tracks", self.folder / "no" / "where"), 1, "cannot write")):
            ran = run("analyse", DATA / "cats.csv", *arguments)
            self.assertEqual(code, ran.returncode)
            self.assertIn(words, ran.stderr)


if __name__ == "__main__":
    unittest.main()
