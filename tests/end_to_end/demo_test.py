"""`script/server`, on the binary under test: its demo, and a second one in the same folder."""
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from packwalk_process import BINARY, ROOT, SLOWNESS, PackwalkTest, die_with_parent, environment, until


class Demo(PackwalkTest):
    def setUp(self):
        super().setUp()
        (self.folder / "script").mkdir()
        (self.folder / "build/release").mkdir(parents=True)
        shutil.copy(ROOT / "script/server", self.folder / "script")
        (self.folder / "script/build").write_text("#!/bin/sh\n")
        (self.folder / "script/build").chmod(0o755)
        (self.folder / "build/release/packwalk").symlink_to(pathlib.Path(BINARY).resolve())

    def begin(self, name):
        """(process, file of its output)"""
        path = self.folder / name
        with open(path, "w") as output:
            process = subprocess.Popen(
                [self.folder / "script/server", "--listen", "127.0.0.1:0"], stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=die_with_parent,
                env=environment({"PACKWALK_DEMO_DOGS": "20", "PACKWALK_OPS_LISTEN": "127.0.0.1:0"}))
        self.addCleanup(self.end, process)
        return process, path

    def end(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30 * SLOWNESS)

    def test_a_second_one_in_the_same_folder_leaves_the_first_alone(self):
        first, told = self.begin("first.log")
        until(lambda: "A device of your own" in told.read_text(), "the hints of the first", 60)
        log = (self.folder / "data/demo.log").stat()
        second, refused = self.begin("second.log")
        self.assertEqual(1, second.wait(60 * SLOWNESS))
        self.assertIn("another packwalk uses data already", refused.read_text())
        self.assertNotIn("listens on http", refused.read_text())
        self.assertEqual(log.st_ino, (self.folder / "data/demo.log").stat().st_ino)
        self.assertGreaterEqual((self.folder / "data/demo.log").stat().st_size, log.st_size)
        self.assertIsNone(first.poll())
        self.end(first)
        self.assertEqual(0, first.returncode, told.read_text())

    def test_every_question_that_it_prints_is_answered(self):
        _, told = self.begin("server.log")
        until(lambda: "A device of your own" in told.read_text(), "the hints", 60)
        admin = (self.folder / "data/admin.token").read_text().strip()
        questions = [line for line in told.read_text().splitlines() if line.startswith("  curl ")]
        self.assertGreater(len(questions), 4)
        for question in questions:
            with self.subTest(question):
                until(lambda: subprocess.run(["bash", "-c", question.replace("curl ", "curl -sf ")], capture_output=True,
                                             env=environment({"ADMIN": admin}), cwd=self.folder).returncode == 0,
                      "it is answered", 30)

    def test_help_builds_nothing(self):
        (self.folder / "script/build").write_text("#!/bin/sh\nexit 3\n")
        told = subprocess.run([self.folder / "script/server", "--help"], capture_output=True, text=True,
                              env=environment(), timeout=10 * SLOWNESS)
        self.assertEqual(0, told.returncode)
        for name in ("usage: script/server", "PACKWALK_DEMO_DATA", "PACKWALK_DEMO_DOGS"):
            self.assertIn(name, told.stdout)


if __name__ == "__main__":
    unittest.main()
