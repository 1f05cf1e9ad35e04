"""The journal of `serve`: what a disk damages, what a store does not take, and what must be forgotten."""
import contextlib
import sqlite3
import threading
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from spine import SpineTest


def packet(number, **more):
    return golden.track(golden.START + number, marker="marker-%04d" % number, **more)


class JournalTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.folder_of_queue = self.packwalk.data / "queue"

    def waiting(self):
        return self.packwalk.metrics()["packwalk_queue_messages", frozenset()]

    @contextlib.contextmanager
    def busy_database(self, token):
        """Somebody else writes, and a request of `token` waits for him: what comes now goes into the journal."""
        other = sqlite3.connect(self.packwalk.data / "packwalk.db", isolation_level=None, timeout=20)
        other.execute("BEGIN IMMEDIATE")
        # Its answer may never come.
        first = threading.Thread(target=lambda: self.ignore(lambda: self.packwalk.post(token, [packet(0)])))
        first.start()
        until(lambda: self.waiting() == 1, "one waits for the database")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
            first.join()

    @staticmethod
    def ignore(act):
        try:
            act()
        except OSError:
            pass

    def files_with(self, text):
        return [file.name for file in self.folder_of_queue.iterdir() if text in file.read_bytes()]


class Damage(JournalTest):
    def test_is_named_and_kept_aside_and_loses_only_what_it_hit(self):
        token = self.packwalk.add_device("rex")
        with self.busy_database(token):
            for number in range(1, 21):
                self.assertEqual(202, self.packwalk.post(token, [packet(number)]).status)
            self.packwalk.kill()
        journal, = self.folder_of_queue.glob("*.journal")
        content = bytearray(journal.read_bytes())
        for number in (3, 7, 8):
            content[content.index(b"marker-%04d" % number)] ^= 1
        journal.write_bytes(content)
        self.packwalk.start()
        expected = set(range(1, 21)) - {3, 7, 8}
        until(lambda: expected <= self.numbers(), "all that is sound is ingested")
        self.assertFalse(self.numbers() & {3, 7, 8})
        self.assertIn(f"{journal.name} is damaged", self.packwalk.log())
        self.assertIn("bytes at offset", self.packwalk.log())
        aside, = self.folder_of_queue.glob("*.damaged")
        for command in ("check", "doctor"):
            ran = run(command, "--data", self.packwalk.data)
            self.assertEqual(1, ran.returncode, ran.stdout)
            self.assertIn(str(aside), ran.stdout)
            self.assertIn("remove the file", ran.stdout)
        self.assertEqual(0, self.packwalk.stop())
        self.assertEqual(bytes(content), aside.read_bytes())
        aside.unlink()
        self.assertEqual(0, run("check", "--data", self.packwalk.data).returncode)

    def numbers(self):
        return {message["content"].decode().partition("marker-")[2][:4] and
                int(message["content"].decode().partition("marker-")[2][:4]) for message in self.packwalk.messages("rex")}


class Erased(JournalTest):
    def send(self, tokens):
        with self.busy_database(tokens[0]):
            for number in range(1, 11):
                for token, place in zip(tokens, ("secret", "other")):
                    self.assertEqual(202, self.packwalk.post(token, [packet(number, place=place)]).status)
        until(lambda: self.waiting() == 0, "all is committed")

    def test_leaves_nothing_beside_a_server_that_runs_nor_where_one_was_killed(self):
        for killed in (False, True):
            tokens = [self.packwalk.add_device(id) for id in ("rex", "ada" + str(killed))]
            self.send(tokens)
            self.assertTrue(self.files_with(b"secret"))
            if killed:
                self.packwalk.kill()
            erased = run("device", "erase", "rex", "--yes", "--data", self.packwalk.data)
            self.assertEqual(0, erased.returncode, erased.stdout + erased.stderr)
            self.assertEqual([], self.files_with(b"secret"))
            self.assertTrue(self.files_with(b"other"))
            if killed:
                self.packwalk.start()
            token = self.packwalk.add_device("eve" + str(killed))
            self.assertEqual(202, self.packwalk.post(token, [packet(1)]).status)
            self.packwalk.messages_when("eve" + str(killed), 1)


class Purge(JournalTest):
    def change(self, statement):
        """While the server is stopped."""
        with contextlib.closing(sqlite3.connect(self.packwalk.data / "packwalk.db")) as database, database:
            database.execute(statement)

    def queue(self, *arguments):
        ran = run("queue", *arguments, "--data", self.packwalk.data)
        self.assertEqual(0, ran.returncode, ran.stderr)
        return ran.stdout

    def test_takes_requeued_letters_with_what_waits_and_never_with_the_dead_ones(self):
        token = self.packwalk.add_device("rex")
        self.assertEqual(202, self.packwalk.post(token, [packet(0)]).status)
        self.assertEqual(0, self.packwalk.stop())
        self.change("UPDATE states SET lat = 200")
        self.packwalk.start()
        for number in range(1, 4):
            self.assertEqual(202, self.packwalk.post(token, [packet(number)]).status)
        self.assertEqual(0, self.packwalk.stop())
        self.change("UPDATE states SET lat = 1")
        self.assertIn("3 dead letters", self.queue("requeue-dead"))
        self.assertIn("0 dead letters were deleted", self.queue("purge", "--dead"))
        self.assertRegex(self.queue("status"), r"requests in its files \(also committed ones, .*\): 3\n")
        self.packwalk.start()
        self.packwalk.messages_when("rex", 4)  # they were on their way, and come once
        self.assertEqual(0, self.packwalk.stop())

        self.change("UPDATE states SET lat = 200")
        self.packwalk.start()
        self.assertEqual(202, self.packwalk.post(token, [packet(5)]).status)
        self.assertEqual(0, self.packwalk.stop())
        self.change("UPDATE states SET lat = 1")
        self.assertIn("1 dead letter will be requeued", self.queue("requeue-dead"))
        self.assertIn("1 request was deleted", self.queue("purge"))
        self.assertEqual([], [file.name for file in self.folder_of_queue.iterdir() if b"marker" in file.read_bytes()])
        self.packwalk.start()
        self.assertEqual(202, self.packwalk.post(token, [packet(6)]).status)
        self.assertEqual(5, len(self.packwalk.messages_when("rex", 5)))
        self.assertNotIn(b"marker-0005", b"".join(each["content"] for each in self.packwalk.messages("rex")))


class LostPartition(SpineTest):
    def test_makes_dead_letters_and_holds_up_nobody(self):
        store = {"PACKWALK_STORE_URL": self.database}
        packwalk = self.server(env=store).start()
        (late, late_token), (today, today_token) = [
            (id, run("device", "add", id, "--data", packwalk.data, env=store).stdout.strip()) for id in ("late", "today")]
        self.assertEqual(202, packwalk.post(late_token, [packet(0)]).status)
        self.database_rows("DROP TABLE fixes_202601")
        month = 31 * 86400
        answers = []
        senders = [threading.Thread(target=lambda n=n, t=t, at=at: answers.append(packwalk.post(t, [packet(at + n)]).status))
                   for n in range(1, 11) for t, at in ((late_token, 0), (today_token, month))]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual({202}, set(answers), packwalk.log())
        packwalk.messages_when(today, 10)
        until(lambda: self.dead(packwalk, store) == 10, "all late ones are dead letters")
        self.assertEqual(200, packwalk.request("GET", "/readyz").status)
        until(lambda: packwalk.metrics()["packwalk_queue_dead", frozenset()] == 10, "they are counted")
        self.assertEqual(10, packwalk.metrics()["packwalk_dead_letters_total", frozenset()])
        listed = run("queue", "list", "--data", packwalk.data, env=store)
        self.assertEqual(11, len(listed.stdout.splitlines()), listed.stdout)
        self.assertIn("fixes_202601", listed.stdout)
        self.assertIn("10 dead letters", run("doctor", "--data", packwalk.data, env=store).stdout)
        self.database_rows("DELETE FROM partitions WHERE name = 'fixes_202601'")
        self.assertIn("10 dead letters", run("queue", "requeue-dead", "--data", packwalk.data, env=store).stdout)
        packwalk.messages_when(late, 11)
        self.assertEqual(0, self.dead(packwalk, store))
        self.assertEqual({"accepted"}, {message["verdict"] for message in packwalk.messages(late)})
        self.assertEqual(0, packwalk.stop())

    def dead(self, packwalk, store):
        shown = run("queue", "status", "--data", packwalk.data, env=store)
        return int(shown.stdout.partition("dead letters: ")[2].split()[0])


if __name__ == "__main__":
    unittest.main()
