"""What script/test prints last, from ctest's files: the end of what failed tests printed, their names, the sums."""
import pathlib
import subprocess
import sys
import tempfile
import unittest
from xml.sax.saxutils import escape

TOOL = pathlib.Path(__file__).parents[2] / "tools/test_results.py"


def case(name, lines=(), status="fail"):
    output = escape("\n".join(lines))
    return f'<testcase name="{name}" time="1.6" status="{status}"><system-out>{output}</system-out></testcase>'


class Results(unittest.TestCase):
    def printed(self, code, *cases, not_built=None):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            files = [folder / "release.xml"]
            files[0].write_text(f"<testsuite>{''.join(cases)}</testsuite>")
            if not_built:
                files.append(folder / f"{not_built}.xml")
                subprocess.run([sys.executable, TOOL, "--not-built", not_built, files[1]], check=True)
            ran = subprocess.run([sys.executable, TOOL, *files], capture_output=True, text=True)
        self.assertEqual((code, ""), (ran.returncode, ran.stderr))
        return ran.stdout.splitlines()

    def test_sums_stand_last_and_say_whether_all_passed(self):
        self.assertEqual(["1 passed, 0 failed"], self.printed(0, case("a", ["fine"], "run")))
        self.assertEqual(["0 passed, 0 failed"], self.printed(1))
        self.assertEqual(["failed: release: a (2 s)", "1 passed, 1 failed"],
                         self.printed(1, case("a", status="notrun"), case("b", status="run")))
        self.assertEqual(["failed: asan: build of asan (0 s)", "1 passed, 1 failed"],
                         self.printed(1, case("b", status="run"), not_built="asan"))

    def test_the_end_of_what_a_failed_test_printed_stands_before(self):
        lines = [f"<line> {number}" for number in range(100)]
        self.assertEqual(["-- release: a (2 s), the end of its output:", *lines[-40:], "failed: release: a (2 s)",
                          "0 passed, 1 failed"], self.printed(1, case("a", lines)))

    def test_many_failures_share_the_lines(self):
        lines = [str(number) for number in range(100)]
        for count in (2, 10, 90, 300):
            printed = self.printed(1, *(case(f"test-{number}", lines) for number in range(count)))
            self.assertEqual(min(40, 200 // count) * count, sum(line.isdigit() for line in printed))
            self.assertEqual(count, sum(line.startswith("failed: ") for line in printed))
            self.assertEqual(f"0 passed, {count} failed", printed[-1])

    def test_a_run_without_results_failed(self):
        ran = subprocess.run([sys.executable, TOOL, "/nowhere/tsan.xml"], capture_output=True, text=True)
        self.assertEqual((1, "failed: tsan: it left no results\n0 passed, 1 failed\n"), (ran.returncode, ran.stdout))

    def test_a_long_line_is_cut(self):
        self.assertIn("x" * 1000, self.printed(1, case("a", ["x" * 100_000])))


if __name__ == "__main__":
    unittest.main()
