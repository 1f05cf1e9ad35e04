"""The collars' own door, POST /v1/packets: every form, exact answers, and what is kept."""
import gzip
import json
import random
import unittest

import golden
from packwalk_process import BINARY_FORM, JSON, NDJSON, PackwalkTest, bearer, run, until

ALL_TAKEN = {"taken_count": 3, "invalid": []}
HASHES = [golden.TRACK_HASH, golden.ACTIVITY_HASH, golden.WIDE_HASH]
PACKETS = [golden.TRACK_JSON, golden.ACTIVITY_JSON, golden.WIDE_JSON]
ORIGINALS = [golden.TRACK, golden.ACTIVITY, golden.WIDE]


class Forms(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.token = self.packwalk.add_device("rex")

    def post(self, body, type, **headers):
        answer = self.packwalk.post(self.token, body, type, headers)
        self.assertEqual(202, answer.status, answer)
        self.assertEqual(JSON, answer.type)
        return answer.json

    def kept(self, count):
        return self.packwalk.messages_when("rex", count)

    def test_binary_records_are_kept_as_they_came(self):
        self.assertEqual(ALL_TAKEN, self.post(b"".join(ORIGINALS), BINARY_FORM))
        kept = self.kept(3)
        self.assertEqual(ORIGINALS, [message["content"] for message in kept])
        self.assertEqual(HASHES, [message["hash"] for message in kept])
        for message in kept:
            self.assertEqual(("accepted", None, "http/binary"),
                             (message["verdict"], message["reason"], message["transport"]))

    def test_an_object_is_one_packet(self):
        body = json.dumps(golden.TRACK_JSON, indent=2).encode()
        self.assertEqual({"taken_count": 1, "invalid": []}, self.post(body, JSON))
        [message] = self.kept(1)
        self.assertEqual((body, golden.TRACK_HASH, "http/json"),
                         (message["content"], message["hash"], message["transport"]))

    def test_an_array_is_kept_packet_by_packet(self):
        self.assertEqual(ALL_TAKEN, self.post(json.dumps(PACKETS).encode(), JSON + "; charset=utf-8"))
        kept = self.kept(3)
        self.assertEqual([json.dumps(packet).encode() for packet in PACKETS], [one["content"] for one in kept])
        self.assertEqual(HASHES, [message["hash"] for message in kept])

    def test_lines_are_kept_line_by_line(self):
        self.assertEqual(ALL_TAKEN, self.post(golden.ndjson(PACKETS).encode(), NDJSON))
        kept = self.kept(3)
        self.assertEqual([json.dumps(packet).encode() for packet in PACKETS], [one["content"] for one in kept])
        self.assertEqual({"http/ndjson"}, {message["transport"] for message in kept})

    def test_the_same_packets_in_every_form_are_duplicates(self):
        forms = [(b"".join(ORIGINALS), BINARY_FORM), (json.dumps(PACKETS).encode(), JSON),
                 (golden.ndjson(PACKETS).encode(), NDJSON)]
        for body, type in forms:
            self.assertEqual(ALL_TAKEN, self.post(body, type))
            self.assertEqual(ALL_TAKEN, self.post(gzip.compress(body), type, **{"Content-Encoding": "gzip"}))
        kept = self.kept(18)
        self.assertEqual(["accepted"] * 3 + ["duplicate"] * 15, [message["verdict"] for message in kept])
        self.assertEqual(HASHES * 6, [message["hash"] for message in kept])
        self.assertEqual(kept[0]["content"], kept[3]["content"], "of gzip the unpacked bytes are kept")
        counts = self.packwalk.get("/v1/devices/rex").json
        self.assertEqual([3, 15, 0, 0], [counts[name + "_count"] for name in ("accepted", "duplicate", "conflict", "invalid")])
        self.assertEqual((2, 1), (counts["fix_count"], counts["sample_count"]))

    def test_other_content_under_the_same_key_is_a_conflict(self):
        self.post(json.dumps([golden.TRACK_JSON, golden.TRACK_JSON | {"lat": 48.8}]).encode(), JSON)
        kept = self.kept(2)
        self.assertEqual(["accepted", "conflict"], [message["verdict"] for message in kept])
        self.assertEqual(48.7081, self.packwalk.get("/v1/devices/rex/position").json["lat"])

    def test_invalid_packets_are_named_and_kept(self):
        body = [golden.track(golden.START), golden.track(golden.START + 1, lat=91), "no packet",
                golden.ACTIVITY_JSON | {"activity": "swim"}, {"type": "track", "timestamp": golden.START + 2, "lat": 1}]
        answer = self.post(json.dumps(body).encode(), JSON)
        self.assertEqual(1, answer["taken_count"])
        self.assertEqual([(1, "lat"), (2, None), (3, "activity"), (4, "lon")],
                         [(invalid["index"], invalid["field"]) for invalid in answer["invalid"]])
        for invalid in answer["invalid"]:
            self.assertEqual({"index", "field", "reason"}, set(invalid))
            self.assertTrue(invalid["reason"])
        kept = self.kept(5)
        self.assertEqual(["accepted"] + ["invalid"] * 4, [message["verdict"] for message in kept])
        self.assertEqual("lat is not between -90 and 90", kept[1]["reason"])
        self.assertEqual(b'"no packet"', kept[2]["content"])


class Unreadable(PackwalkTest):
    """A body of which no packet can be read: 400 with the place, and the whole body is kept as one invalid message."""

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.token = self.packwalk.add_device("rex")

    def check(self, body, type, byte_offset, headers=None):
        before = len(self.packwalk.messages("rex"))
        problem = self.assert_problem(self.packwalk.post(self.token, body, type, headers), 400)
        self.assertEqual(byte_offset, problem["byte_offset"], problem)
        kept = self.packwalk.messages_when("rex", before + 1)
        self.assertEqual(before + 1, len(kept))
        self.assertEqual(("invalid", body), (kept[-1]["verdict"], kept[-1]["content"]))
        self.assertTrue(kept[-1]["reason"])

    def test_json_that_breaks_off(self):
        self.check(b'[{"type":"track"},', JSON, 18)

    def test_text_that_is_no_json(self):
        self.check(b"hello", JSON, 0)

    def test_an_empty_body(self):
        for type in (JSON, NDJSON, BINARY_FORM):
            self.check(b"", type, 0)

    def test_an_unknown_kind_of_record(self):
        self.check(b"\x7f" + golden.TRACK[1:], BINARY_FORM, 0)

    def test_what_is_no_gzip(self):
        self.check(b"no gzip at all", JSON, 0, {"Content-Encoding": "gzip"})
        self.check(gzip.compress(golden.TRACK)[:-4], BINARY_FORM, 0, {"Content-Encoding": "gzip"})


class Bounds(PackwalkTest):
    """Whatever one token sends: what is kept, what is answered, and that nobody else notices."""

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.token = self.packwalk.add_device("rex")

    def post(self, body, type=JSON, packed=False):
        return self.packwalk.post(self.token, body, type, {"Content-Encoding": "gzip"} if packed else {})

    def assert_only(self, content, reason):
        [message] = self.packwalk.messages_when("rex", 1)
        self.assertEqual(("invalid", content), (message["verdict"], message["content"]))
        self.assertRegex(message["reason"], reason)

    def test_of_a_large_unreadable_body_64_kib_and_the_hash_are_kept(self):
        body = b"\0" * 1_000_000
        self.assert_problem(self.post(body, BINARY_FORM), 400)
        self.assert_only(body[:65536], r"^cannot be read: kind is unknown.*; kept are the first 65536 of 1000000 bytes, "
                                       r"whose XXH3 is [0-9a-f]{16}$")

    def test_an_unreadable_body_is_kept_as_it_was_packed(self):
        noise = random.Random(7).randbytes(30_000).hex()
        for body in (b"{" + b" " * 50_000, b'["' + noise.encode()):
            with self.subTest(size=len(body)):
                before = len(self.packwalk.messages("rex"))
                packed = gzip.compress(body, 9)
                self.assert_problem(self.post(packed, packed=True), 400)
                message = self.packwalk.messages_when("rex", before + 1)[-1]
                self.assertEqual(packed, message["content"])
                self.assertIn("in gzip", message["reason"])

    def test_packets_of_which_none_is_valid_are_kept_as_one(self):
        body = json.dumps([{"type": "cat", "n": n} for n in range(5000)]).encode()
        packed = gzip.compress(body, 9)
        answer = self.post(packed, packed=True)
        self.assertEqual((202, 0, 5000), (answer.status, answer.json["taken_count"], answer.json["invalid_count"]))
        self.assertEqual([{"index": 0, "last": 4999, "field": "type", "reason": "is neither track nor activity"}],
                         answer.json["invalid"])
        self.assert_only(packed, "none of its 5000 packets is valid")

    def test_an_answer_lists_100_and_counts_the_rest(self):
        body = golden.ndjson([golden.TRACK_JSON]).encode() + b"{broken\n{}\n" * 200
        answer = self.post(body, NDJSON)
        self.assertEqual((1, 400), (answer.json["taken_count"], answer.json["invalid_count"]))
        self.assertEqual(list(range(1, 101)), [invalid["index"] for invalid in answer.json["invalid"]])
        kept = self.packwalk.messages_when("rex", 258)
        self.assertEqual(["accepted"] + ["invalid"] * 257, [message["verdict"] for message in kept])
        self.assertIn("144 more packets", kept[-1]["reason"])
        few = self.post(json.dumps([{}] * 100).encode()).json
        self.assertEqual((100, {"index", "field", "reason"}), (len(few["invalid"]), set(few["invalid"][5])))
        self.assertNotIn("invalid_count", few)

    def test_whatever_is_sent_little_of_it_is_kept(self):
        """Bytes of all messages that one body leaves, beside what came over the wire."""
        track = json.dumps(golden.TRACK_JSON).encode()
        padded = json.dumps(golden.TRACK_JSON | {"pad": "x" * 60_000}).encode()
        bodies = [(b"{}\n" * 90_000, NDJSON), (b"[" + b"{}," * 90_000 + b"7]", JSON), (b"\0" * 8_000_000, BINARY_FORM),
                  (b" " * 8_000_000, JSON), (b"[" + track + b',[' + b"1," * 500_000 + b"1]]", JSON),
                  (track + b"\n" + b"[" * 1_000_000, NDJSON), (padded, JSON), (b"[" + b",".join([padded] * 100) + b"]", JSON),
                  (golden.TRACK + b"\7" * 1_000_000, BINARY_FORM), (b"\xff" * 100_000, NDJSON)]
        for number, (body, type) in enumerate(bodies):
            # Seen by the ratio of gzip, and just not seen.
            dense = gzip.compress(random.Random(number).randbytes(len(body) // 90), 0)
            for packed in (gzip.compress(body, 9), gzip.compress(body, 9) + dense):
                with self.subTest(number=number, size=len(packed)):
                    before = self.kept()
                    self.assertIn(self.post(packed, type, packed=True).status, (202, 400, 413, 503))
                    until(lambda: self.packwalk.metrics()["packwalk_queue_messages", frozenset()] == 0, "it is committed")
                    messages, size = (after - first for after, first in zip(self.kept(), before))
                    self.assertLessEqual(size, 65_536 + 150 * messages + 16 * len(packed))
                    self.assertLessEqual(messages, 260)

    def test_long_packets_are_taken_plain_and_refused_packed(self):
        padded = json.dumps(golden.TRACK_JSON | {"pad": "x" * 60_000})
        noise = random.Random(7).randbytes(30_000).hex()  # so that the ratio of gzip tells nothing
        body = ("[" + ",".join([padded] * 50) + ',{"noise":"' + noise + '"}]').encode()
        self.assert_problem(self.post(gzip.compress(body, 9), packed=True), 413, "too long for its packed size")
        self.assertEqual(10, self.post(f"[{','.join([padded] * 10)}]".encode()).json["taken_count"])
        self.assertEqual({padded.encode()}, {message["content"] for message in self.packwalk.messages_when("rex", 10)})

    def kept(self):
        return self.rows(self.packwalk.data, "SELECT count(*), coalesce(sum(length(content)), 0) FROM messages")[0]

    def test_a_device_is_refused_when_it_has_sent_its_packets_of_the_day(self):
        packwalk = self.serve(name="limited", env={"PACKWALK_PACKETS_DEVICE_DAY_MAX": "10"})
        token, other = packwalk.add_device("rex"), packwalk.add_device("bob")
        self.assertEqual(202, packwalk.post(token, golden.TRACK * 8, BINARY_FORM).status)
        self.assertEqual(400, packwalk.post(token, b"{").status, "counts as one too")
        self.assert_problem(packwalk.post(token, golden.TRACK * 2, BINARY_FORM), 503, "day")
        self.assertEqual(202, packwalk.post(token, json.dumps({})).status, "an invalid one counts too")
        for answer in (packwalk.post(token, golden.TRACK, BINARY_FORM),
                       packwalk.request("POST", f"/osmand/{token}?lat=1&lon=2&timestamp={golden.START}")):
            self.assert_problem(answer, 503, "day")
            self.assertIn(int(answer.headers["retry-after"]), range(1, 3601))
        self.assertEqual(202, packwalk.post(other, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(10, len(packwalk.messages_when("rex", 10)))
        refused = {labels: count for (name, labels), count in packwalk.metrics().items()
                   if name == "packwalk_device_refusals_total"}
        self.assertEqual({frozenset({("door", "packets"), ("limit", "day")}): 2,
                          frozenset({("door", "osmand"), ("limit", "day")}): 1}, refused)
        lines = [line for line in packwalk.log().splitlines() if "reason=day_limit" in line]
        self.assertEqual(2, len(lines), "not once for each")
        self.assertIn("event=refused door=packets reason=day_limit from=127.0.0.1 device=rex count=1", lines[0])
        self.assertIn("event=refused door=osmand", lines[1])

    def test_a_device_that_sends_many_unreadable_bodies_is_asked_to_wait(self):
        packwalk = self.serve(name="limited", env={"PACKWALK_PACKETS_DEVICE_UNREADABLE_MAX": "100"})
        token, other = packwalk.add_device("rex"), packwalk.add_device("bob")
        statuses = [packwalk.post(token, b"\0" * 65_536, BINARY_FORM).status for _ in range(3)]
        self.assertEqual([400, 400, 503], statuses)
        answer = packwalk.post(token, golden.TRACK, BINARY_FORM)
        self.assert_problem(answer, 503, "unreadable bodies")
        self.assertIn(int(answer.headers["retry-after"]), range(1, 61))
        self.assertEqual(202, packwalk.post(other, golden.TRACK, BINARY_FORM).status)

    def test_no_token_stays_in_the_data_however_it_is_written(self):
        escaped = "".join(f"\\u{ord(letter):04x}" for letter in self.token)
        percent = "".join(f"%{ord(letter):02x}" for letter in self.token)
        for text in (self.token, escaped, "\\u0070" + self.token[1:], self.token[:-1] + f"\\u{ord(self.token[-1]):04X}", percent):
            body = '{"type":"x","token":"' + text + '"}'
            for sent in (body, body[:-1], f"[{body}]", body + "\n" + body):
                for type in (JSON, NDJSON, BINARY_FORM):
                    self.assertIn(self.post(sent.encode(), type).status, (202, 400))
            packed = gzip.compress(body.encode())
            self.assertEqual(202, self.post(packed, packed=True).status)
            for sent in (gzip.compress(body[:-1].encode()), packed[:-3], body.encode()):
                self.assertEqual(400, self.post(sent, packed=True).status)
            for path in (f"/overland/{self.token}", f"/owntracks/{self.token}", f"/osmand/{self.token}?x={text}"):
                for sent in (body, '{"locations":[' + body + ']}'):
                    self.assertIn(self.packwalk.request("POST", path, sent, {"Content-Type": JSON}).status, (200, 400))
        self.assertEqual(0, self.packwalk.stop())
        contents = [content for (content,) in self.rows(self.packwalk.data, "SELECT content FROM messages")]
        for file in self.packwalk.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(self.token.encode(), file.read_bytes(), file)
        for content in contents:
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError):
                pass
            for text in (self.token, escaped, self.token[1:], percent, escaped[6:]):
                self.assertNotIn(text.encode(), content)


class Refusals(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve(env={"PACKWALK_HTTP_UNPACKED_BYTES_MAX": "100000",
                                        "PACKWALK_HTTP_BODY_BYTES_MAX": "50000", "PACKWALK_PACKETS_COUNT_MAX": "100"})
        self.token = self.packwalk.add_device("rex")

    def test_without_a_token_nothing_is_kept(self):
        body = json.dumps(golden.TRACK_JSON)
        for headers in ({}, bearer("pw_wrong"), bearer(""), {"Authorization": "Basic abc"},
                        {"Authorization": "Bearer"}, {"Authorization": self.token}):
            answer = self.packwalk.request("POST", "/v1/packets", body, headers | {"Content-Type": JSON})
            self.assert_problem(answer, 401)
            self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
        answer = self.packwalk.request("POST", "/v1/packets", body,
                                       bearer(self.packwalk.admin_token) | {"Content-Type": JSON})
        self.assert_problem(answer, 401)
        self.assertEqual(0, self.packwalk.stop())
        self.assertEqual([(0,)], self.rows(self.packwalk.data, "SELECT count(*) FROM messages"))
        self.assertNotIn("pw_wrong", self.packwalk.log())

    def test_what_is_no_token_is_refused_whatever_its_size(self):
        for token in ("x", "pw_" + "a" * 31, "pw_" + "a" * 33, "a" * 10_000):
            self.assert_problem(self.packwalk.post(token, golden.TRACK, BINARY_FORM), 401)
            self.assert_problem(self.packwalk.request("POST", f"/osmand/{token}?lat=1"), 401)
        long = "a" * 40_000
        body = '{"device_id":"' + long[:9_000] + '","location":"' + long + '"}'
        self.assert_problem(self.packwalk.request("POST", "/osmand", body, {"Content-Type": JSON}), 401)

    def test_too_large(self):
        self.assert_problem(self.packwalk.post(self.token, b" " * 50001), 413, "50000")
        self.assert_problem(self.packwalk.post(self.token, gzip.compress(b" " * 100001), JSON,
                                               {"Content-Encoding": "gzip"}), 413)
        self.assert_problem(self.packwalk.post(self.token, golden.TRACK * 101, BINARY_FORM), 413, "100")
        self.assertEqual([], self.packwalk.messages("rex"))

    def test_unknown_types(self):
        self.assert_problem(self.packwalk.post(self.token, "<xml/>", "application/xml"), 415, "application/json")
        self.assert_problem(self.packwalk.request("POST", "/v1/packets", "{}", bearer(self.token)), 415, "Content-Type", "-H")
        self.assert_problem(self.packwalk.post(self.token, "{}", JSON, {"Content-Encoding": "br"}), 415, "gzip")
        self.assertEqual([], self.packwalk.messages("rex"))

    def test_wrong_methods_and_paths(self):
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            answer = self.packwalk.request(method, "/v1/packets", headers=bearer(self.token))
            self.assert_problem(answer, 405)
            self.assertEqual("POST, OPTIONS", answer.headers["allow"])
        for path, allowed in (("/healthz", "GET, HEAD, OPTIONS"), ("/osmand", "GET, POST, OPTIONS"),
                              ("/v1/packets", "POST, OPTIONS")):
            answer = self.packwalk.request("OPTIONS", path)
            self.assertEqual((204, b"", None), (answer.status, answer.body, answer.headers.get("content-length")))
            self.assertEqual(allowed, answer.headers["allow"])
        self.assert_problem(self.packwalk.request("OPTIONS", "/nothing"), 404)
        self.assertNotIn("malformed", self.packwalk.log())
        for path in ("/v1", "/v1/packets/x", "/v1/../v1/packets", "/favicon.ico"):
            self.assert_problem(self.packwalk.request("POST", path, "{}"), 404)


class Tokens(PackwalkTest):
    """`packwalk device` beside a running server."""

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()

    def device(self, *arguments):
        return run("device", *arguments, "--data", self.packwalk.data)

    def status(self, token):
        return self.packwalk.post(token, golden.TRACK, BINARY_FORM).status

    def test_a_new_device_works_at_once(self):
        for id in ("a", "b_c-D", "x" * 64):
            self.assertEqual(202, self.status(self.packwalk.add_device(id)))
            self.assertEqual(200, self.packwalk.get(f"/v1/devices/{id}").status)

    def test_add_prints_nothing_but_the_token(self):
        added = self.device("add", "rex")
        self.assertRegex(added.stdout, r"\Apw_[A-Za-z0-9_-]{32}\n\Z")
        self.assertEqual("", added.stderr)
        many = self.packwalk.add_devices(3, "p-")
        self.assertEqual(["p-0001", "p-0002", "p-0003"], [id for id, _ in many])
        self.assertEqual([202] * 3, [self.status(token) for _, token in many])

    def test_bad_and_repeated_ids_are_refused(self):
        self.packwalk.add_device("rex")
        for id in ("rex", "a.b", "a/b", "x" * 65, "ä", ""):
            refused = self.device("add", id)
            self.assertNotEqual(0, refused.returncode, id)
            self.assertEqual("", refused.stdout)
            self.assertTrue(refused.stderr.startswith("packwalk: "), refused.stderr)

    def test_a_rotated_token_is_asked_to_wait_within_two_seconds(self):
        old = self.packwalk.add_device("rex")
        self.assertEqual(202, self.status(old))
        new = self.device("rotate-token", "rex").stdout.strip()
        self.assertEqual(202, self.status(new))
        until(lambda: self.status(old) == 503, "the old token is refused", 2)
        answer = self.packwalk.post(old, golden.TRACK, BINARY_FORM)
        self.assert_problem(answer, 503, "Give the device the new token")
        self.assertGreater(int(answer.headers["retry-after"]), 0)

    def test_a_removed_device_is_refused_and_its_history_stays(self):
        token = self.packwalk.add_device("rex")
        self.assertEqual(202, self.status(token))
        self.packwalk.messages_when("rex", 1)
        self.assertEqual(0, self.device("remove", "rex").returncode)
        until(lambda: self.status(token) == 401, "the token is refused", 2)
        self.assertEqual(1, len([one for one in self.packwalk.messages("rex") if one["verdict"] == "accepted"]))
        self.assertIsNotNone(self.packwalk.get("/v1/devices/rex").json["removed_at"])
        self.assertEqual([], self.packwalk.get("/v1/positions").json["positions"])
        again = self.packwalk.add_device("rex")
        self.assertEqual(202, self.status(again))
        until(lambda: self.packwalk.get("/v1/devices/rex").json["removed_at"] is None, "the device is back", 2)

    def test_list_names_every_device_and_no_token(self):
        token = self.packwalk.add_device("rex")
        self.packwalk.add_device("luna")
        self.device("remove", "luna")
        listed = self.device("list").stdout
        self.assertEqual(["device,number,created_at,removed_at,last_seen,fix_count,invalid_count,last_refusal_at,last_refusal", "rex",
                          "luna"],
                         [listed.splitlines()[0]] + [line.split(",")[0] for line in listed.splitlines()[1:]])
        self.assertNotIn(token, listed)
        self.assertEqual("", listed.splitlines()[1].split(",")[3])
        self.assertNotEqual("", listed.splitlines()[2].split(",")[3])

    def test_a_mistyped_folder_is_not_made(self):
        for arguments in (("list",), ("rotate-token", "rex"), ("remove", "rex")):
            missing = self.folder / "nowhere"
            refused = run("device", *arguments, "--data", missing)
            self.assertNotEqual(0, refused.returncode)
            self.assertIn(str(missing), refused.stderr)
            self.assertFalse(missing.exists())

    def test_the_admin_token_is_for_its_owner_only(self):
        self.assertEqual(0o600, (self.packwalk.data / "admin.token").stat().st_mode & 0o777)

    def test_a_new_admin_token_counts_without_a_restart(self):
        def status(token):
            return self.packwalk.request("GET", "/v1/positions", headers=bearer(token)).status

        path, before = self.packwalk.data / "admin.token", self.packwalk.admin_token
        path.unlink()
        until(lambda: path.exists() and status(self.packwalk.admin_token) == 200, "a removed token file is created again")
        self.assertNotEqual(before, self.packwalk.admin_token)
        self.assertEqual(401, status(before))

        chosen = "a" * 32
        path.write_text(chosen + "\n")
        until(lambda: status(chosen) == 200, "the one that the operator chose counts")
        self.assertEqual(0o600, path.stat().st_mode & 0o777)
        for bad, mode in (("b" * 31, 0o600), ("c" * 257, 0o600), ("d" * 32, 0o640)):
            path.write_text(bad)
            path.chmod(mode)
            until(lambda: self.packwalk.log().count("event=admin_token_unusable") > 0, "the log says why")
            self.assertEqual((401, 200), (status(bad), status(chosen)), "the one before stays")
            doctor = run("doctor", "--data", self.packwalk.data)
            self.assertEqual(1, doctor.returncode)
            self.assertRegex(doctor.stdout, "FAULT +admin token")
            path.chmod(0o600)
        for secret in (before, chosen, "bbbb", "cccc", "dddd"):
            self.assertNotIn(secret, self.packwalk.log())

    def test_an_admin_token_that_vanished_is_made_anew_and_the_log_says_so(self):
        path, before = self.packwalk.data / "admin.token", self.packwalk.admin_token
        self.assertNotIn("admin_token_made", self.packwalk.log(), "a new folder has none")
        self.packwalk.stop()
        path.unlink()
        self.packwalk.start()
        self.assertNotEqual(before, self.packwalk.admin_token)
        self.assertIn(f'event=admin_token_made path={path} reason="the file was missing"', self.packwalk.log())
        path.unlink()
        until(lambda: self.packwalk.log().count("event=admin_token_made") == 2, "also while it runs")

    def test_an_admin_token_that_others_may_read_or_guess_is_refused_at_the_start(self):
        for token, mode, cause in (("a", 0o600, "32"), ("e" * 64, 0o644, "chmod 600"), ("e" * 64, 0o606, "chmod 600")):
            data = self.folder / "other"
            data.mkdir(exist_ok=True)
            path = data / "admin.token"
            path.write_text(token)
            path.chmod(mode)
            refused = run("serve", "--data", data, "--listen", "127.0.0.1:0")
            self.assertEqual(1, refused.returncode)
            self.assertIn(cause, refused.stderr)

    def test_a_link_in_the_way_of_the_admin_token_is_not_written_through(self):
        data, victim = self.folder / "linked", self.folder / "victim"
        data.mkdir()
        victim.write_text("untouched")
        for name in ("admin.token.new", "listen.new", "ops.listen.new"):
            (data / name).symlink_to(victim)
        self.assertEqual(200, self.server("linked").start().request("GET", "/healthz").status)
        self.assertEqual("untouched", victim.read_text())


if __name__ == "__main__":
    unittest.main()
