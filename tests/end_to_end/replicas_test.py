"""Questions go to a streaming replica while it is near, and to the primary else."""
import unittest

import golden
from packwalk_process import until
from spine import SpineTest, psql
from servers.postgres import Postgres


class Replicas(SpineTest):
    def database_server(self):
        self.folder.chmod(0o755)
        self.primary = Postgres(self.folder / "primary")
        self.addCleanup(lambda: self.primary.kill())
        self.primary.start()
        self.primary.wait()
        return self.primary.url

    def setUp(self):
        super().setUp()
        self.replica = self.primary.replica(self.folder / "replica")
        self.addCleanup(lambda: self.replica.kill())
        self.replica.start()
        self.replica.wait()
        self.replicated = self.database.replace(str(self.primary.port), str(self.replica.port))
        self.settings |= {"PACKWALK_STORE_REPLICA_URLS": self.replicated, "PACKWALK_STORE_REPLICA_LAG_SECONDS_MAX": "1"}
        (self.device, self.token), = self.add_devices(1)
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(self.gateway, self.worker, self.api)

    def send(self, count):
        """The packet after `count` - 1 others."""
        answer = self.gateway.post(self.token, golden.track(golden.START + count))
        self.assertEqual(202, answer.status)

    def last_asked(self):
        """The times of queries for messages at the replica."""
        return psql(self.replicated, "SELECT max(query_start) FROM pg_stat_activity WHERE application_name = 'packwalk'"
                                     " AND query LIKE '%FROM messages%'").strip()

    def until_asked(self):
        before = self.last_asked()
        until(lambda: len(self.api.messages(self.device)) and self.last_asked() != before, "the replica is asked", 30)

    def test_are_asked_while_they_are_near_and_there(self):
        self.send(1)
        self.api.messages_when(self.device, 1)
        self.until_asked()

        psql(self.replicated, "SELECT pg_wal_replay_pause()")
        self.send(2)
        self.api.messages_when(self.device, 2)
        self.assertEqual("1", psql(self.replicated, "SELECT count(*) FROM messages").strip(), "it is behind")
        psql(self.replicated, "SELECT pg_wal_replay_resume()")
        self.until_asked()

        self.replica.kill()
        for _ in range(5):
            self.assertEqual(2, len(self.api.messages(self.device)), "no question fails")
        self.replica.start()
        self.replica.wait()
        self.until_asked()

        self.primary.kill()
        until(lambda: not self.is_ready(self.api), "the loss of the primary is seen")
        self.assertEqual(2, len(self.api.messages(self.device)))
        self.primary.start()
        self.primary.wait()
        self.until_ready(self.api)


if __name__ == "__main__":
    unittest.main()
