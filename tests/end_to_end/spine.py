"""An installation with many programs: a database and a queue of its own at the servers of tools/with_servers.py."""
import csv
import io
import os
import subprocess
import time
import uuid

from packwalk_process import PackwalkTest, run, until
from servers.haproxy import HaProxy
from servers.rabbitmq import PortMapper, RabbitMq


def needed(name):
    url = os.environ.get(name)
    if not url:
        raise AssertionError(f"{name} is not set: run the tests with tools/with_servers.py")
    return url


def psql(url, statement):
    ran = subprocess.run(["psql", "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement],
                         capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr)
    return ran.stdout


def value_of(cell):
    if cell == "":
        return None
    if cell.startswith("\\x"):
        return bytes.fromhex(cell[2:])
    try:
        return int(cell)
    except ValueError:
        return cell


class SpineTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        name = "test_" + uuid.uuid4().hex
        server = self.database_server()
        psql(server, f"CREATE DATABASE {name}")
        self.addCleanup(psql, server, f"DROP DATABASE {name} WITH (FORCE)")
        self.install(server.rsplit("/", 1)[0] + "/" + name, {
            "PACKWALK_QUEUE_URLS": needed("PACKWALK_TEST_RABBITMQ"), "PACKWALK_QUEUE_NAME": "packwalk." + name,
            "PACKWALK_BUS_URL": needed("PACKWALK_TEST_REDIS"), "PACKWALK_BUS_CHANNEL": "packwalk." + name})

    def install(self, database, settings):
        """In an empty database, which programs reach by the same url unless `settings` name another."""
        self.database = database
        self.settings = {"PACKWALK_STORE_URL": database} | settings
        migrated = run("migrate", "--data", self.folder, env=self.settings)
        self.assertEqual(0, migrated.returncode, migrated.stderr)

    def database_server(self):
        return needed("PACKWALK_TEST_POSTGRES")

    def begin(self, *servers):
        """Starts them beside each other, waits until they can be used, and ends them with the test."""
        for server in servers:
            server.start()
            self.addCleanup(server.kill)
        for server in servers:
            server.wait(120)

    def begin_broker(self, settings=()):
        """A RabbitMQ that is the test's alone, with more lines of rabbitmq.conf."""
        mapper = PortMapper(self.folder / "epmd")
        broker = RabbitMq(self.folder / "rabbitmq", mapper, settings=settings)
        self.begin(mapper)
        self.begin(broker)
        return broker

    def role(self, role, number=1):
        return self.server(f"{role}-{number}", role=role, env=self.settings)

    def roles(self, role, count):
        return [self.role(role, number + 1) for number in range(count)]

    def add_devices(self, count, *arguments):
        added = run("device", "add", "--count", count, *arguments, "--data", self.folder / "devices", env=self.settings)
        self.assertEqual(0, added.returncode, added.stderr)
        return [tuple(line.split(",")) for line in added.stdout.split()]

    def make_devices(self, recording):
        """All that a recording names, their tokens in self.tokens."""
        with open(recording, newline="") as file:
            ids = sorted({row["device"] for row in csv.DictReader(file)})
        for id in ids:
            added = run("device", "add", id, "--data", self.folder, env=self.settings)
            self.assertEqual(0, added.returncode, added.stderr)
            with open(self.tokens, "a") as tokens:
                tokens.write(f"{id},{added.stdout.strip()}\n")

    def database_rows(self, statement):
        return [tuple(value_of(cell) for cell in row) for row in csv.reader(io.StringIO(psql(self.database, statement)))]

    def balance(self, gateways, apis):
        """One address before all of them, which it returns when it can be used."""
        balancer = HaProxy(self.folder / "haproxy", *([(server.host, server.port) for server in servers]
                                                      for servers in (gateways, apis)))
        self.begin(balancer)
        return balancer.url

    def is_ready(self, server):
        return server.request("GET", "/readyz").status == 200

    def until_ready(self, *servers):
        for server in servers:
            until(lambda: self.is_ready(server), f"{server.data.name} is ready")

    def until_drained(self, workers, seconds=60):
        """Until the broker and the workers have nothing any more."""
        def count():
            return self.database_rows("SELECT count(*) FROM messages")

        def quiet():
            waiting = sum(worker.metrics()["packwalk_queue_messages", frozenset()] for worker in workers)
            return waiting == 0 and self.ready_at_broker() == 0

        def drained():
            before = count()
            for _ in range(3):  # a message may be between the broker and a worker
                if not quiet():
                    return False
                time.sleep(0.2)
            return count() == before

        until(drained, "the queue is empty", seconds)

    def ready_at_broker(self, suffix=""):
        status = run("queue", "status", "--data", self.folder, env=self.settings)
        self.assertEqual(0, status.returncode, status.stderr)
        lines = dict(line.split(": ") for line in status.stdout.splitlines())
        return int(lines["dead letters" if suffix else "messages"])
