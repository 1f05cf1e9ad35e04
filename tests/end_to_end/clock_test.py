"""The machine's clock jumps a day ahead and back while the server runs: ages, limits and what comes follow it at once."""
import pathlib
import subprocess
import time
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from times import microsecond_of

HERE = pathlib.Path(__file__).parent
DAY = 86_400


class ClockJumps(PackwalkTest):
    def setUp(self):
        super().setUp()
        shim = self.folder / "set_clock.so"
        subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", shim, HERE / "set_clock.cc", "-ldl"], check=True)
        self.ahead = self.folder / "ahead"
        self.set_ahead(0)
        self.packwalk = self.serve(env={"LD_PRELOAD": str(shim), "CLOCK_AHEAD": str(self.ahead),
                                        "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def set_ahead(self, seconds):
        beside = self.folder / "ahead.new"
        beside.write_text(str(seconds))
        beside.rename(self.ahead)

    def jump(self, seconds, jumps):
        self.set_ahead(seconds)
        until(lambda: self.packwalk.log().count("event=clock_set") == jumps, "the server says that the clock was set")

    def positions(self, query=""):
        return self.packwalk.get("/v1/positions?bbox=-180,-90,180,90" + query).json["positions"]

    def send(self, timestamp):
        """The verdict and when it is said to have come."""
        before = len(self.packwalk.messages("rex"))
        self.packwalk.post(self.token, golden.track(timestamp))
        message, = [each for each in self.packwalk.messages_when("rex", before + 1)
                    if each["received_at"] not in self.seen]
        self.seen.add(message["received_at"])
        return message["verdict"], microsecond_of(message["received_at"]) / 1e6

    def test_ahead_and_back(self):
        self.token, self.seen = self.packwalk.add_device("rex"), set()
        until(lambda: self.packwalk.post(self.token, "[]").status != 401, "the device is known")
        self.seen = {each["received_at"] for each in self.packwalk.messages("rex")}
        now = int(time.time())
        self.assertEqual("accepted", self.send(now - 10)[0])
        self.jump(DAY, 1)
        verdict, received_at = self.send(now - 5)
        self.assertEqual("accepted", verdict)
        self.assertAlmostEqual(now + DAY, received_at, delta=300)
        self.assertGreater(self.positions()[0]["age_seconds"], DAY - 300)
        self.jump(0, 2)
        position, = self.positions("&max_age_seconds=600")
        self.assertLess(position["age_seconds"], 300)
        verdict, received_at = self.send(now + 23 * 3600)
        self.assertEqual("invalid", verdict)
        self.assertAlmostEqual(now, received_at, delta=300)
        verdict, received_at = self.send(int(time.time()))
        self.assertEqual("accepted", verdict)
        self.assertAlmostEqual(now, received_at, delta=300)
        self.assertEqual(received_at, microsecond_of(self.positions()[0]["received_at"]) / 1e6)
        until(lambda: not self.rows(self.packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)
        checked = run("check", "--data", self.packwalk.data)
        self.assertEqual(0, checked.returncode, checked.stdout)
        log = self.packwalk.log()
        self.assertEqual(2, log.count("event=clock_set"), log)


if __name__ == "__main__":
    unittest.main()
