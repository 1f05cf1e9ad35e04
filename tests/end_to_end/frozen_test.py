"""A PostgreSQL that stands still, which is not the same as one that is away: everybody gets an answer, in time."""
import json
import signal
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from servers.postgres import Postgres
from times import second_of

SECONDS = 2  # that a question may last
SILENCE = 4  # that PostgreSQL may be silent: longer, so that the question's own end comes first
# A connection is tried for 2 seconds, the least that libpq knows, or 5; all is over long before this.
PATIENCE = 25


class FrozenTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.postgres = Postgres(self.folder / "postgres")
        self.addCleanup(self.postgres.kill)
        self.postgres.start()
        self.postgres.wait()
        self.addCleanup(self.postgres.signal, signal.SIGCONT)
        self.settings = {"PACKWALK_STORE_URL": self.postgres.url, "PACKWALK_STORE_WAIT_SECONDS_MAX": str(SILENCE),
                         "PACKWALK_HTTP_QUERY_SECONDS_MAX": str(SECONDS)}
        migrated = run("migrate", "--data", self.folder, env=self.settings)
        self.assertEqual(0, migrated.returncode, migrated.stderr)

    def add_device(self, id):
        added = run("device", "add", id, "--data", self.folder, env=self.settings)
        self.assertEqual(0, added.returncode, added.stderr)
        return added.stdout.strip()

    def ask(self, server, path):
        one = server.connect(seconds=PATIENCE)
        self.addCleanup(one.close)
        return server.request("GET", path, headers={"Authorization": "Bearer " + server.admin_token}, connection=one)

    def assert_late(self, answer):
        self.assert_problem(answer, 503, f"longer than {SECONDS} s")
        self.assertIn("retry-after", answer.headers)

    def questions(self):
        return ("/v1/devices/rex", "/v1/devices/rex/fixes", "/v1/devices/rex/messages", "/v1/pack-walks?device=rex",
                "/v1/devices/rex/activity")


class Serve(FrozenTest):
    def send(self, second):
        one = self.packwalk.connect(seconds=PATIENCE)
        self.addCleanup(one.close)
        return self.packwalk.request("POST", "/v1/packets", json.dumps(golden.track(second)),
                                     {"Content-Type": "application/json", "Authorization": "Bearer " + self.token},
                                     connection=one)

    def test_questions_and_packets_are_answered_and_what_was_confirmed_is_there_afterwards(self):
        self.packwalk = self.serve(env=self.settings)
        self.token = self.add_device("rex")
        confirmed = []

        def sent(second):
            answer = self.send(second)
            self.assertIn(answer.status, (202, 503), answer)
            if answer.status == 202:
                confirmed.append(second)
            return answer.status

        until(lambda: sent(golden.START) == 202, "packets are taken")
        until(lambda: self.ask(self.packwalk, "/v1/devices/rex").status == 200, "questions are answered")
        self.postgres.signal(signal.SIGSTOP)
        for number, path in enumerate(self.questions(), 1):
            sent(golden.START + number)
            self.assert_late(self.ask(self.packwalk, path))
        self.assertEqual(200, self.ask(self.packwalk, "/v1/positions").status, "which needs no database")
        self.postgres.signal(signal.SIGCONT)
        until(lambda: self.ask(self.packwalk, "/v1/devices/rex/fixes").status == 200, "questions are answered", 30)
        until(lambda: sent(golden.START + 100) == 202, "packets are taken", 30)

        def kept():
            return {second_of(fix["timestamp"]) for fix in self.ask(self.packwalk, "/v1/devices/rex/fixes").json["fixes"]}

        until(lambda: set(confirmed) <= kept(), "what was confirmed is there", 30)


class Api(FrozenTest):
    def test_questions_are_answered_in_time(self):
        api = self.server(role="api", env=self.settings).start()
        self.add_device("rex")
        until(lambda: self.ask(api, "/v1/devices/rex").status == 200, "the device is known")
        self.postgres.signal(signal.SIGSTOP)
        for path in self.questions():
            self.assert_late(self.ask(api, path))
        for path in ("/v1/devices/nobody", "/v1/joint-walks?device=nobody"):
            self.assertEqual(503, self.ask(api, path).status, "nobody can know whether there is such a device")
        self.postgres.signal(signal.SIGCONT)
        for path in self.questions():
            until(lambda: self.ask(api, path).status == 200, path + " is answered again", 30)
        ends = {dict(labels)["end"]: value for (name, labels), value in api.metrics().items()
                if name == "packwalk_questions_total"}
        self.assertLessEqual(len(self.questions()), ends["late"])


if __name__ == "__main__":
    unittest.main()
