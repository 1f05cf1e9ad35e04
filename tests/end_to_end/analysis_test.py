"""What analysis derives on a server, from packets in any order, is what `packwalk analyse` finds in the file."""
import unittest

from analysed import LONG, EmbeddedAnalysis, SpineAnalysis
from packwalk_process import until
from recordings import DATA


class Embedded(EmbeddedAnalysis):
    def test_of_recorded_animals(self):
        self.check_recorded_animals()

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


class Spine(SpineAnalysis):
    def test_of_recorded_animals(self):
        self.check_recorded_animals()

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
