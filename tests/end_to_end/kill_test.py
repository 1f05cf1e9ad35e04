"""A server that is killed or stopped under load keeps what it confirmed, once.

PACKWALK_KILL_ROUNDS says how often it is killed, PACKWALK_KILL_SEED when.
"""
import os
import random
import threading
import time
import unittest

import load
from packwalk_process import SLOWNESS, PackwalkTest

ROUNDS = int(os.environ.get("PACKWALK_KILL_ROUNDS", "200"))
SEED = int(os.environ.get("PACKWALK_KILL_SEED", "1"))
SENDERS = 4


class LoadTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.server()
        self.tally = load.Tally(self.packwalk.add_devices(4))

    def senders(self, seed):
        """Started; returns them when one of them has its first 2xx."""
        first_answer = threading.Event()
        senders = [load.Sender(self.packwalk, self.tally, seed * SENDERS + i, first_answer) for i in range(SENDERS)]
        for sender in senders:
            sender.start()
        self.assertTrue(first_answer.wait(30 * SLOWNESS), "nobody was answered: " + self.packwalk.log())
        return senders

    def join(self, senders):
        for sender in senders:
            sender.join(60)
            self.assertIsNone(sender.bad)

    def check(self):
        """After a clean start, which drains the queue, and a clean stop."""
        self.packwalk.start()
        self.assertEqual(0, self.packwalk.stop())
        self.assertEqual([], list((self.packwalk.data / "queue").iterdir()))
        load.check_embedded_tally(self, self.packwalk.data, self.tally)


class KilledTest(LoadTest):
    """Half of the rounds: the halves run beside each other."""
    half = None

    def kill_at_random_moments(self):
        moments = random.Random(SEED * 2 + self.half)
        for round in range(self.half, ROUNDS, 2):
            if round % 10 in (8, 9):
                self.kill_at_start(moments.uniform(0, 0.03))
            self.packwalk.start()
            senders = self.senders(SEED + round)
            time.sleep(moments.uniform(0.03, 0.15))
            self.packwalk.kill()
            self.join(senders)
        self.check()
        print(f"seed {SEED}: {len(range(self.half, ROUNDS, 2))} rounds, {sum(self.tally.confirmed.values())} packets confirmed,"
              f" {sum(self.tally.attempts.values())} sent")

    def kill_at_start(self, seconds):
        starting = threading.Timer(seconds, lambda: self.packwalk.process and self.packwalk.process.kill())
        starting.start()
        try:
            self.packwalk.start()
        except AssertionError:
            pass
        starting.join()
        self.packwalk.kill()


class KilledEven(KilledTest):
    half = 0

    def test_at_random_moments(self):
        self.kill_at_random_moments()


class KilledOdd(KilledTest):
    half = 1

    def test_at_random_moments(self):
        self.kill_at_random_moments()


class Stopped(LoadTest):
    def test_under_load(self):
        for round in range(3):
            self.packwalk.start()
            senders = self.senders(SEED + round)
            time.sleep(0.3)
            began = time.monotonic()
            self.assertEqual(0, self.packwalk.stop())
            self.assertLess(time.monotonic() - began, 20 * SLOWNESS)
            self.join(senders)
            self.assertEqual([], list((self.packwalk.data / "queue").iterdir()))
            self.assertFalse((self.packwalk.data / "listen").exists())
            load.check_embedded_tally(self, self.packwalk.data, self.tally)
            self.assertIn("event=stopped", self.packwalk.log())

    def test_an_idle_server_stops_at_once(self):
        self.packwalk.start()
        idle = self.packwalk.connect()
        idle.connect()
        began = time.monotonic()
        self.assertEqual(0, self.packwalk.stop())
        self.assertLess(time.monotonic() - began, 3 * SLOWNESS)
        idle.close()

    def test_what_was_settled_does_not_come_again(self):
        self.packwalk.start()
        senders = self.senders(SEED)
        time.sleep(0.2)
        self.packwalk.stop()
        self.join(senders)
        count = "SELECT count(*) FROM messages"
        before = self.rows(self.packwalk.data, count)
        self.packwalk.start()
        self.assertEqual(0, sum(value for (name, _), value in self.packwalk.metrics().items()
                                if name == "packwalk_packets_total"))
        self.packwalk.stop()
        self.assertEqual(before, self.rows(self.packwalk.data, count))


if __name__ == "__main__":
    unittest.main()
