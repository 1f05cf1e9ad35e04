"""script/truth in short: what it measures, and that it fails when a goal is missed."""
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from packwalk_process import BINARY, ROOT, SLOWNESS, PackwalkTest, environment
from truth import curves, matching
from truth.towns import Towns


class Truth(PackwalkTest):
    def measure(self, *arguments):
        ran = subprocess.run([sys.executable, "-B", "-m", "truth", "--binary", BINARY, "--towns", "1", *arguments],
                             env=environment({"PYTHONPATH": str(ROOT / "tools")}), capture_output=True, text=True,
                             timeout=60 * SLOWNESS)
        self.assertEqual("", ran.stderr)
        return ran.returncode, ran.stdout

    def test_walks_on_the_leash_are_found_and_nothing_on_shelves(self):
        status, said = self.measure("--dogs", "16", "--noise", "5", "--sampling", "5", "--leash", "on")
        self.assertEqual(0, status, said)
        cell = next(line for line in said.splitlines() if line.startswith("| on | 5 | 5 |")).split(" | ")
        self.assertGreater(int(cell[3]), 20)
        self.assertEqual("1.000 / 1.000 / 1.000", cell[5])
        self.assertIn("\n| 5 | 20 | 0 | 0 | 0 |\n", said)
        self.assertIn("\n3 goals met, 0 missed", said)

    def test_with_bad_constants_the_goals_are_missed(self):
        bad = ("near=1", "allowance_max=0", "contact_hole=20", "walk_reach=0", "walk_min=60")
        status, said = self.measure("--dogs", "12", "--noise", "3", "--sampling", "10",
                                    *(part for each in bad for part in ("--set", each)))
        self.assertEqual(1, status, said)
        self.assertIn("\n0 goals met, 4 missed\n  specification on the leash, noise 3 m, a fix every 10 s: precision ", said)

    def test_curves_are_drawn(self):
        curve = curves.Curve("walk_reach", "m", (0, 30), (30, 30), sampling=30)
        (path,) = curves.draw(Towns(BINARY, 2, 4), [1], self.folder, (curve,))
        picture = xml.etree.ElementTree.parse(path)
        lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
        self.assertEqual(3 * len(curves.NOISES), len(lines))
        on_shelves = lines[-1].get("points").split()
        self.assertLess(float(on_shelves[0].split(",")[1]), float(on_shelves[1].split(",")[1]), "walks only without a reach")


class Matching(unittest.TestCase):
    def test_more_than_half_must_be_shared(self):
        self.assertTrue(matching.is_same((1, 100), (1, 100)))
        self.assertTrue(matching.is_same((1, 100), (50, 100)))
        self.assertFalse(matching.is_same((1, 100), (51, 100)))
        self.assertFalse(matching.is_same((1, 100), (101, 200)))
        self.assertFalse(matching.is_same((1, 100), (1, 200)))

    def test_two_walks_found_as_one_are_wrong(self):
        score = matching.score({("a", "b"): [(0, 999), (2000, 2999)]}, {("a", "b"): [(0, 2999)], ("a", "c"): [(0, 999)]},
                               {("a", "b"): [(0, 2999)]})
        self.assertEqual(matching.Score(true=2, found=2, right=0, unplanned=1), score)
        self.assertEqual((0, 0, 0), (score.precision, score.recall, score.f1))

    def test_scores_add_up(self):
        pair = ("a", "b")
        score = matching.score({pair: [(0, 999)]}, {pair: [(10, 990)]}) + matching.score({pair: [(0, 999)]}, {})
        self.assertEqual(matching.Score(true=2, found=1, right=1), score)
        self.assertEqual((1, 0.5), (score.precision, score.recall))
        self.assertAlmostEqual(2 / 3, score.f1)
        self.assertEqual((0, 0, 0), (matching.Score().precision, matching.Score().recall, matching.Score().f1))


if __name__ == "__main__":
    unittest.main()
