"""`packwalk doctor` names what is wrong with which part, and what to do."""
import contextlib
import datetime
import http.server
import json
import os
import pty
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

import golden
import small_disk
from packwalk_process import BINARY, BINARY_FORM, PackwalkTest, environment, run, until
from servers.postgres import LOCKED_USER, Postgres
from servers.server import free_port
from spine import SpineTest

MEBIBYTE = 1024 * 1024
BEHIND_PROXY = {"PACKWALK_HTTP_ADDRESS_CONNECTIONS_MAX": "10000"}  # so that a loopback address will do


class DoctorTest(PackwalkTest):
    settings = None

    def doctor(self, **settings):
        """The exit code and [(word, part, sentence), ..]; a remedy stands behind its sentence."""
        ran = run("doctor", "--data", self.folder, env=(self.settings or {}) | settings)
        self.assertEqual("", ran.stderr)
        found = []
        for line in ran.stdout.splitlines()[:-1]:
            if "->" in line[:25]:
                found[-1] = (*found[-1][:2], found[-1][2] + " " + line.strip())
            else:
                found.append((line[:5].strip(), line[7:19].strip(), line[19:]))
        return ran.returncode, found

    def assert_fault(self, found, part, *words):
        code, found = found
        self.assertEqual(1, code)
        faults = [sentence for word, where, sentence in found if (word, where) == ("FAULT", part)]
        self.assertTrue(any(all(word in sentence for word in words) for sentence in faults), found)
        return faults


class Household(DoctorTest):
    def test_one_program_and_its_disk(self):
        self.server("data").start()
        ran = run("doctor", "--data", self.folder / "data", env=BEHIND_PROXY)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        for sentence in ("it is ready at http://127.0.0.1:", "packwalk.db is readable", "data/queue is damaged", "no dead letters", "All is well."):
            self.assertIn(sentence, ran.stdout)
        (self.folder / "data/queue/00000001.journal.damaged").write_text("")
        ran = run("doctor", "--data", self.folder / "data", env=BEHIND_PROXY)
        self.assertEqual(1, ran.returncode)
        self.assertTrue(ran.stdout.endswith("1 fault, 0 warnings.\n"), ran.stdout)
        ran = run("check", "--data", self.folder / "data")
        self.assertEqual(1, ran.returncode)
        self.assertIn("but the journal is damaged", ran.stdout)

    def test_a_folder_into_which_others_may_write(self):
        packwalk = self.server("data")
        for mode in (0o777, 0o770):
            packwalk.data.chmod(mode)
            packwalk.start()
            packwalk.stop()
            self.assertIn("data_folder_open_to_others", packwalk.log())
            ran = run("doctor", "--data", packwalk.data)
            self.assertEqual(1, ran.returncode)
            self.assertIn("chmod go-w", ran.stdout)
        packwalk.data.chmod(0o700)
        self.assertEqual(0, run("doctor", "--data", packwalk.data).returncode)

    def test_an_admin_token_that_no_request_can_send(self):
        path = self.folder / "admin.token"
        for bad in (b"\0", b"\xff", b"\n", b" ", b"\x1b"):
            path.write_bytes(b"x" * 20 + bad + b"x" * 20 + b"\n")
            path.chmod(0o600)
            self.assert_fault(self.doctor(), "admin token", "visible ASCII")
        path.write_bytes(b"x" * 40 + b"\n")
        self.assertEqual(0, self.doctor()[0])

    def test_an_admin_token_that_others_may_read_has_one_remedy(self):
        path = self.folder / "admin.token"
        path.write_bytes(b"x" * 40 + b"\n")
        path.chmod(0o644)
        (sentence,) = self.assert_fault(self.doctor(), "admin token", f"chmod 600 {path}")
        self.assertEqual(1, sentence.count("replace the token"), sentence)

    def test_files_that_others_may_read(self):
        run("device", "add", "rex", "--data", self.folder)
        settings = self.folder / "packwalk.toml"
        settings.write_text('[notify]\nwebhook_url = "http://127.0.0.1:1/"\nwebhook_secret = "0123456789abcdef"\n')
        for path in (settings, self.folder / "packwalk.db"):
            path.chmod(0o644)
        self.folder.chmod(0o755)
        code, found = self.doctor()
        self.assertEqual(0, code)
        self.assertLessEqual({("warn", "data folder"), ("warn", "settings")}, {one[:2] for one in found}, found)
        settings.write_text("")
        self.assertNotIn("settings", [one[1] for one in self.doctor()[1]], "it holds no secret")
        other = self.folder / "other.toml"
        other.write_text('[store]\nreplica_urls = "postgresql://db/x?pass%77ord=hidden"\n')
        self.assertIn("other.toml", " ".join(one[2] for one in self.doctor(PACKWALK_CONFIG=str(other))[1] if one[1] == "settings"))
        self.folder.chmod(0o700)
        self.assertNotIn("data folder", [one[1] for one in self.doctor()[1]])

    def test_a_server_that_answers_with_control_characters(self):
        """They would change what the terminal shows."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            with contextlib.suppress(OSError):  # until the test closes it
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(4096)
                        connection.sendall(b"-ERR \x1b[2Jall is well\r\n" * 10)

        threading.Thread(target=answer, daemon=True).start()
        run("device", "add", "rex", "--data", self.folder)
        ran = run("doctor", "--data", self.folder, env={"PACKWALK_BUS_URL": f"redis://127.0.0.1:{listener.getsockname()[1]}"})
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertIn("\\x1b[2Jall is well", ran.stdout)
        self.assertNotIn("\x1b", ran.stdout)

    def test_a_webhook_that_has_been_down_for_long(self):
        packwalk = self.serve(env={"PACKWALK_NOTIFY_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/",
                                   "PACKWALK_NOTIFY_WEBHOOK_SECRET": "0123456789abcdef"})
        self.folder = packwalk.data
        token = packwalk.add_device("rex")
        for status in (0, 1):
            packwalk.post(token, golden.track(int(time.time()) - 10 + status) | {"status": status})
        until(lambda: self.rows(packwalk.data, "SELECT 1 FROM deliveries"), "the event waits")
        self.assertNotIn("notify", [one[1] for one in self.doctor()[1]], "not for long")
        with contextlib.closing(sqlite3.connect(self.folder / "packwalk.db")) as database, database:
            database.execute("UPDATE deliveries SET caused_at = caused_at - 600000000")
        self.assertIn(("warn", "notify"), [one[:2] for one in self.doctor()[1]])

    def test_a_database_of_the_version_before_stays_as_it_is(self):
        run("device", "add", "rex", "--data", self.folder)
        with contextlib.closing(sqlite3.connect(self.folder / "packwalk.db")) as database:
            for table in ("track_states", "chain_states", "set_aside_windows", "device_refusals"):
                database.execute(f"DROP TABLE {table}")
            database.execute("PRAGMA user_version = 4")
            self.assertEqual(0, self.doctor()[0])
            self.assertEqual((4,), database.execute("PRAGMA user_version").fetchone())

    def test_a_full_disk(self):
        small_disk.mount(self, self.folder, 16 * MEBIBYTE)
        self.assert_fault(self.doctor(), "disk", "is full")

    def test_nothing_there_yet_is_no_fault(self):
        code, found = self.doctor()
        self.assertEqual(0, code)
        self.assertEqual([("warn", "server"), ("warn", "SQLite")], [one[:2] for one in found if one[0] != "ok"])

    def test_a_folder_that_is_missing(self):
        ran = run("doctor", "--data", self.folder / "nowhere")
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertIn("there is no folder " + str(self.folder / "nowhere"), ran.stdout)
        self.assertIn(f"MiB are free at {self.folder}\n", ran.stdout)
        self.assertFalse((self.folder / "nowhere").exists())

    def test_a_server_that_was_killed(self):
        packwalk = self.server("data").start()
        self.folder = packwalk.data
        self.assertIn(("ok", "server"), [one[:2] for one in self.doctor()[1]])
        packwalk.kill()
        self.assert_fault(self.doctor(), "server", "no server answers at http://127.0.0.1:", "/data/listen")

    def test_a_server_that_hangs(self):
        packwalk = self.server("data").start()
        self.folder = packwalk.data
        packwalk.process.send_signal(signal.SIGSTOP)
        self.addCleanup(packwalk.process.send_signal, signal.SIGCONT)
        self.assert_fault(self.doctor(), "server", "no server answers")

    def test_somebody_else_who_has_the_address(self):
        other = self.server("other").start()
        (self.folder / "listen").write_text(f"127.0.0.1:{other.port}/x\n")
        self.assertIn(("warn", "server"), [one[:2] for one in self.doctor()[1]], "that is no address")
        (self.folder / "listen").write_text((other.data / "ops.listen").read_text())
        self.assertIn(("ok", "server"), [one[:2] for one in self.doctor()[1]])

        class Stranger(http.server.BaseHTTPRequestHandler):
            """A server of somebody else, which knows no path."""

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            (self.folder / "listen").write_text(f"127.0.0.1:{server.server_port}\n")
            self.assert_fault(self.doctor(), "server", "another program answers")
            server.shutdown()

    def test_a_server_that_only_this_machine_reaches(self):
        packwalk = self.server("data").start()
        self.folder = packwalk.data
        code, found = self.doctor()
        self.assertEqual(0, code)
        self.assertIn("which phones and other machines cannot reach", [one[2] for one in found if one[:2] == ("warn", "server")][0])
        self.assertEqual([], [one for one in self.doctor(**BEHIND_PROXY)[1] if one[0] == "warn"])
        packwalk.stop()
        packwalk.start("0.0.0.0:0")
        self.assertEqual([], [one for one in self.doctor()[1] if one[0] == "warn"])

    def test_a_warning_is_no_fault(self):
        ran = run("doctor", "--json", "--data", self.folder)
        told = json.loads(ran.stdout)
        self.assertEqual((0, 0, 2), (ran.returncode, told["fault_count"], told["warning_count"]))
        self.assertEqual({"server", "SQLite"}, {one["part"] for one in told["findings"] if one["severity"] == "warn"})
        self.assertTrue(run("doctor", "--data", self.folder).stdout.endswith("0 faults, 2 warnings.\n"))

    def test_colours_are_for_a_terminal(self):
        green = b"\x1b[32mok   \x1b[0m"
        self.assertIn(green, self.on_terminal({}))
        self.assertIn(b"\x1b[33mwarn \x1b[0m", self.on_terminal({"NO_COLOR": ""}), "an empty one says nothing")
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn(b"\x1b", self.on_terminal(env))
        self.assertNotIn(b"\x1b", self.on_terminal({}, "--json"))
        self.assertNotIn("\x1b", run("doctor", "--data", self.folder).stdout)

    def on_terminal(self, env, *arguments):
        """What doctor writes to a terminal."""
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        with os.fdopen(its, "wb") as terminal:
            subprocess.run([BINARY, "doctor", "--data", self.folder, *arguments], stdout=terminal, timeout=60,
                           env=environment({"NO_COLOR": "", "TERM": "xterm"} | env))
        written = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while piece := os.read(ours, 65536):
                written += piece
        return written

    def test_a_database_of_a_newer_version(self):
        run("device", "add", "rex", "--data", self.folder)
        with contextlib.closing(sqlite3.connect(self.folder / "packwalk.db")) as database:
            database.execute("PRAGMA user_version = 99")
        self.assert_fault(self.doctor(), "SQLite", "schema 99", "newer")

    def test_devices_that_are_seen_refused_or_silent(self):
        packwalk = self.server("data").start()
        self.folder = packwalk.data
        seen, encrypted = packwalk.add_device("seen"), packwalk.add_device("encrypted")
        packwalk.add_device("silent")
        packwalk.post(seen, golden.TRACK, BINARY_FORM)
        packwalk.request("POST", f"/owntracks/{encrypted}", '{"_type":"encrypted"}')

        def reports():
            found = {one[2].split(":")[0]: one for one in self.doctor()[1] if one[1] == "devices"}
            return found if found["seen"][0] == "ok" and "encrypted)" in found["encrypted"][2] else None

        found = until(reports, "what was sent is committed")
        self.assertRegex(found["seen"][2], r"last seen 20\S+Z \(just now\); 1 fix$")
        self.assertEqual("warn", found["encrypted"][0])
        self.assertIn("switch off the encryption in its app", found["encrypted"][2])
        self.assertEqual("warn", found["silent"][0])
        self.assertIn("never seen", found["silent"][2])


class Spine(SpineTest, DoctorTest):
    def locked(self, password):
        return self.database.replace("packwalk@", f"{LOCKED_USER}:{password}@")

    def test_of_what_works_it_says_so(self):
        code, found = self.doctor()
        self.assertEqual(0, code, found)
        self.assertEqual({"disk", "PostgreSQL", "RabbitMQ", "Redis"}, {part for word, part, _ in found if word == "ok"})

    def test_a_wrong_password(self):
        self.database_rows(f"DO $$ BEGIN CREATE ROLE {LOCKED_USER} LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object"
                           " THEN NULL; WHEN unique_violation THEN NULL; END $$")
        for name, url, part in (
                ("PACKWALK_STORE_URL", self.locked("wrong"), "PostgreSQL"),
                ("PACKWALK_QUEUE_URLS", self.settings["PACKWALK_QUEUE_URLS"].replace("guest:guest", "guest:wrong"), "RabbitMQ"),
                ("PACKWALK_BUS_URL", self.settings["PACKWALK_BUS_URL"].replace("//", "//me:wrong@"), "Redis")):
            with self.subTest(part):
                faults = self.assert_fault(self.doctor(**{name: url}), part, "password", "correct")
                self.assertNotIn("wrong@", " ".join(faults))
        self.assert_fault(self.doctor(PACKWALK_STORE_URL=self.locked("right")), "PostgreSQL", "permission denied", "grant")

    def test_what_cannot_be_reached(self):
        nowhere = f"127.0.0.1:{free_port()}"
        self.assert_fault(self.doctor(PACKWALK_BUS_URL="redis://" + nowhere), "Redis", "refused", "bus.url")
        self.assert_fault(self.doctor(PACKWALK_QUEUE_URLS=f"amqp://guest:guest@{nowhere}/%2F"), "RabbitMQ", nowhere)
        self.assert_fault(self.doctor(PACKWALK_STORE_URL=f"postgresql://packwalk@{nowhere}/postgres"), "PostgreSQL",
                          "refused", "store.url")

    def test_one_of_two_brokers_away(self):
        urls = f"amqp://guest:guest@127.0.0.1:{free_port()}/%2F, {self.settings['PACKWALK_QUEUE_URLS']}"
        code, found = self.doctor(PACKWALK_QUEUE_URLS=urls)
        self.assertEqual(1, code)
        self.assertEqual({"FAULT", "ok", "warn"}, {word for word, part, _ in found if part == "RabbitMQ"})

    def test_a_missing_partition(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        name = f"messages_{tomorrow:%Y%m%d}"
        self.database_rows(f"ALTER TABLE messages DETACH PARTITION {name}")
        self.assert_fault(self.doctor(), "PostgreSQL", name, "packwalk migrate")

    def test_a_missing_schema(self):
        self.database_rows("DROP TABLE packwalk_schema")
        self.assert_fault(self.doctor(), "PostgreSQL", "schema 0", "packwalk migrate")

    def test_a_queue_with_other_limits(self):
        self.assertIn("no queue", str(self.doctor()[1]))
        self.assertEqual(0, self.ready_at_broker())  # this makes it
        self.assert_fault(self.doctor(PACKWALK_QUEUE_DELIVERIES_MAX="7"), "RabbitMQ", "PRECONDITION_FAILED", "limits of the queue differ")


class Server(DoctorTest):
    def test_postgresql_is_an_hour_ahead_and_has_no_room(self):
        self.folder.chmod(0o755)
        folder = self.folder / "postgres"
        folder.mkdir()
        small_disk.mount(self, folder, 160 * MEBIBYTE)
        server = Postgres(folder, wrapper=["faketime", "-m", "-f", "+1h"])
        self.addCleanup(server.kill)
        server.start()
        server.wait()
        self.settings = {"PACKWALK_STORE_URL": server.url}
        migrated = run("migrate", "--data", self.folder, env=self.settings)
        self.assertEqual(0, migrated.returncode, migrated.stderr)
        self.assert_fault(self.doctor(), "PostgreSQL", "clock is 3", "ahead", "NTP")
        small_disk.fill(folder / "ballast")
        self.assert_fault(self.doctor(), "PostgreSQL", "disk is full", "enlarge the disk")


if __name__ == "__main__":
    unittest.main()
