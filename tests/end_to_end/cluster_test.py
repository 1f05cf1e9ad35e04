"""Of three RabbitMQ nodes any one is lost under load, and PostgreSQL fails over: nothing confirmed is lost, ingest goes on.

Minutes long: for script/soak.
"""
import sys
import time
import unittest

import golden
import load
import storm
from packwalk_process import BINARY_FORM, until
from spine import SpineTest
from servers.etcd import Etcd
from servers.patroni import Patroni
from servers.rabbitmq import PortMapper, cluster

INGEST_SECONDS = 30  # then it must go on
REPAIR_SECONDS = 120  # then what was lost has joined the others again
SEED = 1


class LossTest(SpineTest):
    """Two gateways and two workers under load; one device more tells when ingest goes on."""

    def run_programs(self):
        self.tally = load.Tally(self.add_devices(20))
        (self.probe, self.token), = self.add_devices(1, "--prefix", "probe-")
        self.gateways, self.workers = self.roles("gateway", 2), self.roles("ingest", 2)
        for program in self.gateways + self.workers:
            program.start()
        self.until_ready(*self.gateways, *self.workers)
        self.times = iter(range(golden.START, golden.START + 1_000_000))
        self.collars = [storm.Collar([gateway.port for gateway in self.gateways], self.tally, SEED + i, 0.05)
                        for i in range(4)]
        for collar in self.collars:
            collar.start()
            self.addCleanup(collar.leave.set)

    def tell_logs(self):
        for program in self.gateways + self.workers:
            print(f"-- {program.data.name}\n" + "\n".join(program.log().splitlines()[-15:]), file=sys.stderr)
        for node in self.nodes:
            print(f"-- {node.folder.name}\n" + node.log.read_text(errors="replace")[-3000:], file=sys.stderr)

    def ingest_goes_on(self, what):
        """Through each gateway; prints how long it took since now."""
        try:
            self.until_ingest_goes_on(what)
        except AssertionError:
            self.tell_logs()
            raise

    def until_ingest_goes_on(self, what):
        began = time.monotonic()
        for gateway in self.gateways:
            def is_taken():
                self.newest = next(self.times)
                return gateway.post(self.token, golden.track_bytes(self.newest, 1, 2), BINARY_FORM).status == 202

            until(is_taken, f"{gateway.data.name} takes packets after {what}", INGEST_SECONDS)
        until(lambda: self.is_committed(self.newest), f"packets are committed after {what}",
              INGEST_SECONDS - (time.monotonic() - began))
        print(f"{what}: ingest goes on after {time.monotonic() - began:.1f} s")

    def is_committed(self, timestamp):
        try:
            return self.database_rows(f"SELECT 1 FROM fixes JOIN devices ON number = device WHERE id = '{self.probe}'"
                                      f" AND timestamp = {timestamp}")
        except AssertionError:
            return False  # nobody leads

    def check_all(self):
        for collar in self.collars:
            collar.leave.set()
        for collar in self.collars:
            collar.join(90)
            self.assertIsNone(collar.bad)
        self.until_ready(*self.gateways, *self.workers)
        self.until_drained(self.workers)
        self.assertEqual(0, self.ready_at_broker("dead"))
        for table in ("messages", "fixes", "samples", "states"):
            self.database_rows(f"DELETE FROM {table} WHERE device = (SELECT number FROM devices WHERE id = '{self.probe}')")
        load.check_tally(self, self.database_rows, self.tally)
        print(f"{sum(self.tally.confirmed.values())} packets confirmed, none lost")


class Cluster(LossTest):
    def setUp(self):
        super().setUp()
        mapper = PortMapper(self.folder / "epmd")
        self.nodes = cluster(self.folder, mapper, 3)
        self.begin(mapper)
        self.begin(*self.nodes)
        self.settings["PACKWALK_QUEUE_URLS"] = ", ".join(node.url for node in self.nodes)
        self.queue = self.settings["PACKWALK_QUEUE_NAME"]

    def queue_is_whole(self):
        seen = [node.queue(self.queue) for node in self.nodes]
        return all(one and len(one["online"]) == 3 for one in seen)

    def test_loses_any_node(self):
        self.run_programs()
        self.assertEqual({node.node for node in self.nodes}, set(self.nodes[0].queue(self.queue)["members"]))
        left = set(self.nodes)
        while left:
            until(self.queue_is_whole, "all nodes have the queue", REPAIR_SECONDS)
            leader = self.nodes[0].queue(self.queue)["leader"]
            node = next((node for node in left if node.node == leader), None) or min(left, key=self.nodes.index)
            left.remove(node)
            node.kill()
            self.ingest_goes_on(f"the loss of node {self.nodes.index(node) + 1}"
                                + (", the queue's leader" if node.node == leader else ""))
            node.start()
            node.wait(REPAIR_SECONDS)
        until(self.queue_is_whole, "all nodes have the queue", REPAIR_SECONDS)
        self.check_all()


class Failover(LossTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)  # PostgreSQL's user must get through
        etcd = Etcd(self.folder / "etcd")
        self.nodes = [Patroni(self.folder / f"node-{number}", etcd) for number in (1, 2)]
        self.begin(etcd)
        self.begin(self.nodes[0])
        until(lambda: self.nodes[0].is_("primary"), "it leads", 60)
        self.begin(self.nodes[1])
        addresses = ",".join(node.address for node in self.nodes)
        url = f"postgresql://packwalk@{addresses}/postgres?target_session_attrs=read-write"
        self.install(url, self.settings | {"PACKWALK_STORE_URL": url})

    def test_to_the_replica_and_back(self):
        self.run_programs()
        for round in (1, 2):
            until(lambda: sorted(node.is_("synchronous") - node.is_("primary") for node in self.nodes) == [-1, 1],
                  "one leads and one follows synchronously", REPAIR_SECONDS)
            leader = next(node for node in self.nodes if node.is_("primary"))
            leader.kill()
            self.ingest_goes_on(f"the loss of PostgreSQL's leader, {leader.folder.name}")
            leader.start()
            leader.wait(REPAIR_SECONDS)
        self.check_all()


if __name__ == "__main__":
    unittest.main()
