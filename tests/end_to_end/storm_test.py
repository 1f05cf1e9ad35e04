"""A storm over a whole installation: afterwards, without a hand, everything confirmed is kept once and everybody works.

PACKWALK_STORM_SECONDS says how long it is, PACKWALK_STORM_SEED what happens. A failure prints both and what was done.
"""
import contextlib
import datetime
import os
import sys
import time
import unittest

import load
import storm
from cutting_proxy import CuttingProxy
from packwalk_process import SLOWNESS, run, until
from spine import SpineTest
from servers.clickhouse import ClickHouse
from servers.postgres import Postgres
from servers.rabbitmq import PortMapper, RabbitMq
from servers.redis import Redis
from times import second_of

SECONDS = float(os.environ.get("PACKWALK_STORM_SECONDS", "10"))
SEED = int(os.environ.get("PACKWALK_STORM_SEED", "1"))
QUEUE = "packwalk.storm"
RECOVERY_SECONDS = 60


class Storm(SpineTest):
    def setUp(self):
        super(SpineTest, self).setUp()
        self.mapper = PortMapper(self.folder / "epmd")
        self.rabbitmq = RabbitMq(self.folder / "rabbitmq", self.mapper)
        self.postgres = Postgres(self.folder / "postgres")
        self.redis = Redis(self.folder / "redis")
        self.clickhouse = ClickHouse(self.folder / "clickhouse")
        self.folder.chmod(0o755)  # PostgreSQL's user must get through
        self.begin(self.mapper)
        servers = [self.rabbitmq, self.postgres, self.redis, self.clickhouse]  # and their victims and proxies are made of this list
        self.begin(*servers)
        proxies = {server: self.proxy(server.name, lambda server=server: server.port) for server in servers}

        def through(server):
            return server.url.replace(f":{server.port}", f":{proxies[server].port}")

        self.install(self.postgres.url, {
            "PACKWALK_STORE_URL": through(self.postgres), "PACKWALK_QUEUE_URLS": through(self.rabbitmq),
            "PACKWALK_QUEUE_NAME": QUEUE, "PACKWALK_BUS_URL": through(self.redis),
            "PACKWALK_ARCHIVE_URL": through(self.clickhouse), "PACKWALK_ARCHIVE_BATCH_SECONDS_MAX": "1"})
        self.tally = load.Tally(self.add_devices(40))
        self.gateways, self.workers, self.apis = (
            self.roles(role, count) for role, count in (("gateway", 2), ("ingest", 3), ("api", 2)))
        self.programs = self.gateways + self.workers + self.apis
        for program in self.programs:
            program.start()
        doors = [self.proxy(gateway.data.name, lambda gateway=gateway: gateway.port) for gateway in self.gateways]
        self.until_ready(*self.programs)
        victims = [storm.of_server(server, 20) for server in servers] + [storm.of_role(role, 15) for role in self.programs]
        self.storm = storm.Storm(victims, [*proxies.values(), *doors], SEED, pause_seconds_max=min(15, SECONDS / 3))
        self.collars = [storm.Collar([door.port for door in doors], self.tally, SEED * 100 + i, 0.06) for i in range(6)]
        self.poisoner = storm.Poisoner(self.rabbitmq.url, QUEUE)

    def proxy(self, name, target):
        proxy = CuttingProxy(name, target, SEED)
        self.addCleanup(proxy.close)
        return proxy

    def test_passes_and_leaves_all_that_was_confirmed(self):
        try:
            self.pass_over()
        except BaseException:
            print(f"seed {SEED}, {SECONDS} s\n" + "\n".join(self.storm.log), file=sys.stderr)
            for collar in self.collars:
                print(f"a collar {collar.doing}, answered {time.monotonic() - collar.last_answer:.1f} s ago", file=sys.stderr)
            for program in self.programs:
                print(f"-- {program.data.name}\n" + "\n".join(program.log().splitlines()[-15:]), file=sys.stderr)
            raise

    def pass_over(self):
        for sender in [*self.collars, self.poisoner]:
            sender.start()
            self.addCleanup(sender.leave.set)
        self.storm.rage(SECONDS)
        up_again = time.monotonic()
        self.until_everybody_is_served(up_again)
        served = time.monotonic() - up_again
        self.end_of_load()
        self.until_ready(*self.programs)
        self.until_kept()
        self.until_drained(self.workers, RECOVERY_SECONDS)
        drained = time.monotonic() - up_again
        self.check_all()
        cuts = sum(proxy.cuts for proxy in self.storm.proxies)
        print(f"seed {SEED}: {len(self.storm.log)} blows and recoveries in {SECONDS} s, {cuts} connections cut in mid-transfer,"
              f" {sum(self.tally.attempts.values())} packets sent, {sum(self.tally.confirmed.values())} confirmed,"
              f" {len(self.poisoner.confirmed)} poison; served again after {served:.1f} s, drained after {drained:.1f} s")

    def until_everybody_is_served(self, since):
        until(lambda: all(collar.last_answer > since or collar.bad for collar in self.collars), "all collars are answered",
              RECOVERY_SECONDS)

    def end_of_load(self):
        for sender in [*self.collars, self.poisoner]:
            sender.leave.set()
        for sender in [*self.collars, self.poisoner]:
            sender.join(90 * SLOWNESS)
            self.assertFalse(sender.is_alive())
        self.assertEqual([None] * len(self.collars), [collar.bad for collar in self.collars])

    def until_kept(self):
        """A message between the broker and a worker is in nobody's count: only the database tells that it came."""
        with contextlib.suppress(AssertionError):  # check_all names what is lost
            until(lambda: not load.lost(self.database_rows, self.tally), "all that was confirmed is kept", RECOVERY_SECONDS)

    def check_all(self):
        load.check_tally(self, self.database_rows, self.tally)
        self.check_dead_letters()
        self.check_positions()
        self.check_archive()
        checked = run("check", "--data", self.folder, env=self.settings, seconds=300)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
        for program in self.programs:
            self.assertTrue(self.is_ready(program), program.data.name)
            self.assertEqual(0, program.stop())

    def check_dead_letters(self):
        """A dead letter may come twice when the broker dies while it moves it, but never another one."""
        self.assertEqual(0, self.ready_at_broker())

        def dead():
            return storm.messages_in(self.rabbitmq.url, QUEUE + ".dead")

        until(lambda: self.poisoner.confirmed <= dead(), "all poison is dead letters", RECOVERY_SECONDS)
        self.assertEqual(set(), dead() - self.poisoner.sent, "dead letters that are no poison")

    def check_positions(self):
        rows = self.database_rows("SELECT id, fix_timestamp, lat, lon FROM states JOIN devices ON number = device"
                                  " WHERE fix_timestamp IS NOT NULL ORDER BY id")
        stored = [(device, timestamp, float(lat), float(lon)) for device, timestamp, lat, lon in rows]
        for api in self.apis:
            def seen():
                found = api.get("/v1/positions?bbox=-180,-90,180,90").json["positions"]
                return sorted((each["device"], second_of(each["timestamp"]), each["lat"], each["lon"]) for each in found)

            until(lambda: seen() == stored, f"{api.data.name} shows what the database has", 30)

    def check_archive(self):
        until(lambda: self.database_rows("SELECT count(*) FROM unarchived") == [(0,)], "all originals are copied",
              RECOVERY_SECONDS)
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        verified = run("archive", "verify", "--to", f"{tomorrow:%Y-%m-%d}", "--data", self.folder, env=self.settings)
        self.assertEqual(0, verified.returncode, verified.stdout + verified.stderr)


if __name__ == "__main__":
    unittest.main()
