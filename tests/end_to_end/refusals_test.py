"""Why a phone or collar does not get in is seen in the log and in `packwalk device list`, without its token."""
import json
import re
import socket
import subprocess
import unittest

import golden
from packwalk_process import BINARY, BINARY_FORM, JSON, PackwalkTest, basic, bearer, environment, run, until

PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^ "=]*)(?: |$)')


def fields_of(line):
    """The fields of a line of logfmt. Fails if it is not valid."""
    found, at = {}, 0
    while at < len(line):
        pair = PAIR.match(line, at)
        assert pair, (line, line[at:])
        found[pair[1]] = json.loads(pair[2]) if pair[2].startswith('"') else pair[2]
        at = pair.end()
    return found


class RefusalsTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve(env=getattr(self, "ENV", {}))

    def refused(self, packwalk=None):
        """All that was logged of refusals."""
        lines = [fields_of(line) for line in (packwalk or self.packwalk).log().splitlines()]
        return [line for line in lines if line["event"] == "refused"]

    def assert_refused(self, **expected):
        def find():
            return [line for line in self.refused() if expected.items() <= line.items()]

        return until(find, f"{expected} in {self.packwalk.log()}")[0]

    def listed(self, id):
        return {one["device"]: one for one in self.devices()}[id]

    def devices(self):
        listed = run("device", "list", "--json", "--data", self.packwalk.data)
        self.assertEqual((0, ""), (listed.returncode, listed.stderr))
        return json.loads(listed.stdout)

    def last_refusal(self, id):
        return until(lambda: self.listed(id)["last_refusal"], f"a refusal of {id}")


class Log(RefusalsTest):
    def test_tells_of_an_unknown_token_where_it_was_shown(self):
        unknown = "pw_" + "x" * 32
        for _ in range(5):
            self.packwalk.request("POST", f"/osmand?id={unknown}&lat=1&lon=2")
        self.packwalk.request("POST", "/owntracks", "{}", basic("me", unknown))
        self.packwalk.request("POST", "/v1/packets", "{}")
        known = self.packwalk.add_device("rex")
        self.packwalk.request("GET", "/v1/positions")
        self.packwalk.request("GET", "/v1/positions", headers=bearer(unknown))
        self.packwalk.request("GET", "/v1/positions", headers=bearer(known))
        self.assert_refused(door="osmand", reason="unknown_token", count="1", **{"from": "127.0.0.1"})
        self.assert_refused(door="owntracks", reason="unknown_token")
        self.assert_refused(door="packets", reason="no_token")
        for reason in ("no_token", "unknown_token", "forbidden"):
            self.assert_refused(door="api", reason=reason)
        self.assertEqual(6, len(self.refused()), "one per minute, cause and address")
        self.assertNotIn("pw_", self.packwalk.log())

    def test_tells_of_a_wrong_path_but_not_the_path(self):
        token = self.packwalk.add_device("rex")
        for path in (f"/osmnd/{token}", f"/{token}", f"/v1/{token}"):
            self.packwalk.request("POST", path, "x")
        self.assert_refused(reason="unknown_path", detail="did you mean /osmand?")
        self.assertEqual(405, self.packwalk.request("GET", "/v1/packets").status)
        self.assert_refused(reason="wrong_method", detail="the path begins with /v1")
        self.assertNotIn(token, self.packwalk.log())

    def test_tells_of_each_wrong_path_behind_one_address(self):
        for path in ("/traccar", "/owntrack", "/osmnd", "/v1/packet", "/ovrland", "/traccar"):
            self.assertEqual(404, self.packwalk.request("POST", path, "x").status)
        for meant in ("/owntracks", "/osmand", "/v1/packets", "/overland"):
            self.assert_refused(reason="unknown_path", detail=f"did you mean {meant}?", count="1")
        self.assertEqual(5, len(self.refused()), "the one that is near to nothing has a line of its own")

    def test_tells_the_caller_what_path_was_probably_meant(self):
        for path, detail in (("/v1/packet", "There is nothing at this path; did you mean /v1/packets?"),
                             ("/owntrack/pw_" + "x" * 32, "There is nothing at this path; did you mean /owntracks?"),
                             ("/traccar", "There is nothing at this path. Check the URL.")):
            self.assertEqual(detail, self.packwalk.request("POST", path, "x").json["detail"])

    def test_tells_of_bytes_that_are_no_request(self):
        for bytes_, reason in ((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, "tls"),
                               (b"HELO example\r\n\r\n", "malformed")):
            with socket.create_connection((self.packwalk.host, self.packwalk.port)) as connection:
                connection.sendall(bytes_)
                while connection.recv(1000):
                    pass
            self.assert_refused(reason=reason, **{"from": "127.0.0.1"})

    def test_tells_of_a_device_what_it_sends(self):
        token = self.packwalk.add_device("rex")
        self.assertEqual(415, self.packwalk.post(token, "x", "text/plain").status)
        self.assert_refused(door="packets", reason="wrong_form", device="rex")
        brotli = self.packwalk.post(token, "x", headers={"Content-Encoding": "br"}, path="/overland")
        self.assertEqual(415, brotli.status)
        self.assert_refused(door="overland", reason="wrong_form", device="rex")
        self.assertEqual(400, self.packwalk.post(token, "[").status)
        self.assert_refused(door="packets", reason="unreadable", device="rex")
        self.assertEqual(202, self.packwalk.post(token, golden.TRACK_JSON | {"lat": 91}).status)
        self.assert_refused(door="packets", reason="invalid", device="rex", **{"from": "127.0.0.1"})
        run("device", "rotate-token", "rex", "--data", self.packwalk.data)
        until(lambda: self.packwalk.post(token, "{}").status == 503, "the token is replaced")
        self.assert_refused(door="packets", reason="replaced_token", device="rex")

    def test_tells_of_each_device_behind_one_address(self):
        tokens = {id: self.packwalk.add_device(id) for id in ("rex", "bob")}
        for id in ("rex", "bob", "rex", "bob"):
            self.assertEqual(400, self.packwalk.post(tokens[id], "[").status)
        for id in ("rex", "bob"):
            self.assert_refused(door="packets", reason="unreadable", device=id, count="1")
        self.assertEqual(2, len(self.refused()))

    def test_tells_nothing_of_what_is_right(self):
        token = self.packwalk.add_device("rex")
        self.assertEqual(202, self.packwalk.post(token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(200, self.packwalk.get("/v1/positions").status)
        self.assertEqual([], self.refused())


class Json(RefusalsTest):
    ENV = {"PACKWALK_LOG_FORMAT": "json"}

    def test_each_line_of_the_log_is_an_object(self):
        self.packwalk.request("POST", "/osmand?id=x")
        until(lambda: "refused" in self.packwalk.log(), "a line of it")
        self.packwalk.stop()
        lines = [json.loads(line) for line in self.packwalk.log().splitlines()]
        self.assertEqual(["listening", "refused", "stopping", "stopped"], [line["event"] for line in lines])
        self.assertEqual(("osmand", "unknown_token", 1), tuple(lines[1][name] for name in ("door", "reason", "count")))
        self.assertEqual({"time", "level", "event", "door", "reason", "from", "count"}, set(lines[1]))


class DeviceList(RefusalsTest):
    ENV = {"PACKWALK_PACKETS_DEVICE_DAY_MAX": "10"}

    def test_shows_when_a_device_was_seen_and_what_it_sent(self):
        token = self.packwalk.add_device("rex")
        self.assertEqual(None, self.listed("rex")["last_seen"])
        self.packwalk.post(token, golden.TRACK, BINARY_FORM)
        self.packwalk.messages_when("rex", 1)
        rex = self.listed("rex")
        self.assertRegex(rex["last_seen"], r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")
        self.assertEqual((1, 0, None), (rex["fix_count"], rex["invalid_count"], rex["last_refusal"]))
        header, line = run("device", "list", "--data", self.packwalk.data).stdout.splitlines()
        self.assertEqual("device,number,created_at,removed_at,last_seen,fix_count,invalid_count,last_refusal_at,last_refusal", header)
        self.assertEqual(f"rex,1,{rex['created_at']},,{rex['last_seen']},1,0,,", line)

    def test_prints_nothing_when_the_store_does_not_answer(self):
        for arguments in ([], ["--json"]):
            failed = run("device", "list", *arguments, "--data", self.packwalk.data,
                         env={"PACKWALK_STORE_URL": "postgresql://127.0.0.1:1/none"})
            self.assertEqual((1, ""), (failed.returncode, failed.stdout))
        empty = run("device", "list", "--data", self.packwalk.data)
        self.assertEqual(1, len(empty.stdout.splitlines()), "the header alone")

    def test_shows_a_phone_that_encrypts_all_that_it_sends(self):
        token = self.packwalk.add_device("rex")
        answer = self.packwalk.request("POST", f"/owntracks/{token}", '{"_type":"encrypted","data":"x"}', {"Content-Type": JSON})
        self.assertEqual(200, answer.status)
        refusal = self.last_refusal("rex")
        self.assertEqual(("owntracks", "invalid: encrypted"), (refusal["door"], refusal["reason"]))
        until(lambda: self.listed("rex")["invalid_count"] == 1, "it is counted")
        self.assertIn(f"{refusal['at']},owntracks invalid: encrypted", run("device", "list", "--data", self.packwalk.data).stdout)

    def test_shows_a_device_that_has_sent_too_much_also_after_a_restart(self):
        token = self.packwalk.add_device("rex")
        self.packwalk.post(token, golden.TRACK * 10, BINARY_FORM)
        self.assertEqual(503, self.packwalk.post(token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual("day_limit", self.last_refusal("rex")["reason"])
        self.packwalk.stop()
        self.assertEqual("day_limit", self.last_refusal("rex")["reason"])

    def test_shows_the_last_refusal_before_a_stop(self):
        token = self.packwalk.add_device("rex")
        self.packwalk.post(token, "[")
        self.assertEqual("unreadable", self.last_refusal("rex")["reason"].partition(":")[0])
        self.assertEqual(415, self.packwalk.post(token, "x", "text/plain").status)
        self.packwalk.stop()
        self.assertEqual("wrong_form", self.last_refusal("rex")["reason"])

    def test_of_an_erased_device_nothing_is_kept(self):
        token = self.packwalk.add_device("rex")
        self.packwalk.post(token, "[")
        self.last_refusal("rex")
        self.assertEqual(0, run("device", "erase", "rex", "--yes", "--data", self.packwalk.data).returncode)
        self.assertEqual([], self.devices())
        self.assertEqual([(0,)], self.rows(self.packwalk.data, "SELECT count(*) FROM device_refusals"))


class DeviceAdd(RefusalsTest):
    def test_takes_ids_from_a_file_or_from_standard_input(self):
        serials = self.folder / "serials.txt"
        serials.write_text("SN-1\n\r\nSN-2,ignored\n")
        added = run("device", "add", "--from", serials, "--data", self.packwalk.data)
        self.assertEqual(["SN-1", "SN-2"], [line.split(",")[0] for line in added.stdout.splitlines()])
        piped = subprocess.run([BINARY, "device", "add", "--from", "-", "--data", self.packwalk.data], input="SN-3\n",
                               capture_output=True, text=True, env=environment(), timeout=60)
        self.assertRegex(piped.stdout, r"\ASN-3,pw_\S+\n\Z")
        several = run("device", "add", "a", "b", "--data", self.packwalk.data)
        self.assertEqual(["a", "b"], [line.split(",")[0] for line in several.stdout.splitlines()])
        self.assertEqual(5, len(self.devices()))

    def test_a_heading_above_the_ids_is_no_id(self):
        serials = self.folder / "serials.txt"
        for at, heading in enumerate(("id", "\ufeffID,token", "\n device ,number,created_at", "Device_ID")):
            serials.write_text(f"{heading}\nSN-{at}\n", encoding="utf-8")
            added = run("device", "add", "--from", serials, "--data", self.packwalk.data)
            self.assertRegex(added.stdout, rf"\ASN-{at},pw_\S+\n\Z", added.stderr)
        serials.write_text("id\n")
        self.assertIn("contains no device id", run("device", "add", "--from", serials, "--data", self.packwalk.data).stderr)
        serials.write_text("SN-9\ndevice\n")
        added = run("device", "add", "--from", serials, "--data", self.packwalk.data)
        self.assertEqual(["SN-9", "device"], [line.split(",")[0] for line in added.stdout.splitlines()], "no heading there")

    def test_an_id_that_is_twice_in_a_file_is_named_with_its_lines(self):
        serials = self.folder / "serials.txt"
        serials.write_text("Q-1\n\nQ-2\nQ-1\n")
        wrong = run("device", "add", "--from", serials, "--data", self.packwalk.data)
        self.assertEqual((1, f"packwalk: {serials} has Q-1 twice, in lines 1 and 4\n"), (wrong.returncode, wrong.stderr))
        self.assertEqual([], self.devices())

    def test_no_new_id_looks_like_an_option(self):
        for arguments in (["--", "-x", "--data", "home"], ["--", "rex", "--count"], ["--count", "2", "--prefix=-x"]):
            wrong = run("device", "add", "--data", self.packwalk.data, *arguments)
            self.assertEqual((2, ""), (wrong.returncode, wrong.stdout), arguments)
            self.assertIn("option", wrong.stderr)
        self.assertEqual([], self.devices())

    def test_all_or_none(self):
        self.packwalk.add_device("b")
        self.assertEqual(1, run("device", "add", "a", "b", "--data", self.packwalk.data).returncode)
        self.assertEqual(["b"], [one["device"] for one in self.devices()])

    def test_a_dash_is_no_id(self):
        wrong = run("device", "add", "-", "--data", self.packwalk.data)
        self.assertEqual(2, wrong.returncode)
        self.assertIn("--from -", wrong.stderr)
        self.assertEqual([], self.devices())

    def test_what_becomes_of_a_removed_device_is_said(self):
        self.packwalk.add_device("rex")
        removed = run("device", "remove", "rex", "--data", self.packwalk.data)
        self.assertEqual((0, ""), (removed.returncode, removed.stdout))
        self.assertIn("device erase rex", removed.stderr)
        for command in ("remove", "rotate-token"):
            again = run("device", command, "rex", "--data", self.packwalk.data)
            self.assertEqual(1, again.returncode)
            self.assertRegex(again.stderr, r"rex was removed on 20\S+: `packwalk device add rex`.*`packwalk device erase rex`")
        back = run("device", "add", "rex", "--data", self.packwalk.data)
        self.assertRegex(back.stdout, r"\Apw_\S+\n\Z")
        self.assertIn("comes back with its data", back.stderr)


if __name__ == "__main__":
    unittest.main()
