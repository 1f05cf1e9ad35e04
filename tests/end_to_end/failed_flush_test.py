"""Whichever flush of SQLite's log or database fails, nothing that was confirmed is lost in a power cut afterwards."""
import json
import pathlib
import shutil
import subprocess
import time
import unittest

import golden
from packwalk_process import PackwalkTest, run, until

HERE = pathlib.Path(__file__).parent


class FailedFlushTest(PackwalkTest):
    """`of`: of which file flushes fail. `fixes`: how many are sent; `padding`: bytes that are kept with each. `cuts`: when
    the power is cut."""

    of, fixes, padding = "log", 8, 0
    cuts = ("at the end",)

    def setUp(self):
        super().setUp()
        self.model = self.folder / "page_cache_model.so"
        subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", self.model, HERE / "page_cache_model.cc", "-ldl"],
                       check=True)
        self.first = int(time.time()) - 3000

    def modelled(self, failing, name):
        return {"LD_PRELOAD": str(self.model), "FAILING_FLUSH": str(failing), "FAILING_FLUSH_OF": self.of,
                "FLUSHES": str(self.folder / (name + ".flushes")), "ASAN_OPTIONS": "verify_asan_link_order=0",
                "PACKWALK_PACKETS_DEVICE_DAY_MAX": "0"}

    def analysed(self, packwalk):
        """Analysis has written, behind what was confirmed, what nobody flushes."""
        until(lambda: not self.rows(packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)

    def send(self, packwalk, token, number):
        """Whether the fix of this number was confirmed."""
        fix = json.dumps(golden.track(self.first + number * 10, lat=48.7 + number * 0.001))
        return packwalk.post(token, "{" + " " * self.padding + fix[1:]).status == 202

    def run_once(self, failing):
        """Sends beside an analysis, then ends the server. Returns whether the flush of this number came to fail."""
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
        had_failed = self.has_failed(name)
        for number in range(self.fixes):
            if self.send(packwalk, token, number):
                confirmed.add(number)
            if number in (2, 4):
                self.analysed(packwalk)
            if self.has_failed(name) > had_failed:
                had_failed = True
                self.cut_power(packwalk, "when it failed", confirmed)
        self.assertGreater(len(confirmed), self.fixes - 3, packwalk.log())
        self.cut_power(packwalk, "at the end", confirmed)
        if "afterwards" in self.cuts:
            self.assertEqual(0, packwalk.stop())
            self.cut_power(packwalk, "afterwards", confirmed)
        packwalk.kill()
        return self.has_failed(name)

    def has_failed(self, name):
        return "fails" in (self.folder / (name + ".flushes")).read_text()

    def kept(self, server):
        """The numbers of the fixes that can be read."""
        fixes = server.get(f"/v1/devices/rex/fixes?from={self.first}&to={self.first + 1000}").json.get("fixes", [])
        return {(fix["timestamp"] - self.first) // 10 for fix in fixes}

    def cut_power(self, packwalk, when, confirmed):
        """What was confirmed is on the disk at this moment, and all that is there fits together."""
        if when not in self.cuts:
            return
        if packwalk.process.poll() is None:
            self.analysed(packwalk)  # nobody writes
            self.assertLessEqual(confirmed, self.kept(packwalk))
        after = self.server(f"{packwalk.data.name} {when}")
        shutil.copytree(packwalk.data, after.data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("packwalk.db", "packwalk.db-*"))
        for disk in packwalk.data.glob("*.disk"):
            shutil.copy(disk, after.data / disk.stem)
        after.start()

        until(lambda: confirmed <= self.kept(after), f"{after.data.name} has {sorted(confirmed)}")
        self.assertEqual(0, after.stop())
        checked = run("check", "--data", after.data)
        self.assertEqual(0, checked.returncode, checked.stdout)
        shutil.rmtree(after.data)

    def each_fails_once(self):
        failing = 1
        while self.run_once(failing):
            failing += 1
        print(f"each of {failing - 1} flushes of the {self.of} failed once")
        return failing - 1


class OfTheLog(FailedFlushTest):
    def test_each_of_them(self):
        self.assertGreater(self.each_fails_once(), 8)


class OfTheDatabase(FailedFlushTest):
    """So much is kept that the log is copied into the database, which is tried again soon after it failed, and the log is
    begun anew."""

    of, fixes, padding = "database", 90, 1_000_000
    cuts = ("when it failed", "at the end", "afterwards")

    def test_each_of_them(self):
        self.assertGreater(self.each_fails_once(), 2)


if __name__ == "__main__":
    unittest.main()
