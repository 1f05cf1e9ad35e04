"""Roles on their own around RabbitMQ and PostgreSQL: the same rows as the embedded default, also after kills."""
import os
import random
import threading
import time
import unittest

import golden
import load
from packwalk_process import BINARY_FORM, run, until
from spine import SpineTest
from servers.redis import Redis
from times import iso

ROUNDS = int(os.environ.get("PACKWALK_KILL_ROUNDS", "200")) // 10
SEED = int(os.environ.get("PACKWALK_KILL_SEED", "1"))


class Waiting(SpineTest):
    def test_a_role_waits_for_what_is_not_there_and_says_so(self):
        self.settings["PACKWALK_STORE_URL"] = self.database.replace("127.0.0.1:", "127.0.0.1:1")
        for role in ("gateway", "ingest", "api"):
            server = self.role(role).start()
            self.assert_problem(server.request("GET", "/readyz"), 503, "not ready")
            self.assert_problem(server.ops("/readyz"), 503)
            self.assertEqual(200, server.request("GET", "/healthz").status)
            self.assertNotIn("packwalk@", server.log(), "no url in the log")

    def test_a_database_without_a_schema_is_named(self):
        for table in ("packwalk_schema",):
            self.database_rows(f"DROP TABLE {table}")
        server = self.role("api").start()
        self.assert_problem(until(lambda: server.ops("/readyz"), "an answer"), 503, "packwalk migrate")

    def test_a_role_alone_needs_its_servers_named(self):
        for role in ("gateway", "ingest", "api"):
            ran = run(role, "--data", self.folder / role)
            self.assertEqual(1, ran.returncode)
            self.assertIn("store.url", ran.stderr)


class Way(SpineTest):
    def setUp(self):
        super().setUp()
        (self.device, self.token), = self.add_devices(1)
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(self.gateway, self.worker, self.api)

    def test_of_a_packet(self):
        answer = self.gateway.post(self.token, golden.TRACK + golden.WIDE + golden.ACTIVITY, BINARY_FORM)
        self.assertEqual((202, {"taken_count": 3, "invalid": []}), (answer.status, answer.json))
        kept = self.api.messages_when(self.device, 3)
        self.assertEqual(["accepted"] * 3, [message["verdict"] for message in kept])
        fixes = self.api.get(f"/v1/devices/{self.device}/fixes").json["fixes"]
        self.assertEqual([iso(golden.TRACK_JSON["timestamp"]), iso(golden.TRACK_JSON["timestamp"] + 2)],
                         [fix["timestamp"] for fix in fixes])
        self.assertEqual(0, self.ready_at_broker("dead"))

    def test_each_role_answers_only_for_itself(self):
        self.assertEqual(404, self.gateway.get("/v1/positions").status)
        self.assertEqual(404, self.worker.get("/v1/positions").status)
        self.assertEqual(404, self.api.post(self.token, golden.TRACK, BINARY_FORM).status)


class Bus(SpineTest):
    """A Redis of its own, which goes and comes."""

    def setUp(self):
        super().setUp()
        self.redis = Redis(self.folder / "redis")
        self.settings["PACKWALK_BUS_URL"] = self.redis.url
        self.redis.start()
        self.addCleanup(self.redis.kill)
        (self.device, self.token), = self.add_devices(1)
        self.gateway, self.worker, *self.apis = (
            self.role(*role).start() for role in (("gateway",), ("ingest",), ("api", 1), ("api", 2)))
        self.until_ready(self.gateway, self.worker, *self.apis)
        self.times = iter(range(golden.START, golden.START + 1000))

    def until_seen(self, seconds):
        """How long it takes until a new position is in the box of every node."""
        time_of_fix = next(self.times)
        began = time.monotonic()
        self.assertEqual(202, self.gateway.post(self.token, [golden.track(time_of_fix)]).status)
        for api in self.apis:
            until(lambda: [found["timestamp"] for found in api.get("/v1/positions").json["positions"]] == [iso(time_of_fix)],
                  f"{api.data.name} shows it", seconds)
        return time.monotonic() - began

    def test_tells_every_node_at_once_and_its_loss_changes_only_when(self):
        self.until_seen(30)  # by now all listen
        until(lambda: self.until_seen(30) < 1, "the bus is faster than polling the database", 60)
        self.redis.kill()
        self.until_seen(30)
        self.redis.start()
        until(lambda: self.until_seen(30) < 1, "they found it again", 60)
        kept = self.database_rows("SELECT verdict FROM messages")
        self.assertEqual({(0,)}, set(kept), "every packet accepted, none lost")

    def test_a_node_that_comes_later_knows_all(self):
        self.until_seen(30)
        late = self.role("api", 3).start()
        self.until_ready(late)
        self.assertEqual(1, len(late.get("/v1/positions").json["positions"]))


class Killed(SpineTest):
    def test_whoever_is_killed_nothing_confirmed_is_lost_or_accepted_twice(self):
        tally = load.Tally(self.add_devices(4))
        gateways, workers = self.roles("gateway", 2), self.roles("ingest", 3)
        for server in gateways + workers:
            server.start()
        self.until_ready(*gateways, *workers)
        moments = random.Random(SEED)
        for round in range(ROUNDS):
            senders = []
            for i, gateway in enumerate(gateways * 2):
                first = threading.Event()
                senders.append(load.Sender(gateway, tally, (SEED * ROUNDS + round) * 4 + i, first))
                senders[-1].start()
            time.sleep(moments.uniform(0.05, 0.3))
            for worker in moments.sample(workers, moments.randint(0, 2)):
                worker.kill()
                worker.start()
            for gateway in gateways:
                gateway.kill()
            for sender in senders:
                sender.join(60)
                self.assertIsNone(sender.bad)
            for gateway in gateways:
                gateway.start()
            self.until_ready(*gateways)
        self.until_ready(*workers)
        self.until_drained(workers)
        load.check_tally(self, self.database_rows, tally)
        self.assertEqual(0, self.ready_at_broker("dead"))
        self.assertGreater(sum(tally.confirmed.values()), ROUNDS)
        for server in gateways + workers:
            self.assertEqual(0, server.stop())


if __name__ == "__main__":
    unittest.main()
