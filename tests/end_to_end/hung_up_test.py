"""Callers who ask much, or hang up: nobody works for who is gone, and others do not wait."""
import socket
import sqlite3
import unittest

from packwalk_process import PackwalkTest, until

DOGS = 40
MEETINGS = 20
HUNG_UP = 60


class HungUp(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.ids = [id for id, _ in self.packwalk.add_devices(DOGS)]
        self.dear = f"/v1/pack-walks?device={self.ids[0]}&limit=10000"
        self.assertEqual(0, self.packwalk.stop())
        self.make_walks()
        self.packwalk.start()
        until(lambda: self.packwalk.get("/v1/devices/" + self.ids[0]).status == 200, "devices are known")

    def make_walks(self):
        """Again and again all dogs walk together, each with each: the dearest that can be asked."""
        database = sqlite3.connect(self.packwalk.data / "packwalk.db")
        columns = [row[1] for row in database.execute("PRAGMA table_info(joint_walks)")]
        numbers = [row[0] for row in database.execute("SELECT number FROM devices ORDER BY id")]
        rows = []
        for meeting in range(MEETINGS):
            start = 1_700_000_000 + meeting * 86_400
            for i, a in enumerate(numbers):
                for b in numbers[i + 1:]:
                    values = {"device_a": a, "device_b": b, "from_time": start, "to_time": start + 3600}
                    rows.append([values.get(column, 1) for column in columns])
        database.executemany(f"INSERT INTO joint_walks VALUES ({','.join('?' * len(columns))})", rows)
        database.commit()
        database.close()

    def ask(self, address="127.0.0.1"):
        """The dearest question, whose answer nobody reads yet."""
        caller = socket.create_connection((self.packwalk.host, self.packwalk.port), 20, (address, 0))
        self.addCleanup(caller.close)
        caller.sendall(b"GET " + self.dear.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                       self.packwalk.admin_token.encode() + b"\r\n\r\n")
        return caller

    def ends(self):
        return {dict(labels)["end"]: value for (name, labels), value in self.packwalk.metrics().items()
                if name == "packwalk_questions_total"}

    def test_questions_of_who_hung_up_are_given_up(self):
        self.assertEqual(200, self.packwalk.get(self.dear).status)
        until(lambda: self.packwalk.metrics()["packwalk_pool_jobs", frozenset()] == 0, "what was answered is counted")
        before = self.ends()
        callers = [self.ask() for _ in range(HUNG_UP)]
        for caller in callers:
            caller.close()
        self.assertEqual(200, self.packwalk.get("/v1/devices/" + self.ids[1]).status)

        def settled():
            now = self.ends()
            return now if sum(now.values()) == sum(before.values()) + HUNG_UP + 1 else None

        after = until(settled, "all questions have ended", 30)
        given_up = sum(after[end] - before[end] for end in ("gone", "dropped"))
        self.assertGreater(given_up, HUNG_UP / 2, after)

    def test_one_address_does_not_hold_up_the_others(self):
        for _ in range(HUNG_UP):
            self.ask("127.0.0.2")
        until(lambda: self.packwalk.metrics()["packwalk_pool_jobs", frozenset()] > HUNG_UP / 2, "they wait")
        self.assertEqual(200, self.packwalk.get("/v1/devices/" + self.ids[1]).status)
        self.assertLess(self.ends()["answered"], HUNG_UP / 2, "most of those that came before are not answered yet")


if __name__ == "__main__":
    unittest.main()
