"""Packets and bodies that are wrong, hostile or too many: told, kept, and harmless to everybody else."""
import gzip
import json
import math
import sqlite3
import struct
import threading
import unittest

import golden
from packwalk_process import BINARY_FORM, JSON, NDJSON, PackwalkTest, until
from times import iso

START = golden.START
YEAR_1970, YEAR_2099 = 86_400, 4_070_908_800


def named(field):
    """The field at fault; "" for the whole packet, which the answer tells as null."""
    assert field != "", "an empty name"
    return field or ""


class BadInputTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.token = self.packwalk.add_device("rex")

    def still_serves(self):
        """And nothing wrong became a fix."""
        self.assertEqual(202, self.packwalk.post(self.token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(200, self.packwalk.request("GET", "/healthz").status)

    def refused(self, body, type, taken, *invalid):
        """The fields that are named for each bad packet, by index; everything is kept."""
        answer = self.packwalk.post(self.token, body, type)
        self.assertEqual(202, answer.status, answer)
        self.assertEqual((taken, list(invalid)),
                         (answer.json["taken_count"], [(one["index"], named(one["field"])) for one in answer.json["invalid"]]))
        kept = self.packwalk.messages_when("rex", taken + len(invalid))
        self.assertEqual(len(invalid), sum(message["verdict"] == "invalid" for message in kept))
        return kept


class Binary(BadInputTest):
    def test_a_record_that_is_cut_short(self):
        for size in range(1, len(golden.TRACK)):
            problem = self.assert_problem(self.packwalk.post(self.token, golden.TRACK[:size], BINARY_FORM), 400)
            self.assertEqual(0, problem["byte_offset"])
        kept = self.packwalk.messages_when("rex", len(golden.TRACK) - 1)
        self.assertEqual([golden.TRACK[:size] for size in range(1, len(golden.TRACK))],
                         [message["content"] for message in kept])
        self.still_serves()

    def test_whole_records_before_one_that_is_cut_short_are_taken(self):
        kept = self.refused(golden.TRACK + golden.ACTIVITY + golden.WIDE[:7], BINARY_FORM, 2, (2, ""))
        self.assertEqual(golden.WIDE[:7], kept[2]["content"])

    def test_bytes_after_the_last_record(self):
        kept = self.refused(golden.TRACK + b"\x00\xff\xfe", BINARY_FORM, 1, (1, "kind"))
        self.assertEqual(b"\x00\xff\xfe", kept[1]["content"])

    def test_every_wrong_kind(self):
        for kind in set(range(256)) - {1, 2, 0x11}:
            self.assertEqual(400, self.packwalk.post(self.token, bytes([kind]) + golden.TRACK[1:], BINARY_FORM).status)
        self.assertEqual(253, len(self.packwalk.messages_when("rex", 253)))

    def test_values_out_of_range(self):
        bad = [(golden.track_bytes(START, lat=value), "lat") for value in (math.nan, math.inf, -math.inf, 90.001, -91)]
        bad += [(golden.track_bytes(START, lon=value), "lon") for value in (math.nan, math.inf, 180.1, -181)]
        bad += [(golden.track_bytes(START, 0, 0), "lat"), (golden.track_bytes(START, -0.0, 0), "lat"),
                (golden.track_bytes(YEAR_1970), "timestamp"), (golden.track_bytes(-1), "timestamp"),
                (golden.track_bytes(2**31 - 1), "timestamp"), (golden.activity_bytes(START, activity=2), "activity"),
                (golden.activity_bytes(START, steps=-1), "steps"), (golden.activity_bytes(YEAR_1970), "timestamp"),
                (struct.pack("<BBiiihH", 0x11, 1, START, 900_000_001, 0, 0, 0), "lat")]
        body = b"".join(record for record, _ in bad) + golden.TRACK
        kept = self.refused(body, BINARY_FORM, 1, *((i, field) for i, (_, field) in enumerate(bad)))
        self.assertEqual([record for record, _ in bad], [message["content"] for message in kept[:-1]])
        self.assertTrue(all(message["reason"].startswith(field) for message, (_, field) in zip(kept, bad)))
        self.assertEqual(iso(START), self.packwalk.get("/v1/devices/rex/position").json["timestamp"])


class JsonText(BadInputTest):
    def test_values_out_of_range(self):
        good = golden.TRACK_JSON
        bad = [(good | {"timestamp": time}, "timestamp")
               for time in (YEAR_1970, YEAR_2099, 0, -1, 1e300, "2026-01-01", None)]
        bad += [(good | {"lat": value}, "lat") for value in (90.0000001, -91, 1e308, "48", None, [48], True)]
        bad += [(good | {"lon": value}, "lon") for value in (180.0000001, -1e9)]
        bad += [(good | {"lat": 0, "lon": 0}, "lat"), (good | {"status": 256}, "status"),
                (good | {"status": -1}, "status"), (good | {"status": 1.5}, "status"),
                (good | {"type": "cat"}, "type"), (good | {"type": 1}, "type"), ({}, "type"),
                (golden.ACTIVITY_JSON | {"steps": -1}, "steps"),
                (golden.ACTIVITY_JSON | {"steps": 2**31}, "steps"),
                (golden.ACTIVITY_JSON | {"activity": 4}, "activity"),
                ([good], ""), (None, ""), (7, ""), ("x", "")]
        good = good | {"altitude": "high"}  # of which nothing is known
        body = json.dumps([packet for packet, _ in bad] + [good])
        kept = self.refused(body, JSON, 1, *((i, field) for i, (_, field) in enumerate(bad)))
        self.assertEqual([json.dumps(packet).encode() for packet, _ in bad],
                         [message["content"] for message in kept[:-1]])

    def test_names_that_json_does_not_have(self):
        for number in ("NaN", "Infinity", "-Infinity", "+1", "0x10", "1.", ".5", "01"):
            body = json.dumps(golden.TRACK_JSON).replace("48.7081", number)
            problem = self.assert_problem(self.packwalk.post(self.token, body), 400)
            self.assertIn("lat is not a number", problem["detail"])
            self.assertIn(problem["byte_offset"] - body.index('"lat"') - len('"lat": '), range(len(number) + 1))
        self.still_serves()

    def test_a_value_that_nobody_can_read_beside_good_packets(self):
        time = golden.TRACK_JSON["timestamp"]
        for i, value in enumerate(("NaN", "nan", "-Infinity", "inf", "1e999", "9" * 10_000, "+1", "1.", "01", "12 m", "",
                                   '"M\xfcller"')):
            second = time + 10 * i
            good, bad, odd, old = (json.dumps(golden.TRACK_JSON | {"timestamp": second + more}) for more in range(4))
            bad = bad.replace("48.7081", value)
            odd = odd.replace('"altitude": 40', '"altitude": ' + value)
            old = old[:-1] + ',"battery_volts":' + value + "}"
            answer = self.packwalk.post(self.token, f"[{good},{bad},{odd},{old}]".encode("latin-1"))
            self.assertEqual(202, answer.status, (value[:20], answer))
            self.assertEqual((3, [(1, "lat")]),
                             (answer.json["taken_count"], [(one["index"], named(one["field"])) for one in answer.json["invalid"]]))
        self.packwalk.messages_when("rex", 48)
        fixes = self.packwalk.get(f"/v1/devices/rex/fixes?from={time}&to={time + 200}").json["fixes"]
        self.assertEqual(36, len(fixes))
        self.assertEqual([40, None, 40] * 12, [fix["altitude_m"] for fix in fixes])
        self.still_serves()

    def test_numbers_beyond_all_bounds(self):
        for number in ("1e999", "-1e999", "9" * 400):
            body = json.dumps(golden.TRACK_JSON).replace("48.7081", number)
            answer = self.packwalk.post(self.token, body)
            self.assertIn(answer.status, (202, 400))
            if answer.status == 202:
                self.assertEqual(0, answer.json["taken_count"])
        self.still_serves()

    def test_deep_nesting(self):
        for body in (b"[" * 500_000, b'{"a":' * 150_000, b'{"a":[' * 100_000, b"[" * 1000 + b"]" * 1000):
            problem = self.assert_problem(self.packwalk.post(self.token, body), 400)
            self.assertLess(problem["byte_offset"], 200)
        self.still_serves()

    def test_bad_utf8(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc3", b"\\ud800", b"\x00",
                    b"\x1f"):
            body = b'{"type":"track","name":"' + bad + b'"}'
            answer = self.packwalk.post(self.token, body)
            self.assertIn(answer.status, (202, 400), bad)
            self.assertEqual(0, answer.json.get("taken_count", 0))
        body = "\ufeff" + json.dumps(golden.TRACK_JSON)
        self.assertIn(self.packwalk.post(self.token, body.encode()).status, (202, 400))
        self.packwalk.messages_when("rex", 9)
        self.still_serves()

    def test_keys_that_come_twice_or_by_the_thousand(self):
        twice = json.dumps(golden.TRACK_JSON)[:-1] + ',"lat":1}'
        self.refused(twice, JSON, 0, (0, "lat"))
        many = json.dumps(golden.TRACK_JSON | {f"key{i}": i for i in range(50_000)})
        self.assertEqual(1, self.packwalk.post(self.token, many).json["taken_count"])

    def test_lines_good_and_bad(self):
        lines = [json.dumps(golden.TRACK_JSON), "{broken", "", "[]", "7", '"x"', json.dumps([golden.TRACK_JSON]),
                 json.dumps(golden.ACTIVITY_JSON)]
        kept = self.refused("\r\n".join(lines), NDJSON, 2, (1, ""), (2, ""), (3, ""), (4, ""), (5, ""))
        self.assertEqual(b"{broken", kept[1]["content"])


class TooMany(BadInputTest):
    def test_a_million_packets_in_one_request(self):
        lines, records = b"{}\n" * 1_000_000, golden.ACTIVITY * 1_000_000
        array = b"[" + b",".join([b"{}"] * 1_000_000) + b"]"
        for body, type in ((lines, NDJSON), (array, JSON), (records, BINARY_FORM)):
            self.assert_problem(self.packwalk.post(self.token, body, type), 413, "1048576")
            packed = self.packwalk.post(self.token, gzip.compress(body, 9), type, {"Content-Encoding": "gzip"})
            self.assert_problem(packed, 413, "unpacked" if body is records else "100000")
        self.assertEqual([], self.packwalk.messages("rex"), "nothing of it is kept")
        self.still_serves()

    def test_gzip_bombs(self):
        bomb = gzip.compress(b"\0" * 100_000_000, 9)
        self.assertLess(len(bomb), 1_000_000)
        before = self.memory()
        for type in (JSON, NDJSON, BINARY_FORM):
            self.assert_problem(self.packwalk.post(self.token, bomb, type, {"Content-Encoding": "gzip"}), 413)
        members = gzip.compress(b"") * 40_000
        self.assertIn(self.packwalk.post(self.token, members, JSON, {"Content-Encoding": "gzip"}).status, (202, 400))
        self.assertLess(self.memory() - before, 200_000)
        self.still_serves()

    def memory(self):
        """KiB that the server holds."""
        with open(f"/proc/{self.packwalk.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def test_as_many_as_are_allowed(self):
        body = b"".join(golden.activity_bytes(START + i) for i in range(95_000))
        answer = self.packwalk.post(self.token, body, BINARY_FORM)
        self.assertEqual({"taken_count": 95_000, "invalid": []}, answer.json)
        self.packwalk.stop(60)
        self.assertEqual([(95_000,)], self.rows(self.packwalk.data, "SELECT count(*) FROM samples"))


class FullQueue(PackwalkTest):
    def test_is_answered_503_and_never_429(self):
        packwalk = self.serve(env={"PACKWALK_INGEST_QUEUE_MESSAGES_MAX": "10",
                                   "PACKWALK_INGEST_QUEUE_DEVICE_PERCENT": "100"})
        token = packwalk.add_device("rex")
        packwalk.post(token, golden.TRACK, BINARY_FORM)
        packwalk.messages_when("rex", 1)
        holding = sqlite3.connect(packwalk.data / "packwalk.db", isolation_level=None, timeout=20)
        self.addCleanup(holding.close)
        holding.execute("BEGIN IMMEDIATE")  # nothing can be committed, so that what comes has to wait
        # The first goes straight to its commit and waits for it; the others find ingest busy.
        statuses = []
        first = threading.Thread(target=lambda: statuses.append(packwalk.post(token, golden.ACTIVITY * 9, BINARY_FORM).status))
        first.start()
        self.addCleanup(first.join)
        until(lambda: packwalk.metrics()["packwalk_queue_messages", frozenset()] == 9, "the first waits")
        answer = packwalk.post(token, golden.ACTIVITY * 2, BINARY_FORM)
        self.assert_problem(answer, 503)
        self.assertGreater(int(answer.headers["retry-after"]), 0)
        self.assertEqual(202, packwalk.post(token, golden.ACTIVITY, BINARY_FORM).status, "there is room for one")
        phone = packwalk.request("POST", f"/osmand/{token}?lat=1&lon=2&timestamp={START}")
        self.assert_problem(phone, 503)
        holding.execute("COMMIT")
        first.join()
        self.assertEqual([202], statuses)
        self.assertEqual(11, len(packwalk.messages_when("rex", 11)))
        self.assertEqual(202, packwalk.post(token, golden.ACTIVITY * 2, BINARY_FORM).status)


if __name__ == "__main__":
    unittest.main()
