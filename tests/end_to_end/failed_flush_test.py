"""Whichever flush of SQLite's log or database fails, nothing that was confirmed is lost in a power cut afterwards, and
nothing that was erased is found."""
import json
import pathlib
import random
import shutil
import subprocess
import time
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from times import second_of

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
                "FLUSHES": str(self.folder / (name + ".flushes")),
                "PACKWALK_PACKETS_DEVICE_DAY_MAX": "0"}

    def analysed(self, packwalk):
        """Analysis has written, behind what was confirmed, what nobody flushes."""
        until(lambda: not self.rows(packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)

    def send(self, packwalk, token, number):
        """Whether the fix of this number was confirmed."""
        fix = json.dumps(golden.track(self.first + number * 10, lat=48.7 + number * 0.001))

        def is_confirmed():
            return packwalk.post(token, "{" + " " * self.padding + fix[1:]).status == 202

        if not self.padding:
            return is_confirmed()
        until(is_confirmed, "there is room for so many bytes again", 60)
        return True

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
        return {(second_of(fix["timestamp"]) - self.first) // 10 for fix in fixes}

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


class OfAnErasure(FailedFlushTest):
    """What `device erase` overwrote and could not flush is overwritten again: the cache has it, the disk does not."""

    of = "database"
    erased = [f"kennel-dog-{number:04}" for number in range(5, 25)]

    def test_each_of_them(self):
        before = self.folder / "before"
        self.make_rows(before)
        failing = 1
        while self.erase_all(before, failing):
            failing += 1
        print(f"each of {failing - 1} flushes of the database failed once while a device was erased")
        self.assertGreater(failing - 1, 2)

    def make_rows(self, data):
        """Small and large fixes of many devices, in no order, so that pages are divided and copies stay in them."""
        packwalk = self.server(data.name, env=self.modelled(0, "before"))
        packwalk.start()
        added = run("device", "add", "--count", 30, "--prefix", "kennel-dog-", "--data", data, env=self.modelled(0, "device"))
        self.assertEqual(0, added.returncode, added.stderr)
        devices = [line.split(",") for line in added.stdout.split()]
        until(lambda: packwalk.post(devices[-1][1], "[]").status != 401, "the devices are known")
        chance = random.Random(5)
        for _ in range(2000):
            id, token = chance.choice(devices)
            packets = [golden.track(golden.START + chance.randrange(10**7), note=self.mark(id) + "x" * chance.choice([1, 300, 1000]))
                       for _ in range(2)]
            self.assertEqual(202, packwalk.post(token, packets).status)
        self.assertEqual(0, packwalk.stop())
        for id in self.erased:
            self.assertGreater(self.traces(data, id), 0)

    def mark(self, id):
        return f"<mark of {id}>"

    def erase_all(self, before, failing):
        """Whether, of each erasure, the flush of this number came to fail."""
        data = self.folder / f"erasure-{failing}"
        shutil.copytree(before, data)
        failed = [self.erase_once(data, id, failing) for id in self.erased]
        shutil.rmtree(data)
        return all(failed)

    def erase_once(self, data, id, failing):
        name = f"{data.name}-{id}"
        env = self.modelled(failing, name) | {"LOST_PAGES": "stay"}
        first = run("device", "erase", id, "--yes", "--data", data, env=env)
        if first.returncode != 0:
            again = run("device", "erase", id, "--yes", "--data", data, env=env | {"FAILING_FLUSH": "0"})
            self.assertEqual(0, again.returncode, first.stderr + again.stderr)
        self.assertEqual(0, self.traces(data, id), f"flush {failing} failed: {first.stdout}{first.stderr}")
        return self.has_failed(name)

    def traces(self, data, id):
        """How often the database, as a power cut would leave it, has something of the device."""
        return (data / "packwalk.db.disk").read_bytes().count(self.mark(id).encode())


if __name__ == "__main__":
    unittest.main()
