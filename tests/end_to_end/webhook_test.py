"""Changes of status on their way to a webhook, which may be down, slow to recover or refuse; and to the log."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import unittest

import golden
from packwalk_process import PackwalkTest, run, until

SECRET = base64.b64encode(b"a key of twenty-four by.").decode()


class Receiver:
    """A webhook that checks each signature. `status` is what it answers."""

    def __init__(self, port=0):
        self.attempts, self.wrong, self.status = [], [], 204
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.take(self.headers, body)
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(base64.b64decode(SECRET), text, hashlib.sha256).digest()
        if headers["webhook-signature"] != "v1," + base64.b64encode(digest).decode():
            self.wrong.append(headers["webhook-signature"])
        if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
            self.wrong.append(headers["webhook-timestamp"])
        self.attempts.append((headers["webhook-id"], json.loads(body), self.status))

    def delivered(self):
        return [body for _, body, status in self.attempts if status == 204]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Webhook(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(lambda: self.receiver.close())
        self.env = {"PACKWALK_NOTIFY_WEBHOOK_URL": self.receiver.url,
                    "PACKWALK_NOTIFY_WEBHOOK_SECRET": "whsec_" + SECRET}
        self.now = int(time.time()) - 1000

    def serve_with_rex(self, env):
        self.packwalk = self.serve(env=env)
        self.token = self.packwalk.add_device("rex")
        self.send(0)  # the first status is no change

    def send(self, *statuses):
        """A packet of each status, ten seconds apart."""
        for status in statuses:
            self.now += 10
            until(lambda: self.packwalk.post(self.token, golden.track(self.now) | {"status": status}).status == 202,
                  "it is taken")

    def test_each_change_arrives_once_and_in_order(self):
        self.serve_with_rex(self.env)
        self.send(1, 1, 2, 3, 3, 1)
        until(lambda: len(self.receiver.delivered()) >= 4, "all changes are there")
        self.send(1)
        bodies = self.receiver.delivered()
        self.assertEqual(["status_changed"] * len(bodies), [body["type"] for body in bodies])
        self.assertEqual([1, 2, 3, 1], [body["data"]["status"] for body in bodies])
        self.assertEqual({"rex"}, {body["device"] for body in bodies})
        self.assertEqual(4, len({id for id, *_ in self.receiver.attempts}))
        self.assertEqual([], self.receiver.wrong)
        until(lambda: self.packwalk.metrics()[("packwalk_notifications_sent_total", frozenset())] == 4, "it counts them")
        self.assertNotIn(SECRET, self.packwalk.log())

    def test_what_the_receiver_cannot_take_comes_again_after_a_restart_too(self):
        self.receiver.status = 500
        self.serve_with_rex(self.env)
        self.send(1, 2)
        until(lambda: self.receiver.attempts, "an attempt")
        self.packwalk.kill()
        self.receiver.status = 204
        self.packwalk.start()
        until(lambda: len(self.receiver.delivered()) >= 2, "both arrive, at the latest when the lease of the one that was killed has ended", 150)
        self.assertEqual([1, 2], [body["data"]["status"] for body in self.receiver.delivered()])
        first, *_ = self.receiver.attempts
        self.assertIn(first[0], [id for id, _, status in self.receiver.attempts if status == 204], "with the same id")

    def test_a_receiver_that_is_down_is_in_the_log_until_it_is_back(self):
        port = self.receiver.server.server_port
        self.receiver.close()
        self.serve_with_rex(self.env | {"PACKWALK_NOTIFY_WEBHOOK_URL": f"http://me:hidden@127.0.0.1:{port}/hook"})
        self.send(1)
        until(lambda: "event=notification_failed" in self.packwalk.log(), "it is logged")
        (line,) = [one for one in self.packwalk.log().splitlines() if "event=notification_failed" in one]
        for part in ("level=warning", "reason=", "count=1", "next_attempt_at=20"):
            self.assertIn(part, line)
        self.assertNotIn("hidden", self.packwalk.log())
        self.receiver = Receiver(port)
        until(lambda: "event=notifications_continue" in self.packwalk.log(), "it works again", 60)
        self.assertEqual(1, self.packwalk.log().count("event=notification_failed"))
        self.assertEqual(1, len(self.receiver.delivered()))

    def test_a_final_refusal_is_logged_and_holds_nothing_up(self):
        self.receiver.status = 410
        self.serve_with_rex(self.env)
        self.send(1)
        until(lambda: "event=event_given_up" in self.packwalk.log(), "it is given up")
        self.receiver.status = 204
        self.send(2)
        until(lambda: self.receiver.delivered(), "the next one arrives")
        self.assertEqual([2], [body["data"]["status"] for body in self.receiver.delivered()])

    def test_without_a_webhook_events_are_in_the_log(self):
        self.serve_with_rex({})
        self.send(7)
        until(lambda: "event=notification" in self.packwalk.log(), "it is logged")
        self.assertIn("status_changed", self.packwalk.log())

    def test_a_webhook_that_cannot_be_is_refused_at_the_start(self):
        for settings, words in (({"PACKWALK_NOTIFY_WEBHOOK_SECRET": ""}, "no secret"),
                                ({"PACKWALK_NOTIFY_WEBHOOK_SECRET": "0123456789abcde"}, "16 bytes"),
                                ({"PACKWALK_NOTIFY_WEBHOOK_URL": "ftp://example.org"}, "https"),
                                ({"PACKWALK_NOTIFY_WEBHOOK_URL": ""}, "notify.webhook_url")):
            ended = run("serve", "--data", self.folder / "data", env=self.env | settings)
            self.assertEqual(1, ended.returncode)
            self.assertIn(words, ended.stderr)
            self.assertNotIn(SECRET, ended.stderr)


if __name__ == "__main__":
    unittest.main()
