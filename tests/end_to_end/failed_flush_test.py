"""Whichever flush of SQLite's log or database fails, nothing that was confirmed is lost in a power cut afterwards."""
import pathlib
import shutil
import subprocess
import time
import unittest

import golden
from packwalk_process import PackwalkTest, run, until

HERE = pathlib.Path(__file__).parent


class FailedFlushTest(PackwalkTest):
    """`of`: of which file flushes fail."""

    of = "log"

    def setUp(self):
        super().setUp()
        self.model = self.folder / "page_cache_model.so"
        subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", self.model, HERE / "page_cache_model.cc", "-ldl"],
                       check=True)
        self.first = int(time.time()) - 3000

    def modelled(self, failing, name):
        return {"LD_PRELOAD": str(self.model), "FAILING_FLUSH": str(failing), "FAILING_FLUSH_OF": self.of,
                "FLUSHES": str(self.folder / (name + ".flushes")), "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def analysed(self, packwalk):
        """Analysis has written, behind what was confirmed, what nobody flushes."""
        until(lambda: not self.rows(packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)

    def send(self, packwalk, token, number):
        """Whether the fix of this number was confirmed."""
        fix = golden.track(self.first + number * 10, lat=48.7 + number * 0.001)
        return packwalk.post(token, fix).status == 202

    def run_once(self, failing):
        """Sends beside an analysis, cuts the power, and returns whether the flush of this number came to fail."""
        name = f"{self.of}-{failing}"
        packwalk = self.server(name, env=self.modelled(failing, name))
        try:
            packwalk.start()
        except AssertionError:  # it ended at once and said so: nothing was confirmed
            return self.has_failed(name)
        env = self.modelled(0, name + "-device")
        added = run("device", "add", "rex", "--data", packwalk.data, env=env)
        self.assertEqual(0, added.returncode, added.stderr)
        token = added.stdout.strip()
        until(lambda: packwalk.post(token, "[]").status != 401, "the device is known")
        confirmed = set()
        for number in range(8):
            if self.send(packwalk, token, number):
                confirmed.add(number)
            if number in (2, 4):
                self.analysed(packwalk)
        packwalk.kill()
        self.assertGreater(len(confirmed), 5, packwalk.log())
        self.assert_kept(packwalk, confirmed)
        return self.has_failed(name)

    def has_failed(self, name):
        return "fails" in (self.folder / (name + ".flushes")).read_text()

    def assert_kept(self, packwalk, confirmed):
        after = self.server(packwalk.data.name + "-after")
        shutil.copytree(packwalk.data, after.data, dirs_exist_ok=True)
        log = after.data / "packwalk.db-wal"
        log.with_name(log.name + ".disk").replace(log)
        (after.data / "packwalk.db-shm").unlink(missing_ok=True)
        after.start()
        def kept():
            fixes = after.get(f"/v1/devices/rex/fixes?from={self.first}&to={self.first + 1000}").json.get("fixes", [])
            return {(fix["timestamp"] - self.first) // 10 for fix in fixes}

        until(lambda: confirmed <= kept(), f"{sorted(confirmed)} of {after.data.name}, which has {sorted(kept())}")
        self.assertEqual(0, after.stop())
        checked = run("check", "--data", after.data)
        self.assertEqual(0, checked.returncode, checked.stdout)


class OfTheLog(FailedFlushTest):
    def test_each_of_them(self):
        failing = 1
        while self.run_once(failing):
            failing += 1
        self.assertGreater(failing, 8)
        print(f"each of {failing - 1} flushes of the log failed once")


if __name__ == "__main__":
    unittest.main()
