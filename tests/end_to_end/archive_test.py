"""Packets through gateway and ingest into PostgreSQL and on into ClickHouse, which is killed, loses rows and keeps what
PostgreSQL drops."""
import base64
import csv
import datetime
import random
import threading
import time
import unittest

import golden
import load
from packwalk_process import run, until
from spine import SpineTest
from servers.clickhouse import ClickHouse

SEED = 7
DAY_MICROS = 86_400_000_000


def day(offset=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset)).strftime("%Y-%m-%d")


class ArchiveTest(SpineTest):
    """A ClickHouse of its own."""

    def setUp(self):
        super().setUp()
        self.clickhouse = ClickHouse(self.folder / "clickhouse")
        self.clickhouse.start()
        self.addCleanup(self.clickhouse.kill)
        self.clickhouse.wait()
        self.settings |= {"PACKWALK_ARCHIVE_URL": self.clickhouse.url, "PACKWALK_ARCHIVE_BATCH_SECONDS_MAX": "0",
                          "PACKWALK_ARCHIVE_BATCH_MESSAGES_MAX": "100"}
        for _ in range(2):
            migrated = run("migrate", "--data", self.folder, env=self.settings)
            self.assertEqual(0, migrated.returncode, migrated.stderr)

    def archive(self, *arguments):
        return run("archive", *arguments, "--data", self.folder, env=self.settings, seconds=60)

    def assert_archive(self, code, words, *arguments):
        ran = self.archive(*arguments)
        self.assertEqual(code, ran.returncode, ran.stdout + ran.stderr)
        self.assertIn(words, ran.stdout)
        self.assertNotIn(self.clickhouse.password, ran.stdout + ran.stderr)

    def backlog(self):
        return self.database_rows("SELECT coalesce(sum(messages), 0) FROM unarchived")[0][0]

    def exported_originals(self, out):
        ran = run("export", self.device, "--what", "originals", "--out", out, "--data", self.folder, env=self.settings)
        self.assertEqual(0, ran.returncode, ran.stderr)
        with open(out, newline="") as file:
            rows = list(csv.DictReader(file))
        return [{"verdict": row["verdict"], "reason": row["reason"] or None, "hash": row["hash"],
                 "received_at": row["received_at"], "transport": row["transport"],
                 "content": base64.b64decode(row["content"])} for row in rows]

    def until_copied(self):
        until(lambda: self.backlog() == 0, "all is copied", 90)


class Killed(ArchiveTest):
    def test_clickhouse_killed_while_it_is_written_to_loses_nothing_and_holds_up_nobody(self):
        tally = load.Tally(self.add_devices(4))
        gateway, *workers = [self.role("gateway"), *self.roles("ingest", 2)]
        for server in (gateway, *workers):
            server.start()
        self.until_ready(gateway, *workers)
        moments = random.Random(SEED)
        for round in range(4):
            first = threading.Event()
            senders = [load.Sender(gateway, tally, SEED * 100 + round * 4 + i, first) for i in range(4)]
            for sender in senders:
                sender.start()
            time.sleep(moments.uniform(0.1, 0.5))
            self.clickhouse.kill()
            time.sleep(moments.uniform(0.1, 0.5))
            if round % 2 == 0:
                self.clickhouse.start()
            gateway.kill()
            for sender in senders:
                sender.join(60)
                self.assertIsNone(sender.bad)
            gateway.start()
            self.until_ready(gateway)
            if round % 2 == 1:
                self.until_drained(workers)  # ingest does not wait for ClickHouse
                self.clickhouse.start()
        self.clickhouse.wait()
        self.until_drained(workers)
        self.until_copied()
        count = self.database_rows("SELECT count(*) FROM messages")[0][0]
        self.assertGreater(count, 100)
        self.assertEqual(f"{count}\n", self.clickhouse.ask("SELECT count() FROM messages FINAL"))
        self.assert_archive(0, f"All {count} messages of", "verify", "--to", day(1))
        load.check_tally(self, self.database_rows, tally)
        figures = [worker.metrics() for worker in workers]
        self.assertGreaterEqual(sum(each["packwalk_archive_messages_total", frozenset()] for each in figures), count)
        until(lambda: workers[0].metrics()["packwalk_archive_backlog_messages", frozenset()] == 0, "the figure follows")
        for worker in workers:
            self.assertNotIn(self.clickhouse.password, worker.log())
            self.assertNotIn("archive%2Bsecret", worker.log())


class Kept(ArchiveTest):
    def setUp(self):
        super().setUp()
        (self.device, self.token), = self.add_devices(1)
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(self.gateway, self.worker, self.api)
        for second in range(20):
            answer = self.gateway.post(self.token, [golden.track(golden.START + second)])
            self.assertEqual(202, answer.status)
        self.kept = self.api.messages_when(self.device, 20)
        self.until_copied()

    def test_verify_finds_what_is_lost_or_changed_and_repair_mends_it(self):
        self.assert_archive(0, "the archive answers", "status")
        self.assert_archive(0, "All 20 messages of 1 day", "verify", "--from", day(-1), "--to", day(1))
        self.assert_archive(0, "All 0 messages of 0 days", "verify")  # until yesterday
        self.clickhouse.ask("TRUNCATE TABLE messages")
        self.assert_archive(1, "20 messages committed, 0 in the archive", "verify", "--to", day(1))
        self.assert_archive(0, "20 messages copied again: both sides are equal", "repair", "--to", day(1))
        self.clickhouse.ask("INSERT INTO messages SELECT device, received_at, ordinal, transport, verdict, reason, hash, "
                            "concat(content, 'x') FROM messages LIMIT 1")
        self.assert_archive(1, "20 messages on both sides, but they are not the same", "verify", "--to", day(1))
        self.assert_archive(0, "both sides are equal", "repair", "--to", day(1))
        self.assert_archive(0, "All 20 messages", "verify", "--to", day(1))

    def test_repair_deletes_what_a_late_copy_brought_of_an_erased_device(self):
        self.clickhouse.ask("CREATE TABLE late ENGINE = Log AS SELECT * FROM messages")
        erased = run("device", "erase", self.device, "--yes", "--data", self.folder, env=self.settings, seconds=60)
        self.assertEqual(0, erased.returncode, erased.stderr)
        self.clickhouse.ask("INSERT INTO messages SELECT * FROM late")
        self.assert_archive(1, "0 messages committed, 20 in the archive", "verify", "--to", day(1))
        self.assert_archive(0, "20 rows of an erased device deleted", "repair", "--to", day(1))
        self.assertEqual("0\n", self.clickhouse.ask("SELECT count() FROM messages"))
        self.assert_archive(0, "All 0 messages of 0 days", "verify", "--to", day(1))

    def test_the_doctor_looks_at_it(self):
        def doctor(**settings):
            ran = run("doctor", "--data", self.folder, env=self.settings | settings)
            self.assertNotIn("s3cret", ran.stdout + ran.stderr)
            return ran.returncode, ran.stdout

        code, words = doctor()
        self.assertEqual(0, code, words)
        self.assertIn("ClickHouse", words)
        code, words = doctor(PACKWALK_ARCHIVE_URL=self.clickhouse.url.replace("archive%2Bsecret", "s3cret"))
        self.assertEqual(1, code, words)
        self.assertIn("correct the user or the password in archive.url", words)
        code, words = doctor(PACKWALK_ARCHIVE_URL=self.clickhouse.url.replace("/default", "/elsewhere"))
        self.assertEqual(1, code, words)
        self.assertIn("create the database", words)
        self.clickhouse.ask("RENAME TABLE messages TO old")
        self.assertIn("run `packwalk migrate`", doctor()[1])
        self.clickhouse.ask("CREATE TABLE messages AS old ENGINE = Log")
        self.assertIn("keeps duplicates", doctor()[1])
        self.clickhouse.kill()
        code, words = doctor()
        self.assertEqual(1, code, words)
        self.assertIn("start the server", words)

    def test_a_clickhouse_that_is_away_or_stands_still_is_told_of_and_waited_for(self):
        self.clickhouse.kill()
        self.assertEqual(202, self.gateway.post(self.token, [golden.track(golden.START + 100)]).status)
        self.api.messages_when(self.device, 21)
        until(lambda: self.worker.metrics()["packwalk_archive_failures_total", frozenset()] > 0, "it is counted", 20)
        self.assertIn("event=archive_failed", self.worker.log())
        self.assertEqual(200, self.worker.request("GET", "/readyz").status)
        status = self.archive("status")
        self.assertEqual(1, status.returncode)
        self.assertIn("messages that wait to be copied: 1", status.stdout)
        self.assertIn("ClickHouse", status.stderr)
        self.clickhouse.start()
        self.until_copied()
        until(lambda: "event=archive_reached" in self.worker.log(), "it says so")

    def test_what_postgresql_drops_is_answered_from_clickhouse(self):
        """The messages are made two days older, as nobody can wait for that."""
        start = self.database_rows("SELECT min(received_at) FROM messages")[0][0] // DAY_MICROS * DAY_MICROS - 2 * DAY_MICROS
        self.database_rows(f"CREATE TABLE messages_{day(-2).replace('-', '')} PARTITION OF messages FOR VALUES FROM "
                           f"({start}) TO ({start + DAY_MICROS})")
        for table, column in (("messages", "received_at"), ("fixes", "received_at"), ("states", "fix_received_at"),
                              ("states", "last_seen")):
            self.database_rows(f"UPDATE {table} SET {column} = {column} - {2 * DAY_MICROS}")
        self.clickhouse.ask("TRUNCATE TABLE messages")
        self.assert_archive(1, "stays: it was never copied", "drop", "--before", day())
        self.assert_archive(0, "both sides are equal", "repair", "--from", day(-2), "--to", day(-1))
        self.assert_archive(1, "less than an hour ago", "drop", "--before", day())
        self.database_rows("UPDATE archived_days SET copied_at = copied_at - 3600000000")
        # Somebody began to drop it, and was killed.
        self.database_rows("UPDATE archived_days SET dropping = true")
        self.database_rows(f"ALTER TABLE messages DETACH PARTITION messages_{day(-2).replace('-', '')}")
        self.assert_archive(0, "20 messages are in the archive alone", "drop", "--before", day())
        self.assertEqual(0, self.database_rows("SELECT count(*) FROM messages")[0][0])
        self.assertEqual(202, self.gateway.post(self.token, [golden.track(golden.START + 100)]).status)
        found = self.api.messages_when(self.device, 21)
        self.assertEqual(21, len(found))
        self.assertEqual([(each["content"], each["verdict"]) for each in self.kept],
                         [(each["content"], each["verdict"]) for each in found[:20]])
        self.assertEqual(found, self.exported_originals(self.folder / "originals.csv"))
        self.until_copied()
        self.assert_archive(0, f"only in the archive: messages that arrived before {day(-1)}", "status")
        self.assert_archive(0, "All 20 messages of 1 day", "verify", "--from", day(-2), "--to", day(-1))
        checked = run("check", "--data", self.folder, env=self.settings)
        self.assertEqual(0, checked.returncode, checked.stdout)
        self.assertIn("messages 21 = 21 accepted", checked.stdout)
        self.clickhouse.kill()
        self.assert_problem(self.api.get(f"/v1/devices/{self.device}/messages"), 503)
        ran = run("export", self.device, "--what", "originals", "--out", self.folder / "half.csv", "--data", self.folder,
                  env=self.settings)
        self.assertEqual((1, []), (ran.returncode, list(self.folder.glob("half*"))), ran.stderr)


class Configured(unittest.TestCase):
    def test_an_archive_needs_a_database_and_a_sound_url(self):
        for settings, words in (({"PACKWALK_ARCHIVE_URL": "http://x"}, "store.url"),
                                ({}, "archive.url is not set"),
                                ({"PACKWALK_ARCHIVE_URL": "nothing:s3cret", "PACKWALK_STORE_URL": "postgresql://x"},
                                 "archive.url is not valid")):
            ran = run("archive", "status", env=settings)
            self.assertEqual(1, ran.returncode)
            self.assertIn(words, ran.stderr)
            self.assertNotIn("s3cret", ran.stderr)
