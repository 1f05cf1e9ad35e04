"""What phones and cheap firmware send, byte for byte, and how they would have to keep it where it is not taken."""
import gzip
import json
import re
import socket
import time
import unittest

from packwalk_process import JSON, SLOWNESS, PackwalkTest, basic, bearer, run, until
from times import iso, second_of

LAT, LON = 50.1, 8.1
WEEK_SECONDS = 7 * 86400
OVERLAND = {"User-Agent": "Overland/1.4 CFNetwork/1410 Darwin/22"}
SUCCESS_OF_OVERLAND = b'{"result":"ok"}'


def query(timestamp, **more):
    return "&".join(f"{name}={value}" for name, value in ({"lat": LAT, "lon": LON, "timestamp": timestamp} | more).items())


def place(timestamp):
    return {"timestamp": timestamp, "coords": {"latitude": LAT, "longitude": LON}}


def located(timestamp):
    return {"_type": "location", "lat": LAT, "lon": LON, "tst": timestamp, "batt": 90}


def feature(timestamp, **more):
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT]},
            "properties": {"timestamp": timestamp} | more}


class FirmwareTest(PackwalkTest):
    ENV = None

    def setUp(self):
        super().setUp()
        self.packwalk = self.serve(env=self.ENV)
        self.token = self.packwalk.add_device("rex")
        self.packwalk.get("/v1/devices/rex")
        self.now = int(time.time())
        self.sent = 0

    def next_time(self):
        self.sent += 1
        return self.now - 1000 + self.sent

    def exchange(self, request, half_close=True):
        """All that comes after these bytes, until the server closes."""
        connection = self.open()
        connection.sendall(request.encode() if isinstance(request, str) else request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return self.everything(connection)

    def statuses(self, request, half_close=True):
        return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d+) ", self.exchange(request, half_close))]

    def fixes(self):
        return [second_of(fix["timestamp"]) for fix in self.packwalk.get("/v1/devices/rex/fixes?limit=10000").json["fixes"]]

    def assert_fix(self, timestamp):
        until(lambda: timestamp in self.fixes(), f"there is a fix at {timestamp}")

    def verdict(self, count):
        return self.packwalk.messages_when("rex", count)[count - 1]


class Paths(FirmwareTest):
    """Addresses as people type them."""

    def test_slashes_and_blanks_beside_the_path(self):
        for path in ("/osmand/", "//osmand", "/osmand//", "/osmand%20", "/osmand/%20", "/%20osmand", "//osmand%20//",
                     "/osmand%09", "/osmand%0a", "/%0D%0Aosmand/"):
            for method in ("GET", "POST"):
                timestamp = self.next_time()
                answer = self.packwalk.request(method, f"{path}?id={self.token}&{query(timestamp)}")
                self.assertEqual(200, answer.status, path)
                self.assert_fix(timestamp)
        for path in (f"/osmand/{self.token}/", f"//osmand//{self.token}", f"/osmand/{self.token}%20", f"/osmand/%20{self.token}/"):
            timestamp = self.next_time()
            self.assertEqual(200, self.packwalk.request("GET", f"{path}?{query(timestamp)}").status, path)
            self.assert_fix(timestamp)

    def test_every_door(self):
        timestamp = self.next_time()
        bodies = {"/owntracks": located(timestamp), "/overland": {"locations": [feature(timestamp)]},
                  "/v1/packets": {"type": "track", "timestamp": timestamp, "lat": LAT, "lon": LON}, "/pub": located(timestamp)}
        count = 0
        for path, body in bodies.items():
            for spelled in (path, path + "/", path + "//", "/" + path, path + "%20", path + "%20/"):
                answer = self.packwalk.post(self.token, body, path=spelled)
                self.assertIn(answer.status, (200, 202), spelled)
                count += 1
        kept = self.packwalk.messages_when("rex", count)
        self.assertEqual({"accepted": 1, "duplicate": count - 1},
                         {name: sum(each["verdict"] == name for each in kept) for name in ("accepted", "duplicate")})

    def test_the_root_as_on_traccars_port(self):
        for method in ("GET", "POST"):
            timestamp = self.next_time()
            self.assertEqual(200, self.packwalk.request(method, f"/?id={self.token}&{query(timestamp)}").status)
            self.assert_fix(timestamp)
        timestamp = self.next_time()
        odd = f"GET /?id={self.token}&{query(timestamp)} HTTP/1.1\r\nVersion: 1 (16 ..)) \r\nConnection: close\r\n\r\n"
        self.assertEqual([200], self.statuses(odd))
        self.assert_fix(timestamp)
        timestamp = self.next_time()
        body = json.dumps({"device_id": self.token, "location": place(timestamp)})
        self.assertEqual(200, self.packwalk.request("POST", "/", body).status, "without a type")
        self.assert_fix(timestamp)
        self.assert_problem(self.packwalk.request("GET", "/"), 404)
        self.assert_problem(self.packwalk.request("GET", "/?id=1&lat=1&lon=2"), 401)
        self.assert_problem(self.packwalk.request("HEAD", "/").status and self.packwalk.request("PUT", "/"), 405)

    def test_a_question_and_its_next_page(self):
        for _ in range(3):
            self.packwalk.request("GET", f"/osmand/{self.token}?{query(self.next_time())}")
        until(lambda: len(self.fixes()) == 3, "they are there")
        page = self.packwalk.get("//v1/devices/rex//fixes/?limit=2")
        self.assertEqual(200, page.status)
        link = re.match(r"<(.*)>; rel=\"next\"", page.headers["link"])[1]
        self.assertTrue(link.startswith("/v1/devices/rex/fixes?"), link)
        self.assertEqual(1, len(self.packwalk.get(link).json["fixes"]))


class Lines(FirmwareTest):
    """HTTP as it was printed by hand."""

    def get(self, timestamp, target="/osmand", version="1.1", end="\r\n"):
        return f"GET {target}?id={self.token}&{query(timestamp)} HTTP/{version}{end}Host: h{end}{end}"

    def post(self, timestamp, end="\r\n"):
        body = json.dumps({"type": "track", "timestamp": timestamp, "lat": LAT, "lon": LON})
        return (f"POST /v1/packets HTTP/1.1{end}Host: h{end}Authorization: Bearer {self.token}{end}"
                f"Content-Type: application/json{end}Content-Length: {len(body)}{end}{end}{body}")

    def test_a_target_with_scheme_and_host(self):
        for host in (f"{self.packwalk.host}:{self.packwalk.port}", "h", "dogs.example", "[::1]:8080", "H:80"):
            for scheme in ("http", "HTTP", "https"):
                timestamp = self.next_time()
                self.assertEqual([200], self.statuses(self.get(timestamp, f"{scheme}://{host}/osmand")), host)
                self.assert_fix(timestamp)
        timestamp = self.next_time()
        self.assertEqual([200], self.statuses(self.get(timestamp, "http://h")), "without a path it is the root")
        self.assert_fix(timestamp)
        health = b"GET http://h/healthz HTTP/1.1\r\nHost: other\r\n\r\n"
        self.assertEqual([200], self.statuses(health))
        self.assertEqual([400], self.statuses(b"GET http://h/healthz HTTP/1.1\r\n\r\n"), "Host is needed all the same")
        for target in ("ftp://h/healthz", "http:///healthz", "http://u:p@h/healthz"):
            self.assertEqual([400], self.statuses(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"), target)

    def test_empty_lines_before_and_between_requests(self):
        for between in ("", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n", "\n", "\n\r\n"):
            times = [self.next_time() for _ in range(3)]
            text = between + between.join(self.post(timestamp) for timestamp in times) + between
            self.assertEqual([202] * 3, self.statuses(text), repr(between))
            for timestamp in times:
                self.assert_fix(timestamp)
        connection = self.open()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in ("\r\n" + self.post(self.next_time()) + "\r\n\r\n" + self.post(self.next_time())).encode():
            connection.sendall(bytes([byte]))
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(2, len(re.findall(rb"HTTP/1\.1 202 ", self.everything(connection))))

    def test_lines_that_all_end_in_lf_alone(self):
        timestamp = self.next_time()
        answer = self.exchange(self.get(timestamp, end="\n"), half_close=False)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertIn(b"\r\nConnection: close\r\n", answer)
        self.assert_fix(timestamp)
        timestamp = self.next_time()
        self.assertEqual([202], self.statuses(self.post(timestamp, end="\n"), half_close=False))
        self.assert_fix(timestamp)
        first, hidden = self.next_time(), self.next_time()
        self.assertEqual([202], self.statuses(self.post(first, end="\n") + self.post(hidden)),
                         "nothing is read behind such a request")
        self.assert_fix(first)
        self.assertNotIn(hidden, self.fixes())

    def test_lines_that_end_in_two_ways(self):
        whole = self.post(self.next_time())
        head, body = whole.split("\r\n\r\n")
        lines = head.split("\r\n")
        for mixed in range(len(lines)):
            ends = ["\r\n"] * len(lines) + ["\r\n"]
            ends[mixed] = "\n"
            text = "".join(line + end for line, end in zip(lines + [""], ends)) + body
            self.assertEqual(400, self.statuses(text)[0], mixed)
            others = ["\n" if end == "\r\n" else "\r\n" for end in ends]
            text = "".join(line + end for line, end in zip(lines + [""], others)) + body
            self.assertEqual(400, self.statuses(text)[0], mixed)
        smuggled = self.post(self.next_time(), end="\n").replace("Host: h\n", "Host: h\nTransfer-Encoding: chunked\n")
        self.assertEqual([400], self.statuses(smuggled))
        self.assertEqual([], self.packwalk.messages("rex"))


class Idle(FirmwareTest):
    ENV = {"PACKWALK_HTTP_REQUEST_SECONDS_MAX": "1", "PACKWALK_HTTP_IDLE_SECONDS_MAX": str(round(6 * SLOWNESS))}

    def test_empty_lines_begin_no_request(self):
        connection = self.open()
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\r\n")
        self.assertIn(b" 200 ", connection.recv(65536))
        time.sleep(2.5 * SLOWNESS)  # longer than a request may take
        connection.sendall(b"\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b" 200 ", connection.recv(65536))
        began = time.monotonic()
        connection.settimeout(1)
        while time.monotonic() - began < 20 * SLOWNESS:
            try:
                connection.sendall(b"\r\n")
                if connection.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.assertLess(time.monotonic() - began, 10 * SLOWNESS, "nor do they keep a connection for ever")

    def test_a_head_of_lf_lines_that_does_not_end(self):
        connection = self.open()
        began = time.monotonic()
        try:
            connection.sendall(b"GET /healthz HTTP/1.1\n")
            while time.monotonic() - began < 20 * SLOWNESS:
                connection.sendall(b"a: b\n")
                time.sleep(0.1)
        except OSError:
            pass
        self.assertLess(time.monotonic() - began, 5 * SLOWNESS)

    def test_a_large_body_of_a_known_phone_may_take_long(self):
        body = json.dumps({"locations": [feature(self.next_time())], "x": "x" * 5 * 65536}).encode()
        head = f"POST /overland/{self.token} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for pause, finished in ((0.4, True), (2.5 * SLOWNESS, False)):
            connection = self.open()
            connection.sendall(head)
            began = time.monotonic()
            try:
                for at in range(0, len(body), 65536):
                    connection.sendall(body[at:at + 65536])
                    time.sleep(pause)
            except OSError:
                pass
            self.assertEqual(finished, b"HTTP/1.1 200 " in self.everything(connection), pause)
            self.assertGreater(time.monotonic() - began, 2, "longer than a request of others")


class LargerThanTheDefault(FirmwareTest):
    ENV = {"PACKWALK_HTTP_UNPACKED_BYTES_MAX": str(64 << 20)}

    def test_a_body_of_the_size_that_is_configured_is_taken(self):
        timestamp = self.next_time()
        body = json.dumps({"locations": [feature(timestamp)], "x": "x" * (34 << 20)})
        self.assertEqual(200, self.packwalk.request("POST", f"/overland/{self.token}", body).status)
        self.assert_fix(timestamp)


class Forms(FirmwareTest):
    """The form is known by the body, whatever its head says."""

    def bodies(self, timestamp):
        iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timestamp))
        return {"osmand JSON": (json.dumps({"location": place(iso), "device_id": "x"}), "osmand/json", b""),
                "osmand form": (query(timestamp, id="x"), "osmand/form", b""),
                "owntracks": (json.dumps(located(timestamp)), "owntracks", b"[]"),
                "overland": (json.dumps({"locations": [feature(iso)]}), "overland", SUCCESS_OF_OVERLAND)}

    def test_any_form_of_any_type_at_any_door(self):
        timestamp = self.next_time()
        count = 0
        for path in ("/osmand", "/owntracks", "/overland"):
            for body, transport, success in self.bodies(timestamp).values():
                for type in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"},
                             {"Content-Type": JSON}):
                    for packed, encoding in ((body.encode(), {}), (gzip.compress(body.encode()), {"Content-Encoding": "gzip"}),
                                             (gzip.compress(body.encode()), {}), (body.encode(), {"Content-Encoding": "gzip"}),
                                             (b"\xef\xbb\xbf" + body.encode(), {}), (b"\r\n " + body.encode(), {})):
                        if body.startswith("lat") and packed.startswith(b"\r\n"):
                            continue
                        answer = self.packwalk.request("POST", f"{path}/{self.token}", packed, type | encoding)
                        self.assertEqual((200, success), (answer.status, answer.body), (path, body, type, encoding))
                        count += 1
        kept = self.packwalk.messages_when("rex", count)
        self.assertEqual({"accepted", "duplicate"}, {each["verdict"] for each in kept})
        self.assertEqual({"osmand/json", "osmand/form", "owntracks", "overland"}, {each["transport"] for each in kept})

    def test_a_type_that_is_missing_or_wrong_as_it_comes_over_the_wire(self):
        timestamp = self.next_time()
        body = self.bodies(timestamp)["osmand JSON"][0]
        for type in ("", "Content-Type: text/plain\r\n", "Content-Type:\r\n"):
            request = f"POST /osmand/{self.token} HTTP/1.1\r\nHost: h\r\n{type}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            self.assertEqual([200], self.statuses(request + body))
        self.assert_fix(timestamp)

    def test_what_nobody_understands_is_kept_by_its_phone(self):
        bodies = [b"nothing", b"{}", b'{"x":1}', b"[1,2]", b"<gpx/>", b'{"locations":[', b"\x00\x01\x02", b"a=b",
                  gzip.compress(b"nothing"), gzip.compress(b'{"_type":"lwt"}')[:15],
                  b'--x\r\nContent-Disposition: form-data; name="lat"\r\n\r\n50.1\r\n--x--\r\n']
        count = 0
        for path in ("/osmand", "/owntracks", "/overland"):
            for body in bodies:
                self.assert_problem(self.packwalk.request("POST", f"{path}/{self.token}", body), 400)
                count += 1
        self.assert_problem(self.packwalk.request("GET", f"/osmand/{self.token}"), 400)
        kept = self.packwalk.messages_when("rex", count + 1)
        self.assertTrue(all(each["reason"].startswith("cannot be read: ") for each in kept), kept)
        answer = self.packwalk.request("POST", f"/overland/{self.token}", "{}", {"Content-Encoding": "br"})
        self.assert_problem(answer, 415, "gzip")

    def test_known_types_without_a_position_are_taken(self):
        for body in ('{"_type":"transition"}', '{"_type":"lwt"}', '{"_type":"dump"}', '{"_type":"encrypted"}', "[]", ""):
            self.assertEqual(200, self.packwalk.post(self.token, body, path="/owntracks").status, body)
        self.assertEqual(200, self.packwalk.post(self.token, '{"locations":[]}', path="/overland").status)
        self.assertEqual(200, self.packwalk.request("GET", f"/osmand/{self.token}?batt=80").status)

    def test_one_value_that_cannot_be_read_costs_only_itself(self):
        for value in ("NaN", "nan", "-Infinity", "Infinity", "inf", "1e999", "None", "undefined", "12 m", "+5", "08", ".5", ""):
            first, second = self.next_time(), self.next_time()
            text = json.dumps({"locations": [feature(first, altitude="VALUE"), feature(second, altitude=12)]})
            answer = self.packwalk.request("POST", f"/overland/{self.token}", text.replace('"VALUE"', value), {"Content-Type": JSON})
            self.assertEqual(200, answer.status)
            self.assert_fix(first)
            self.assert_fix(second)
            for path, with_value in (
                    ("/owntracks", lambda at: located(at) | {"alt": "VALUE"}),
                    ("/osmand", lambda at: {"location": place(at) | {"battery": {"level": "VALUE"}}}),
                    ("/v1/packets", lambda at: {"type": "track", "timestamp": at, "lat": LAT, "lon": LON, "accuracy": "VALUE"})):
                timestamp = self.next_time()
                text = json.dumps(with_value(timestamp)).replace('"VALUE"', value)
                self.assertIn(self.packwalk.post(self.token, text, path=path).status, (200, 202), (path, value))
                self.assert_fix(timestamp)

    def test_digits_of_other_scripts(self):
        timestamp = self.next_time()
        persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
        text = query(timestamp).split("&")
        form = "&".join(name + "=" + value.translate(persian) for name, value in (pair.split("=") for pair in text))
        for body in (form.encode(), json.dumps({"_type": "location", "tst": str(timestamp).translate(persian),
                                                "lat": "۵۰٫۱", "lon": "٨.١"}).encode()):
            self.assertEqual(200, self.packwalk.request("POST", f"/osmand/{self.token}", body).status)
        self.assertEqual(["accepted", "duplicate"], [each["verdict"] for each in self.packwalk.messages_when("rex", 2)])
        self.assert_fix(timestamp)

    def test_parameters_that_are_empty(self):
        timestamp = self.next_time()
        path = f"/osmand?id=&&deviceid=&token={self.token}&altitude=&accuracy=&valid=&batt=&{query(timestamp)}&="
        self.assertEqual(200, self.packwalk.request("GET", path).status)
        self.assert_fix(timestamp)


class WhoItIs(FirmwareTest):
    def test_every_way_to_show_a_token(self):
        """Where an app lets somebody type it."""
        ways = [("", bearer(self.token)), ("", basic("rex", self.token)), ("", basic(self.token, "")),
                ("", basic(self.token, "x")), ("/" + self.token, {}), ("/" + self.token, basic("proxy", "secret"))]
        ways += [(f"?{name}={self.token}", {}) for name in ("id", "deviceid", "token", "api_key", "access_token", "key")]
        ways += [(f"?x=&u=rex&token={self.token}", basic("proxy", "secret"))]
        count = 0
        for suffix, headers in ways:
            for path in ("/osmand", "/owntracks", "/overland"):
                answer = self.packwalk.request("POST", path + suffix, json.dumps(located(self.now)), headers)
                self.assertEqual(200, answer.status, (path, suffix))
                count += 1
            join = "&" if "?" in suffix else "?"
            answer = self.packwalk.request("GET", "/osmand" + suffix + join + query(self.now), headers=headers)
            self.assertEqual(200, answer.status, suffix)
            count += 1
        kept = self.packwalk.messages_when("rex", count)
        self.assertNotIn(self.token.encode(), b"".join(each["content"] for each in kept))
        self.assertNotIn(self.token, self.packwalk.log())

    def test_a_token_that_nobody_has(self):
        wrong = "pw_" + "x" * 32
        for path in ("/osmand", "/owntracks", "/overland", "/pub", "/"):
            for suffix, headers in (("?token=" + wrong, {}), ("", basic("rex", wrong)), ("", basic(wrong, "")), ("?api_key=7", {})):
                answer = self.packwalk.request("POST", path + suffix, json.dumps(located(self.now)), headers)
                self.assert_problem(answer, 401)
        self.assertEqual([], self.packwalk.messages("rex"))
        self.assertNotIn(wrong, self.packwalk.log())


class Overland(FirmwareTest):
    def test_times_of_its_owntracks_mode_count_from_2001(self):
        timestamp = self.next_time()
        body = located(timestamp - 978307200) | {"topic": "owntracks/x"}
        answer = self.packwalk.post(self.token, body, headers=OVERLAND, path="/owntracks")
        self.assertEqual((200, SUCCESS_OF_OVERLAND), (answer.status, answer.body))
        self.assert_fix(timestamp)
        self.assertEqual("owntracks/overland", self.verdict(1)["transport"])
        self.packwalk.post(self.token, located(timestamp), headers=OVERLAND, path="/owntracks")
        self.packwalk.post(self.token, located(timestamp), path="/owntracks")
        self.assertEqual(["duplicate", "duplicate"], [each["verdict"] for each in self.packwalk.messages_when("rex", 3)[1:]])
        self.packwalk.post(self.token, body, path="/owntracks")
        self.assertEqual("invalid", self.verdict(4)["verdict"], "other apps count from 1970")
        self.check()

    def check(self):
        self.assertEqual(0, self.packwalk.stop())
        checked = run("check", "--data", self.packwalk.data)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_current_is_where_it_is(self):
        old = [feature(self.next_time()) for _ in range(10)]
        newest = self.next_time() + 500
        body = {"locations": old, "current": feature(newest)}
        self.assertEqual(200, self.packwalk.post(self.token, body, path="/overland").status)
        until(lambda: (self.packwalk.get("/v1/devices/rex/position").json or {}).get("timestamp") == iso(newest), "it is there")
        self.assertEqual(200, self.packwalk.post(self.token, {"locations": [feature(newest)]}, path="/overland").status)
        self.assertEqual("duplicate", self.verdict(12)["verdict"], "it comes again among the others")
        self.check()


class Weeks(FirmwareTest):
    """A receiver of GPS that lost 1,024 weeks, or twice as many."""

    def iso(self, timestamp):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timestamp))

    def test_of_a_live_phone_they_are_added(self):
        count = 0
        for weeks in (1024, 2048):
            timestamp = self.next_time()
            lost = timestamp - weeks * WEEK_SECONDS
            for path, body in ((f"/osmand/{self.token}", query(lost)), (f"/osmand/{self.token}", query(self.iso(lost))),
                               (f"/owntracks/{self.token}", json.dumps(located(lost))),
                               (f"/overland/{self.token}", json.dumps({"locations": [feature(self.iso(lost))]})),
                               (f"/osmand/{self.token}", query(timestamp))):
                self.assertEqual(200, self.packwalk.request("POST", path, body).status)
                count += 1
            self.assert_fix(timestamp)
        kept = self.packwalk.messages_when("rex", count)
        self.assertEqual((["accepted"] + ["duplicate"] * 4) * 2, [each["verdict"] for each in kept])
        for i, message in enumerate(kept):
            weeks = 1024 if i < 5 else 2048
            wanted = None if i % 5 == 4 else f"{weeks} weeks were added to its time, which its receiver had lost"
            self.assertEqual(wanted, message["reason"], i)
        self.assertEqual(0, self.packwalk.stop())
        checked = run("check", "--data", self.packwalk.data)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_of_others_nothing_is_believed(self):
        for late in (2 * 3600, -2 * 3600, 86400):
            self.packwalk.request("POST", f"/osmand/{self.token}", query(self.now - late - 1024 * WEEK_SECONDS))
        track = {"type": "track", "timestamp": self.now - 1024 * WEEK_SECONDS, "lat": LAT, "lon": LON}
        self.assertEqual("timestamp", self.packwalk.post(self.token, track).json["invalid"][0]["field"], "no phone")
        self.assertEqual({"invalid"}, {each["verdict"] for each in self.packwalk.messages_when("rex", 4)})


class WeeksAsTheyAre(FirmwareTest):
    ENV = {"PACKWALK_PACKETS_MEND_WEEK_ROLLOVER": "false"}

    def test_where_the_operator_wants_it(self):
        self.packwalk.request("POST", f"/osmand/{self.token}", query(self.now - 1024 * WEEK_SECONDS))
        self.assertEqual("invalid", self.verdict(1)["verdict"])

    def test_a_key_that_is_neither(self):
        refused = run("serve", "--data", self.folder, env={"PACKWALK_PACKETS_MEND_WEEK_ROLLOVER": "yes"})
        self.assertEqual(1, refused.returncode)
        self.assertIn("must be true or false", refused.stderr)


class MonthOfPoints(FirmwareTest):
    ENV = {"PACKWALK_HTTP_UNPACKED_BYTES_MAX": "3000000"}

    def month(self, count=6000):
        iso = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now - count + i)) for i in range(count)]
        return json.dumps({"locations": [feature(at, altitude=100, speed=1, horizontal_accuracy=5, motion=["walking"],
                                                 battery_state="unplugged", battery_level=0.5) for at in iso]}).encode()

    def test_is_taken(self):
        body = self.month()
        self.assertGreater(len(body), 1_048_576)
        answer = self.packwalk.request("POST", f"/overland/{self.token}", body, {"Content-Type": JSON})
        self.assertEqual((200, SUCCESS_OF_OVERLAND), (answer.status, answer.body))
        until(lambda: self.packwalk.get("/v1/devices/rex").json["fix_count"] == 6000, "they are committed", 30)

    def test_is_taken_at_every_door_and_in_chunks(self):
        locations = json.dumps([located(self.now - 9000 + i) | {"x": "x" * 120} for i in range(6000)]).encode()
        places = json.dumps({"location": [place(self.now - 9000 + i) | {"x": "x" * 120} for i in range(6000)]}).encode()
        chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in
                           (locations[at:at + 50_000] for at in range(0, len(locations), 50_000))) + b"0\r\n\r\n"
        head = f"POST /owntracks HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
        for body in (locations, places):
            self.assertGreater(len(body), 1_048_576)
        self.assertEqual([200], self.statuses(head.encode() + chunked))
        for path, headers in ((f"/osmand?id={self.token}", {}), (f"/?token={self.token}", {}), ("/osmand", basic("x", self.token))):
            self.assertEqual(200, self.packwalk.request("POST", path, places, headers).status, path)
        until(lambda: self.packwalk.get("/v1/devices/rex").json["fix_count"] == 6000, "they are committed", 30)

    def test_what_is_larger_or_a_strangers_is_not_read(self):
        body = self.month()
        self.assert_problem(self.packwalk.request("POST", f"/overland/{self.token}", body + b" " * 3_000_000), 413, "3000000")
        self.assert_problem(self.packwalk.request("POST", "/osmand", body), 413, "65536")
        self.assert_problem(self.packwalk.post(self.token, body), 413, "1048576")
        self.assertEqual([], self.packwalk.messages("rex"))


class Questions(FirmwareTest):
    def test_times_in_a_query(self):
        timestamp = self.next_time()
        self.packwalk.request("GET", f"/osmand/{self.token}?{query(timestamp)}")
        self.assert_fix(timestamp)
        then, ahead = iso(timestamp)[:-1], iso(timestamp + 3600)[:-1]
        after = timestamp + 1
        for at in (timestamp, timestamp * 1000, timestamp * 1_000_000, then + "Z", then + "+00:00", then + "%2B00:00", ahead + "+01:00",
                   ahead + "%2B0100", then.replace("T", "+"), ahead.replace("T", "+") + "+01:00"):
            answer = self.packwalk.get(f"/v1/devices/rex/fixes?from={at}&to={after}")
            self.assertEqual([timestamp], [second_of(fix["timestamp"]) for fix in answer.json["fixes"]], at)
            for other in ("devices/rex/tracks", "devices/rex/companions", "joint-walks?device=rex", "devices/rex/activity"):
                asked = f"/v1/{other}{'&' if '?' in other else '?'}from={at}&to={after}"
                self.assertEqual(200, self.packwalk.get(asked).status, asked)
        for other in ("devices/rex/fixes", "devices/rex/tracks", "devices/rex/activity", "devices/rex/companions"):
            answer = self.packwalk.get(f"/v1/{other}?from={after}&to={timestamp}")
            self.assert_problem(answer, 400, "from is after to")
            self.assert_problem(self.packwalk.get(f"/v1/{other}?from=soon"), 400, "from")


if __name__ == "__main__":
    unittest.main()
