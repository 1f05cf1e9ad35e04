"""A disk without room: what cannot be kept is refused, what was kept stays, and it goes on when there is room again."""
import resource
import unittest

import golden
import load
import small_disk
from packwalk_process import BINARY_FORM, NDJSON, PackwalkTest, until

DISK_BYTES = 32 * 1024 * 1024


class DiskTest(PackwalkTest):
    """One device; a packet for each second, in a tally that is held against the database at the end."""

    def setUp(self):
        super().setUp()
        self.packwalk = self.server()

    def begin(self):
        self.tally = load.Tally([("rex", self.packwalk.add_device("rex"))])
        self.token = self.tally.devices[0][1]

    def send(self, padding=0):
        """Returns the status."""
        key = ("rex", load.TRACK, next(self.tally.timestamps))
        self.tally.sent([key])
        body = load.record(*key[1:])
        if padding:
            body = golden.ndjson([load.packet(*key[1:])]).encode() + b" " * padding
        answer = self.packwalk.post(self.token, body, NDJSON if padding else BINARY_FORM)
        if answer.status == 202:
            self.tally.answered([key])
        else:
            self.assert_problem(answer, 503)
            self.assertGreater(int(answer.headers["retry-after"]), 0)
        return answer.status

    def ready(self):
        return self.packwalk.request("GET", "/readyz").status

    def check(self):
        self.assertEqual(0, self.packwalk.stop())
        load.check_embedded_tally(self, self.packwalk.data, self.tally)


class SmallDisk(DiskTest):
    def setUp(self):
        super().setUp()
        folder = self.packwalk.data
        small_disk.mount(self, folder, DISK_BYTES)
        self.addCleanup(self.packwalk.kill)
        self.ballast = folder / "ballast"
        self.begin()

    def test_is_refused_while_it_is_full_and_taken_when_it_is_not(self):
        self.packwalk.start()
        for _ in range(20):
            self.assertEqual(202, self.send())
        before = self.packwalk.messages_when("rex", 20)
        for _ in range(2):
            small_disk.fill(self.ballast)
            until(lambda: self.send() == 503, "packets are refused")
            self.assertEqual(503, self.ready())
            self.assertEqual(200, self.packwalk.request("GET", "/healthz").status)
            self.assertEqual(before, self.packwalk.messages("rex")[:20], "what was kept can be read")
            self.assertEqual(200, self.packwalk.get("/v1/devices/rex/position").status)
            for _ in range(20):
                self.send()
            self.ballast.unlink()
            until(lambda: self.send() == 202, "packets are taken again")
            until(lambda: self.ready() == 200, "it is ready again")
            for _ in range(20):
                self.assertEqual(202, self.send())
        self.assertIn("event=commit_failed", self.packwalk.log())
        self.assertLess(len(self.packwalk.log().splitlines()), 100)
        self.check()

    def test_no_room_for_the_queues_first_file(self):
        self.packwalk.start()
        small_disk.fill(self.ballast)
        self.assertEqual(503, self.send())
        self.assertEqual(503, self.ready())
        self.assertEqual([], self.packwalk.messages("rex"))
        self.ballast.unlink()
        self.assertEqual(202, self.send())
        self.assertEqual(200, self.ready())
        self.check()

    def test_no_room_for_the_queues_next_files(self):
        self.packwalk.start()
        self.assertEqual(202, self.send())
        self.packwalk.messages_when("rex", 1)
        small_disk.fill(self.ballast)
        statuses = [self.send(padding=200_000) for _ in range(200)]
        self.assertIn(503, statuses)
        self.ballast.unlink()
        until(lambda: self.send() == 202, "packets are taken again")
        self.check()

    def test_a_server_that_is_stopped_or_killed_on_a_full_disk_keeps_what_it_confirmed(self):
        for end in (lambda: self.assertEqual(0, self.packwalk.stop()), self.packwalk.kill):
            self.packwalk.start()
            self.assertEqual(202, self.send())
            small_disk.fill(self.ballast)
            until(lambda: self.send() == 503, "packets are refused")
            end()
            self.ballast.unlink()
        self.packwalk.start()
        self.assertEqual(202, self.send())
        self.check()


class SmallFiles(DiskTest):
    """No file may grow beyond a limit: the same for those who may not mount a disk."""

    def test_is_refused_and_taken_again(self):
        self.begin()
        self.packwalk.start()
        self.assertEqual(202, self.send())
        self.packwalk.messages_when("rex", 1)
        unlimited = resource.prlimit(self.packwalk.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.packwalk.process.pid, resource.RLIMIT_FSIZE, (8192, unlimited[1]))
        until(lambda: self.send() == 503, "packets are refused")
        self.assertEqual(503, self.ready())
        resource.prlimit(self.packwalk.process.pid, resource.RLIMIT_FSIZE, unlimited)
        until(lambda: self.send() == 202, "packets are taken again")
        until(lambda: self.ready() == 200, "it is ready again")
        self.check()


if __name__ == "__main__":
    unittest.main()
