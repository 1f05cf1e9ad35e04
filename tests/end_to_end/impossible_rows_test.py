"""Rows that no program can have written, as a disk or a person may make them: they are named, and all else goes on.
Nothing goes on where the pages of the database are damaged."""
import contextlib
import sqlite3
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from times import iso

IMPOSSIBLE = {  # what of the current state
    "a position that is not on earth": "lat = 200",
    "half of a position": "lon = NULL",
    "a status that is no byte": "fix_status = 1000",
    "a time that no packet can tell": "fix_timestamp = 99999999999",
    "a family that there is not": "status_family = 9",
    "fewer than no packets": "fixes = -1",
}


class ImpossibleRows(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.tokens = dict(self.packwalk.add_devices(2))
        self.sick, self.well = self.tokens
        until(lambda: self.packwalk.post(self.tokens[self.well], "[]").status != 401, "the devices are known")
        for number, device in enumerate(self.tokens):
            self.send(device, number)

    def send(self, device, timestamp):
        return self.packwalk.post(self.tokens[device], golden.track(golden.START + timestamp)).status

    def change(self, statement):
        """While the server is stopped."""
        self.assertEqual(0, self.packwalk.stop())
        with sqlite3.connect(self.packwalk.data / "packwalk.db") as database:
            database.execute(statement)
        database.close()
        self.packwalk.start()

    def well_goes_on(self, timestamp):
        self.assertEqual(202, self.send(self.well, timestamp))
        until(lambda: self.packwalk.get(f"/v1/devices/{self.well}/position").json["timestamp"] == iso(golden.START + timestamp),
              "its position is told")

    def test_of_a_current_state(self):
        for number, (name, change) in enumerate(IMPOSSIBLE.items(), 10):
            with self.subTest(name):
                before, = self.rows(self.packwalk.data, "SELECT * FROM states WHERE device = 1")
                self.change(f"UPDATE states SET {change} WHERE device = 1")
                self.well_goes_on(number)
                positions = self.packwalk.get("/v1/positions?bbox=-180,-90,180,90").json["positions"]
                self.assertIn(self.well, [each["device"] for each in positions])
                self.assertEqual(500, self.packwalk.get(f"/v1/devices/{self.sick}").status)
                checked = run("check", "--data", self.packwalk.data)
                self.assertEqual(1, checked.returncode)
                self.assertRegex(checked.stdout, f"device {self.sick}: .*impossible")
                self.change("INSERT OR REPLACE INTO states VALUES (" + ",".join(
                    "NULL" if each is None else repr(each) for each in before) + ")")
        self.assertIn("event=impossible_row", self.packwalk.log())
        self.assertIn("device 1: its position is not on earth", self.packwalk.log())

    def test_of_a_fix_and_of_an_id(self):
        self.change("UPDATE fixes SET status = 999 WHERE device = 1")
        answer = self.packwalk.get(f"/v1/devices/{self.sick}/fixes")
        self.assertEqual(500, answer.status)
        self.assertIn("Its log has the cause under this request id.", answer.json["detail"])
        lines = [line for line in self.packwalk.log().splitlines() if "event=request_failed" in line]
        self.assertTrue(any(f"request_id={answer.headers['x-request-id']}" in line for line in lines), lines)
        self.assertIn("its status is 999", lines[-1])
        self.well_goes_on(50)
        self.assertEqual(200, self.packwalk.get(f"/v1/devices/{self.well}/fixes").status)
        self.change("UPDATE devices SET id = 'not an id' WHERE number = 1")
        self.well_goes_on(51)


class DamagedPages(PackwalkTest):
    def test_make_all_wait_and_set_nothing_aside(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        self.assertEqual(202, packwalk.post(token, golden.track(golden.START)).status)
        self.assertEqual(0, packwalk.stop())
        file = packwalk.data / "packwalk.db"
        sound = file.read_bytes()
        with contextlib.closing(sqlite3.connect(file)) as database:
            page, = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'fixes'").fetchone()
            size, = database.execute("PRAGMA page_size").fetchone()
        with file.open("r+b") as damaged:
            damaged.seek((page - 1) * size)
            damaged.write(b"\xff" * 100)

        packwalk.start()
        answers = [packwalk.post(token, golden.track(golden.START + number)).status for number in range(1, 21)]
        self.assertIn(503, answers)
        self.assertLessEqual(set(answers), {202, 503})  # 202: it waits in the journal
        self.assertEqual(503, packwalk.request("GET", "/readyz").status)
        self.assertIn("malformed", packwalk.log())
        self.assertIn("dead letters: 0", run("queue", "status", "--data", packwalk.data).stdout)
        self.assertEqual(0, packwalk.stop())

        file.write_bytes(sound)
        packwalk.start()
        self.assertEqual(202, packwalk.post(token, golden.track(golden.START + 21)).status)
        packwalk.messages_when("rex", 2 + answers.count(202))


if __name__ == "__main__":
    unittest.main()
