"""A PostgreSQL that stands still without being gone: every role says that it is not ready, and is again by itself."""
import subprocess
import unittest

import golden
from packwalk_process import BINARY_FORM, until
from servers.postgres import Postgres
from spine import SpineTest

SILENCE_SECONDS = 10  # after which nothing is believed
LATE_SECONDS = 5


class FrozenStore(SpineTest):
    def database_server(self):
        """One of our own, as it is to be stopped."""
        self.folder.chmod(0o755)
        self.store = Postgres(self.folder / "postgres")
        self.store.start()
        self.addCleanup(self.store.kill)
        self.addCleanup(self.store.resume)
        self.store.wait()
        return self.store.url

    def tearDown(self):
        self.store.resume()
        super().tearDown()

    def test_is_seen_by_every_role_even_while_its_threads_hang(self):
        roles = [self.role(role).start() for role in ("gateway", "ingest", "analysis", "api")]
        alone = self.server("alone", role="serve", env={"PACKWALK_STORE_URL": self.database}).start()
        (_, token), = self.add_devices(1)
        self.until_ready(*roles, alone)
        self.store.pause()
        for server in (*roles, alone):
            until(lambda: not self.is_ready(server), f"{server.role} is not ready", SILENCE_SECONDS + LATE_SECONDS)
            answer = server.request("GET", "/readyz")
            self.assert_problem(answer, 503)
            self.assertEqual("not ready: store", answer.json["detail"])
            until(lambda: "event=not_ready lack=store" in server.log(), "the log has it too")
            self.assertEqual(200, server.request("GET", "/healthz").status)
        self.store.resume()
        self.until_ready(*roles, alone)
        gateway = roles[0]
        until(lambda: gateway.post(token, golden.track_bytes(golden.START, 1, 2), BINARY_FORM).status == 202, "it is taken")
        until(lambda: self.database_rows("SELECT 1 FROM fixes"), "it is committed", 30)

    def test_that_holds_up_one_commit_is_seen_too(self):
        worker, gateway = self.role("ingest").start(), self.role("gateway").start()
        (_, token), = self.add_devices(1)
        self.until_ready(worker, gateway)
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", self.database, "-c",
                                   "BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: self.database_rows("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"), "it is held")
            self.assertEqual(202, gateway.post(token, golden.track_bytes(golden.START, 1, 2), BINARY_FORM).status)
            until(lambda: not self.is_ready(worker), "the worker is not ready", 2 * SILENCE_SECONDS + LATE_SECONDS)
            self.assertTrue(self.is_ready(gateway))
        finally:
            holder.kill()
            holder.wait()
        self.database_rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
                           "AND pid != pg_backend_pid()")
        until(lambda: self.database_rows("SELECT 1 FROM fixes"), "it is committed", 60)
        self.until_ready(worker)


if __name__ == "__main__":
    unittest.main()
