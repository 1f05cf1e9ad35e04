"""`packwalk device erase` beside servers that go on: nothing of the device is left or comes back, all of others stays."""
import collections
import contextlib
import itertools
import random
import re
import signal
import sqlite3
import struct
import subprocess
import threading
import unittest

import golden
from analysed import LONG, AnalysisTest
from archive_test import ArchiveTest, day
from load import SteadySender
from packwalk_process import BINARY, die_with_parent, environment, run, until

# The columns that name devices. What was a partition once does not belong to the schema.
SQLITE_COLUMNS = """SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.name IN ('device', 'device_a', 'device_b')"""
POSTGRES_COLUMNS = """SELECT t.relname, a.attname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE t.relkind IN ('r', 'p') AND t.relname NOT IN (SELECT name FROM partitions)
    AND t.relnamespace = current_schema()::regnamespace AND a.attname IN ('device', 'device_a', 'device_b')"""
PAIRS = ["contacts", "joint_walks", "chain_states"]


class EraseTest(AnalysisTest):
    """`store()`: the arguments that name it, `settings` its environment."""
    columns = SQLITE_COLUMNS

    def columns_of_devices(self):
        return [column for column in self.rows_of(self.columns) if column[0] != "erased_devices"]

    def rows_left(self, number):
        left = collections.Counter()
        for table, column in self.columns_of_devices():
            left[table] += self.rows_of(f"SELECT count(*) FROM {table} WHERE {column} = {number}")[0][0]
        return left

    def rows_of_others(self, number):
        rows = {table: sorted(self.rows_of(f"SELECT * FROM {table} WHERE device <> {number}"))
                for table in ("tracks", "activity", "fixes")}
        return rows | {table: sorted(self.rows_of(f"SELECT * FROM {table} WHERE {number} NOT IN (device_a, device_b)"))
                       for table in PAIRS}

    def erase(self, id, code=0, sure=True):
        ran = run("device", "erase", id, *self.store(), *(["--yes"] if sure else []), env=self.settings, seconds=LONG)
        self.assertEqual(code, ran.returncode, ran.stdout + ran.stderr)
        return ran

    def assert_erased(self, ran, number):
        erased, left, last = ran.stdout.splitlines()
        self.assertRegex(erased, r"^\d+ rows of \S+ were erased\.$")
        tables = re.match(r"0 rows are left in (\d+) tables", left)
        self.assertGreaterEqual(int(tables[1]), len(self.columns_of_devices()))
        self.assertIn("nothing of it is left", last)
        self.assertEqual({0}, set(self.rows_left(number).values()), self.rows_left(number))

    def check(self):
        checked = run("check", *self.store(), env=self.settings, seconds=LONG)
        self.assertEqual(0, checked.returncode, checked.stdout)

    def kill_erasure(self, id, condition):
        """Begins an erasure and kills it as soon as `condition` is met."""
        with subprocess.Popen([BINARY, "device", "erase", id, *map(str, self.store()), "--yes"], env=environment(self.settings),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent) as process:
            until(lambda: process.poll() is not None or condition(), "the erasure is under way", 30)
            process.kill()
            said = process.stdout.read()
            self.assertEqual(-signal.SIGKILL, process.wait(), f"it ended before it was killed: {said}")

    def kill_when_begun(self, id):
        self.kill_erasure(id, lambda: self.rows_of("SELECT 1 FROM erased_devices"))


class Embedded(EraseTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.settings = {}

    def target(self):
        return "--data", self.packwalk.data

    store = target

    def rows_of(self, statement):
        return self.rows(self.packwalk.data, statement)

    def positions(self):
        everywhere = self.packwalk.get("/v1/positions?bbox=-180,-90,180,90&limit=1000").json
        return {each["device"] for each in everywhere["positions"]}

    def test_a_device_that_walked_with_others(self):
        self.send(self.town(3), 3)
        self.until_analysed()
        (id, number), = self.rows_of(
            "SELECT d.id, d.number FROM devices d JOIN joint_walks w ON d.number IN (w.device_a, w.device_b)"
            " GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1")
        tokens = self.packwalk.data / "replay.tokens"
        token = dict(line.split(",") for line in tokens.read_text().split())[id]
        others = self.rows_of_others(number)
        before = self.rows_left(number)
        self.assertIn(id, self.positions())
        self.assertIn("nothing was erased", self.erase(id, 1, sure=False).stderr)  # there is nobody to ask
        self.assertEqual(before, self.rows_left(number))
        self.assert_erased(self.erase(id), number)
        self.assertEqual(others, self.rows_of_others(number))
        self.assertNotIn(token, tokens.read_text())
        self.assertNotIn(id, run("device", "list", *self.store()).stdout)
        until(lambda: self.packwalk.get(f"/v1/devices/{id}").status == 404, "the server forgets it")
        self.assertNotIn(id, self.positions())
        self.assertEqual(401, self.packwalk.post(token, [golden.track(golden.START)]).status)
        self.check()
        self.assertIn(f"no device {id}", self.erase(id, 1).stderr)
        token = self.packwalk.add_device(id)
        self.assertEqual([], self.packwalk.messages(id))
        self.assertEqual(202, self.packwalk.post(token, [golden.track(golden.START)]).status)
        self.packwalk.messages_when(id, 1)
        self.assertGreater(self.rows_of(f"SELECT number FROM devices WHERE id = '{id}'")[0][0], number)
        self.assertIn(id, self.positions())
        self.assertEqual({0}, set(self.rows_left(number).values()))
        self.check()

    def test_killed_now_and_then_while_the_device_sends_and_the_server_dies(self):
        token, other = self.packwalk.add_device("rex"), self.packwalk.add_device("ada")
        for start in range(0, 40_000, 4000):
            body = b"".join(golden.track_bytes(golden.START - 50_000 + start + i) for i in range(4000))
            self.assertEqual(202, self.packwalk.post(token, body, "application/octet-stream").status)
        senders = [SteadySender(self.packwalk, token), SteadySender(self.packwalk, other)]
        until(lambda: min(len(each.answers) for each in senders) > 3, "they send")
        self.kill_when_begun("rex")
        number, = self.rows_of("SELECT device FROM erased_devices WHERE ended_at IS NULL")[0]
        self.kill_erasure("rex", lambda: self.rows_left(number)["fixes"] < 40_000)
        self.check()
        senders[0].join(LONG)
        self.assertEqual({202, 401}, set(senders[0].answers))
        self.assertIn("is there already; `packwalk device rotate-token rex` gives", run("device", "add", "rex", *self.store()).stderr)
        senders[1].stop = True
        senders[1].join(LONG)
        self.packwalk.kill()
        self.packwalk.start()  # what waited in its journal comes again
        self.assert_erased(self.erase("rex"), number)
        self.assertEqual({202}, set(senders[1].answers))
        self.packwalk.messages_when("ada", 50 * len(senders[1].answers))
        self.until_analysed()
        self.assertEqual({0}, set(self.rows_left(number).values()))
        self.check()


class Bytes(EraseTest):
    """No file of the database has a byte of an erased device, while the server runs, takes packets and answers."""

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.settings = {}

    def store(self):
        return "--data", self.packwalk.data

    def mark(self, number):
        return f"mark-{number:04}-mark"

    def latitude(self, number):
        return 10.123456 + number / 1000

    def traces(self, number, id):
        """Names of the files that have something of it, but for the queue's."""
        wanted = [self.mark(number).encode(), id.encode(), struct.pack(">d", self.latitude(number))]
        files = [path for path in self.packwalk.data.iterdir() if path.name.startswith("packwalk.db")]
        self.assertTrue(files)
        return [(path.name, trace) for path in files for trace in wanted if trace in path.read_bytes()]

    def send(self, devices, requests):
        """Small and large ones of all devices, in no order, so that pages are divided again and again."""
        chance = random.Random(5)
        for _ in range(requests):
            number, (_, token) = chance.choice(list(enumerate(devices)))
            packets = [golden.track(golden.START + chance.randrange(10**7), self.latitude(number),
                                    note=self.mark(number) * chance.choice([1, 5, 20, 80])) for _ in range(4)]
            self.assertEqual(202, self.packwalk.post(token, packets).status)

    def test_none_is_left_beside_a_running_server(self):
        devices = self.packwalk.add_devices(30, "kennel-dog-")
        until(lambda: self.packwalk.post(devices[-1][1], "[]").status != 401, "the devices are known")
        self.send(devices, 700)
        stop, answers = threading.Event(), []
        timestamps = itertools.count(golden.START - 10**6)

        def send_now_and_then():
            while not stop.wait(0.02):
                answers.append(self.packwalk.post(devices[0][1], [golden.track(next(timestamps))]).status)

        other = threading.Thread(target=send_now_and_then)
        other.start()
        self.addCleanup(other.join)
        self.addCleanup(stop.set)
        erased = range(4, 28, 4)
        for number in erased:
            id, _ = devices[number]
            self.assertTrue(self.traces(number, id))
            self.assert_erased_bytes(self.erase(id))
            self.assertEqual([], self.traces(number, id))
        stop.set()
        other.join(LONG)
        self.assertEqual({202}, set(answers))
        self.assertEqual(0, self.packwalk.stop())
        self.assertEqual([], [trace for number in erased for trace in self.traces(number, devices[number][0])])
        self.assertEqual([("ok",)], self.rows(self.packwalk.data, "PRAGMA integrity_check"))
        checked = run("check", *self.store(), seconds=LONG)
        self.assertEqual(0, checked.returncode, checked.stdout)

    def assert_erased_bytes(self, ran):
        self.assertIn("nothing of it is left", ran.stdout)
        self.assertIn("ackups", ran.stdout)

    def test_a_reader_that_does_not_end_is_named_and_the_erasure_can_be_run_again(self):
        (id, token), = self.packwalk.add_devices(1, "kennel-dog-")
        until(lambda: self.packwalk.post(token, "[]").status != 401, "the device is known")
        self.assertEqual(202, self.packwalk.post(token, [golden.track(golden.START, note=self.mark(0))]).status)
        reader = sqlite3.connect(f"file:{self.packwalk.data}/packwalk.db?mode=ro", uri=True, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchall()
        erasing = subprocess.Popen([BINARY, "device", "erase", id, *map(str, self.store()), "--yes"], env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent)
        self.addCleanup(erasing.stdout.close)
        until(lambda: not self.rows(self.packwalk.data, "SELECT 1 FROM messages"), "its rows are gone", 30)
        erasing.kill()
        erasing.wait()
        reader.execute("COMMIT")
        self.assert_erased_bytes(self.erase(id))
        self.assertEqual([], self.traces(0, id))


class Archived(EraseTest, ArchiveTest):
    columns = POSTGRES_COLUMNS

    def store(self):
        return "--data", self.folder

    def rows_of(self, statement):
        return self.database_rows(statement)

    @contextlib.contextmanager
    def no_copying(self):
        """Somebody is copying all the time, for whom an erasure waits."""
        lock = "hashtext('packwalk archive'), 'unarchived'::regclass::oid::int"
        with subprocess.Popen(["psql", self.database, "-c", f"SELECT pg_advisory_lock({lock}), pg_sleep(600)"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent) as copying:
            until(lambda: self.rows_of("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), "it copies", 30)
            yield
            self.rows_of("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            copying.wait(30)

    def test_beside_many_programs_and_clickhouse_killed_now_and_then(self):
        (rex, token), (_, other) = self.add_devices(2)
        number, = self.rows_of(f"SELECT number FROM devices WHERE id = '{rex}'")[0]
        gateway, *workers = [self.role("gateway"), *self.roles("ingest", 2)]
        for server in (gateway, *workers, *self.roles("analysis", 1)):
            server.start()
        self.until_ready(gateway, *workers)
        senders = [SteadySender(gateway, token), SteadySender(gateway, other)]
        until(lambda: min(len(each.answers) for each in senders) > 20, "they send", 30)
        until(lambda: self.rows_of("SELECT 1 FROM place_cells LIMIT 1"), "somebody analyses", 30)
        with self.no_copying():
            self.kill_when_begun(rex)
        senders[0].join(LONG)
        self.assertEqual({202, 401}, set(senders[0].answers))
        self.clickhouse.kill()
        self.assertIn("ClickHouse", self.erase(rex, 1).stderr)
        self.assertIn(f"the erasure of {rex} was interrupted", run("doctor", *self.store(), env=self.settings).stdout)
        without = {name: value for name, value in self.settings.items() if "ARCHIVE" not in name}
        self.assertNotEqual(without, self.settings)
        refused = run("device", "erase", rex, *self.store(), "--yes", env=without)
        self.assertEqual(1, refused.returncode)
        self.assertIn("archive.url", refused.stderr)
        self.clickhouse.start()
        self.clickhouse.wait()
        erased = self.erase(rex)
        self.assert_erased(erased, number)
        self.assertIn("the archive's included.\n", erased.stdout)
        senders[1].stop = True
        senders[1].join(LONG)
        self.until_drained(workers)
        self.until_copied()
        self.assertEqual({0}, set(self.rows_left(number).values()))
        self.assertEqual("0\n", self.clickhouse.ask(f"SELECT count() FROM messages WHERE device = {number}"))
        count = 50 * len(senders[1].answers)
        self.assert_archive(0, f"All {count} messages of", "verify", "--to", day(1))
        self.check()

    def test_what_was_put_aside_is_named_and_keeps_the_erasure_from_its_end(self):
        (rex, token), = self.add_devices(1)
        gateway, worker = self.role("gateway").start(), self.role("ingest").start()
        self.until_ready(gateway, worker)
        self.assertEqual(202, gateway.post(token, [golden.track(golden.START + i) for i in range(5)]).status)
        until(lambda: self.rows_of("SELECT count(*) FROM fixes")[0][0] == 5, "they are kept", 30)
        self.database_rows("ALTER TABLE fixes DETACH PARTITION fixes_202601")
        refused = self.erase(rex, 1)
        self.assertIn(":\n  fixes_202601 (put aside): 5\nRows of it remain.", refused.stdout)
        self.assertIn("delete the rows with the device 1 in them", refused.stdout)
        self.database_rows("DELETE FROM fixes_202601 WHERE device = 1")
        self.assert_erased(self.erase(rex), 1)


if __name__ == "__main__":
    unittest.main()
