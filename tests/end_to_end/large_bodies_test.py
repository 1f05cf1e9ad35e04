"""A broker that is blocked, paused, or behind a path that stands still, while large bodies are under way to it: nobody waits for
longer than `queue.confirm_seconds_max`, `/readyz` says so, and nothing that was confirmed is lost."""
import contextlib
import subprocess
import threading
import time
import unittest

import golden
from packwalk_process import BINARY_FORM, JSON, SLOWNESS, until
from spine import SpineTest
from standing_proxy import StandingProxy
from servers.server import free_port

CONFIRM_SECONDS = 4
LATE_SECONDS = 3  # that a busy machine may need besides
SILENCE_SECONDS = 10  # after which nothing is believed
COUNT = 8


class LargeBodies(SpineTest):
    """All in one test, as a broker of its own takes seconds to start."""

    def setUp(self):
        super().setUp()
        tls_port, certificate, key = free_port(), self.folder / "server.pem", self.folder / "server.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"], check=True,
                       capture_output=True)
        self.broker = self.begin_broker([
            f"listeners.ssl.1 = 127.0.0.1:{tls_port}", f"ssl_options.certfile = {certificate}",
            f"ssl_options.keyfile = {key}", "ssl_options.verify = verify_none"])
        self.proxy = StandingProxy(tls_port)
        self.addCleanup(self.proxy.close)
        self.settings |= {"PACKWALK_QUEUE_CA_FILE": str(certificate),
                          "PACKWALK_QUEUE_CONFIRM_SECONDS_MAX": str(CONFIRM_SECONDS),
                          "PACKWALK_HTTP_BODY_BYTES_MAX": "9000000"}
        (self.device, self.token), = self.add_devices(1)
        self.sent = 0
        self.confirmed = []
        self.lock = threading.Lock()

    def start(self, url):
        self.settings["PACKWALK_QUEUE_URLS"] = url
        self.gateway = self.role("gateway").start()
        self.until_ready(self.gateway)

    def post(self, size=0):
        """A packet, in a body of at least so many bytes; returns (status, seconds)."""
        with self.lock:
            self.sent += 1
            timestamp = golden.START + self.sent
        began = time.monotonic()
        if size:
            body = b'{"type":"track","timestamp":%d,"lat":1,"lon":2}' % timestamp
            answer = self.gateway.post(self.token, body + b" " * (size - len(body)), JSON)
        else:
            answer = self.gateway.post(self.token, golden.track_bytes(timestamp, 1, 2), BINARY_FORM)
        with self.lock:
            if answer.status == 202:
                self.confirmed.append(timestamp)
        return answer.status, time.monotonic() - began

    def post_all(self, size):
        """COUNT bodies at once, each by its own thread; returns the threads and where their answers come."""
        answers = []

        def post():
            with contextlib.suppress(OSError):  # the gateway may be stopped meanwhile
                answers.append(self.post(size))

        threads = [threading.Thread(target=post) for _ in range(COUNT)]
        for thread in threads:
            thread.start()
        return threads, answers

    def assert_nobody_waits(self, size, stop, go_on):
        """While the broker is stopped the bodies and a packet behind them are answered in time."""
        self.assertEqual(202, self.post()[0])
        stop()
        threads, answers = self.post_all(size)
        status, seconds = self.post()
        self.assertEqual(503, status)
        self.assertLess(seconds, (CONFIRM_SECONDS + LATE_SECONDS) * SLOWNESS)
        for thread in threads:
            thread.join()
        self.assertEqual(COUNT, len(answers))
        self.assertEqual({503}, {status for status, _ in answers})
        self.assertLess(max(seconds for _, seconds in answers), (CONFIRM_SECONDS + LATE_SECONDS) * SLOWNESS)
        for _ in range(3):
            self.assert_not_ready()
            status, seconds = self.post()
            self.assertEqual(503, status)
            self.assertLess(seconds, (CONFIRM_SECONDS + LATE_SECONDS) * SLOWNESS)
        until(lambda: "event=not_ready lack=queue" in self.gateway.log(), "the log has it too")
        go_on()
        until(lambda: self.post()[0] == 202, "a packet is taken again", 30)
        until(lambda: self.is_ready(self.gateway), "it is ready again", 2 * SILENCE_SECONDS)
        self.assertEqual((202, 202), (self.post()[0], self.post(size)[0]))

    def assert_not_ready(self):
        ready = self.gateway.request("GET", "/readyz")
        self.assert_problem(ready, 503)
        self.assertEqual("not ready: queue", ready.json["detail"])
        self.assertIn("RabbitMQ", self.gateway.ops("/readyz").json["detail"])

    def alarm(self):
        self.broker.control("set_vm_memory_high_watermark", "absolute", "1")

    def end_alarm(self):
        self.broker.control("set_vm_memory_high_watermark", "absolute", "2GiB")

    def test_under_way_to_a_broker_that_takes_nothing_hold_up_nobody(self):
        self.start(self.broker.url)
        self.end_alarm()
        for size in (8_000_000, 65_536):
            self.assert_nobody_waits(size, self.alarm, self.end_alarm)
            self.assert_nobody_waits(size, self.broker.pause, self.broker.resume)
        self.idle_without_a_word()
        self.stopped_while_it_stands_still(8_000_000)
        self.start(f"amqps://guest:guest@localhost:{self.proxy.port}/%2F")
        for size in (8_000_000, 65_536):
            self.assert_nobody_waits(size, self.proxy.stand_still, self.proxy.go_on)
        self.assert_all_confirmed_is_kept()

    def idle_without_a_word(self):
        """It is noticed without any packet."""
        self.broker.pause()
        until(lambda: not self.is_ready(self.gateway), "it is not ready", SILENCE_SECONDS + LATE_SECONDS)
        self.broker.resume()
        until(lambda: self.is_ready(self.gateway), "it is ready again", 30)
        self.alarm()
        until(lambda: not self.is_ready(self.gateway), "it is not ready", LATE_SECONDS)
        self.end_alarm()
        until(lambda: self.is_ready(self.gateway), "it is ready again", 30)

    def stopped_while_it_stands_still(self, size):
        self.broker.pause()
        threads, answers = self.post_all(size)
        began = time.monotonic()
        self.assertEqual(0, self.gateway.stop())
        self.assertLess(time.monotonic() - began, 20 * SLOWNESS)
        for thread in threads:
            thread.join()
        self.assertNotIn(202, {status for status, _ in answers})
        self.broker.resume()

    def assert_all_confirmed_is_kept(self):
        self.settings["PACKWALK_QUEUE_URLS"] = self.broker.url
        worker = self.role("ingest").start()
        self.until_ready(worker)
        self.until_drained([worker], 120)
        kept = {timestamp for timestamp, in self.database_rows("SELECT timestamp FROM fixes")}
        self.assertEqual([], [timestamp for timestamp in self.confirmed if timestamp not in kept])
        self.assertGreater(len(self.confirmed), 10)


if __name__ == "__main__":
    unittest.main()
