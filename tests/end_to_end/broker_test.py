"""A broker that is blocked, paused, away, or has lost the queue: nobody waits for it for ever."""
import time
import unittest

import golden
from packwalk_process import BINARY_FORM, SLOWNESS, until
from spine import SpineTest

CONFIRM_SECONDS = 2


class Broker(SpineTest):
    """All in one test, as a broker of its own takes seconds to start."""

    def setUp(self):
        super().setUp()
        self.broker = self.begin_broker()
        self.settings |= {"PACKWALK_QUEUE_URLS": self.broker.url,
                          "PACKWALK_QUEUE_CONFIRM_SECONDS_MAX": str(CONFIRM_SECONDS)}
        (self.device, self.token), = self.add_devices(1)
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(self.gateway, self.worker, self.api)
        self.sent = 0

    def post(self):
        self.sent += 1
        return self.gateway.post(self.token, golden.track_bytes(golden.START + self.sent, 1, 2), BINARY_FORM)

    def assert_is_kept(self):
        """Sends packets, and waits for connections that are not there yet."""
        until(lambda: self.post().status == 202, "a packet is taken", 90)
        newest = golden.START + self.sent
        until(lambda: self.database_rows(f"SELECT 1 FROM fixes WHERE timestamp = {newest}"), "it is committed", 90)

    def assert_refused(self, seconds, reason):
        began = time.monotonic()
        answer = self.post()
        self.assertLess(time.monotonic() - began, seconds * SLOWNESS)
        self.assert_problem(answer, 503)
        self.assertIn("retry-after", answer.headers)
        in_public = self.gateway.request("GET", "/readyz")
        self.assert_problem(in_public, 503, "not ready")
        self.assertNotIn("RabbitMQ", in_public.json["detail"])
        ready = self.gateway.ops("/readyz")
        self.assert_problem(ready, 503, "RabbitMQ: ", reason)
        self.assertNotIn("guest", ready.json["detail"])
        until(lambda: reason in self.gateway.log(), "the log has the reason too")

    def assert_ends_within(self, server, seconds):
        began = time.monotonic()
        self.assertEqual(0, server.stop())
        self.assertLess(time.monotonic() - began, seconds * SLOWNESS)

    def test_that_fails_in_every_way_holds_up_nobody(self):
        self.assert_is_kept()
        self.blocked()
        self.without_the_queue()
        self.paused()
        self.away()

    def blocked(self):
        self.broker.control("set_vm_memory_high_watermark", "absolute", "1")
        self.assert_refused(CONFIRM_SECONDS + 5, "it takes no messages")
        blocked = len(self.gateway.log())
        time.sleep(2 * CONFIRM_SECONDS)
        self.assert_refused(1, "it takes no messages")
        self.assertNotIn("does not confirm", self.gateway.log()[blocked:], "a blocked link is not given up")
        self.broker.control("set_vm_memory_high_watermark", "absolute", "1GiB")
        self.assert_is_kept()

    def without_the_queue(self):
        """The worker is told, makes it anew, and goes on."""
        self.broker.control("delete_queue", self.settings["PACKWALK_QUEUE_NAME"])
        self.assert_is_kept()

    def paused(self):
        self.broker.pause()
        self.assert_refused(CONFIRM_SECONDS + 5, "it does not confirm")
        for server in (self.gateway, self.worker):
            self.assert_ends_within(server, 20)
        self.broker.resume()
        for server in (self.gateway, self.worker):
            server.start()
        self.assert_is_kept()

    def away(self):
        self.broker.kill()
        until(lambda: b"at 127.0.0.1:" in self.gateway.ops("/readyz").body, "who is missed is named")
        self.assert_refused(1, "at 127.0.0.1:")
        self.assert_ends_within(self.gateway, 3)
        self.gateway.start()
        self.broker.start()
        self.assert_is_kept()


if __name__ == "__main__":
    unittest.main()
