"""`packwalk import-embedded` moves a household into the database of many programs, and proves that nothing is missing."""
import unittest

import equal_rows_test
import golden
from packwalk_process import BINARY_FORM, run, until
from spine import SpineTest

# All of it, when each message came too.
EXACT = equal_rows_test.COMPARED | {
    "messages": "SELECT d.id, m.received_at, m.ordinal, m.transport, m.hash, m.verdict, m.reason, m.content FROM messages m"
                " JOIN devices d ON d.number = m.device",
    "last_seen": "SELECT d.id, s.last_seen, s.fix_received_at FROM states s JOIN devices d ON d.number = s.device",
    "tokens": "SELECT d.id, t.hash, t.replaced_at IS NULL FROM tokens t JOIN devices d ON d.number = t.device",
    "devices": "SELECT id, created_at, removed_at FROM devices",
}
STALE = "SELECT 1 FROM stale_windows LIMIT 1"


class Import(SpineTest):
    def setUp(self):
        super().setUp()
        self.household = self.serve()
        self.tokens = dict(self.household.add_devices(6))
        requests = equal_rows_test.Requests(self.tokens.values(), 5)
        equal_rows_test.send([self.household], requests.early + requests.late)
        added = run("device", "rotate-token", "dog-0001", "--data", self.household.data)
        self.tokens["dog-0001"] = added.stdout.strip()
        run("device", "remove", "dog-0002", "--data", self.household.data)
        until(lambda: not self.rows(self.household.data, STALE), "the household is analysed", 60)

    def import_it(self):
        ran = run("import-embedded", self.household.data, "--data", self.folder, env=self.settings)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn("compared byte by byte", ran.stdout)
        return ran.stdout

    def analyse(self):
        analyst = self.role("analysis").start()
        until(lambda: not self.database_rows(STALE), "all is analysed", 60)
        self.assertEqual(0, analyst.stop())

    def count(self):
        return self.rows(self.household.data, "SELECT count(*) FROM messages")[0][0]

    def test_all_of_it_and_again_nothing_more(self):
        refused = run("import-embedded", self.household.data, "--data", self.folder, env=self.settings)
        self.assertEqual(1, refused.returncode, "its server runs")
        self.assertEqual(0, self.household.stop())
        count = self.count()
        self.assertIn(f"messages {count}: {count} imported now", self.import_it())
        self.analyse()
        for round in range(2):
            for table, statement in EXACT.items():
                with self.subTest(table, round=round):
                    ours, theirs = equal_rows_test.rows_of_both(self, self.household, statement)
                    self.assertEqual(ours, theirs)
            self.assertIn(f"{count} were there", self.import_it())
        self.assertEqual([(0,)], self.database_rows("SELECT count(*) FROM events"), "nobody is told of the past")
        checked = run("check", "--data", self.folder, env=self.settings)
        self.assertEqual(0, checked.returncode, checked.stdout)

    def test_what_the_database_no_longer_keeps_is_counted_and_the_rest_comes(self):
        self.assertEqual(0, self.household.stop())
        old = {table: self.rows(self.household.data, f"SELECT count(*) FROM {table} WHERE timestamp >= 1767225600"
                                                     " AND timestamp < 1769904000")[0][0] for table in ("fixes", "samples")}
        self.assertTrue(old["fixes"] and old["samples"])
        self.database_rows("INSERT INTO partitions (name, parent, until, gone)"
                           " VALUES ('fixes_202601', 'fixes', 1769904000, 'drop')")
        for imported in (True, False):
            ran = run("import-embedded", self.household.data, "--data", self.folder, env=self.settings)
            self.assertEqual(1, ran.returncode, "not all is there")
            self.assertIn("fixes_202601 is no longer kept", ran.stdout, ran.stderr)
            self.assertIn("Every other message was looked up", ran.stdout)
            left = int(ran.stdout.split(" left out.\n")[0].split()[-1])
            self.assertGreaterEqual(left, old["fixes"])
            self.assertEqual([(self.count() - left,)], self.database_rows("SELECT count(*) FROM messages"))
            self.assertEqual([(old["samples"],)], self.database_rows(
                "SELECT count(*) FROM samples WHERE timestamp >= 1767225600 AND timestamp < 1769904000"))
            self.assertIn(f"{self.count() - left if imported else 0} imported now", ran.stdout)

    def test_beside_what_collars_send_there_already(self):
        device, token = "dog-0003", self.tokens["dog-0003"]
        fix, = self.rows(self.household.data, "SELECT timestamp, lat, lon FROM fixes f JOIN devices d ON d.number = f.device"
                                              f" WHERE d.id = '{device}' LIMIT 1")
        self.assertEqual(0, self.household.stop())
        there = run("device", "add", device, "--data", self.folder / "devices", env=self.settings).stdout.strip()
        gateway, worker, api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(gateway, worker, api)
        gateway.post(there, [golden.track(fix[0], fix[1] + 1, fix[2])])
        api.messages_when(device, 1)
        self.assertIn("another token", self.import_it())
        kept = self.database_rows("SELECT verdict, count(*) FROM messages m JOIN devices d ON d.number = m.device"
                                  f" JOIN fixes f ON f.device = m.device AND f.timestamp = {fix[0]} WHERE d.id = '{device}'"
                                  " AND m.verdict = 2 AND m.hash <> f.hash GROUP BY 1")
        self.assertTrue(kept, "what the household accepted contradicts what the database has")
        self.assertEqual(401, gateway.post(token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(202, gateway.post(self.tokens["dog-0001"], golden.TRACK, BINARY_FORM).status)
        checked = run("check", "--data", self.folder, env=self.settings)
        self.assertEqual(0, checked.returncode, checked.stdout)


if __name__ == "__main__":
    unittest.main()
