"""The doors for phones: the requests that Traccar Client, OwnTracks and Overland send, and what they get."""
import json
import socket
import unittest
import urllib.parse

from packwalk_process import JSON, PackwalkTest, basic, bearer, run, until
from times import iso

QUERY = ("id={id}&timestamp=1767261600&lat=48.708100&lon=44.515300&speed=1.75&bearing=212.0&altitude=41.2&accuracy=4.5"
         "&batt=87.0")
APP_9 = ('{"location":{"timestamp":"2026-01-01T10:00:00.412Z","coords":{"latitude":48.7081,"longitude":44.5153,'
         '"accuracy":4.5,"speed":0.9,\n"heading":212,"altitude":41.2},"is_moving":true,"odometer":1520,"event":"",'
         '"battery":{"level":0.87,"is_charging":false},\n"activity":{"type":"walking"},"extras":{},'
         '"_":"&id=48213377&lat=48.7081&lon=44.5153&timestamp=2026-01-01T10:00:00.412Z&"},"device_id":"48213377"}')
OWNTRACKS = ('{"_type":"location","tst":1767261600,"lat":48.7081,"lon":44.5153,"acc":5,"alt":41,"vel":3,"batt":87,'
             '"bs":1,"t":"t","m":2,"tid":"RX","topic":"owntracks/rex/collar"}')
FORM = "application/x-www-form-urlencoded"
IOS = {"User-Agent": "Traccar%20Client/85 CFNetwork/1408.0.4 Darwin/22.5.0"}


def feature(timestamp, lat=48.7081, lon=44.5153, **more):
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"timestamp": timestamp, "altitude": 41, "speed": 1, "course": 212, "horizontal_accuracy": 5,
                           "vertical_accuracy": -1, "motion": ["walking"], "battery_state": "unplugged",
                           "battery_level": 0.87, "wifi": "", "device_id": "rex"} | more}


class PhoneTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.token = self.packwalk.add_device("rex")

    def ask(self, method, path, body=None, headers=None):
        return self.packwalk.request(method, path, body, headers)

    def last_message(self, count):
        return self.packwalk.messages_when("rex", count)[-1]

    def assert_success(self, answer, type, body):
        self.assertEqual((200, type, body), (answer.status, answer.type, answer.body), answer)

    def assert_position(self, timestamp=1767261600, altitude=41.2, accuracy=4.5):
        position = self.packwalk.get("/v1/devices/rex/position").json
        self.assertEqual(("rex", iso(timestamp), 48.7081, 44.5153, altitude, accuracy, 0),
                         tuple(position[name] for name in
                               ("device", "timestamp", "lat", "lon", "altitude_m", "accuracy_m", "status")))


class OsmAnd(PhoneTest):
    def assert_sent(self, answer):
        self.assert_success(answer, "text/plain", b"")

    def test_a_query_with_the_token_in_the_path(self):
        query = QUERY.format(id="48213377")
        for count, method in enumerate(("POST", "GET"), 1):
            self.assert_sent(self.ask(method, f"/osmand/{self.token}?{query}"))
            message = self.last_message(count)
            self.assertEqual(("accepted" if count == 1 else "duplicate", "osmand/form", query.encode()),
                             (message["verdict"], message["transport"], message["content"]))
        self.assert_position()

    def test_a_query_whose_id_is_the_token(self):
        for count, path in enumerate(("/osmand?", "/?"), 1):
            self.assert_sent(self.ask("POST", path + QUERY.format(id=self.token)))
            content = self.last_message(count)["content"]
            self.assertEqual(QUERY.format(id="*" * len(self.token)).encode(), content)
        self.assert_sent(self.ask("GET", "/osmand?" + QUERY.format(id=self.token).replace("id=", "deviceid=")))

    def test_a_bearer_header_wins(self):
        self.assert_sent(self.ask("POST", "/osmand/pw_other?" + QUERY.format(id="x"), headers=bearer(self.token)))
        self.assertEqual("accepted", self.last_message(1)["verdict"])

    def test_json_of_version_9(self):
        self.assert_sent(self.ask("POST", f"/osmand/{self.token}", APP_9, {"Content-Type": JSON}))
        message = self.last_message(1)
        self.assertEqual(("accepted", "osmand/json", APP_9.encode()),
                         (message["verdict"], message["transport"], message["content"]))
        self.assert_position()
        mine = APP_9.replace("48213377", self.token)
        self.assert_sent(self.ask("POST", "/osmand", mine, {"Content-Type": JSON}))
        message = self.last_message(2)
        self.assertEqual("duplicate", message["verdict"])
        self.assertEqual(APP_9.replace("48213377", "*" * len(self.token)).encode(), message["content"])

    def test_a_flat_object_is_a_position_or_refused(self):
        flat = {"lat": 48.7081, "lng": "44.5153", "time": "2026-01-01T10:00:00.000Z", "alt": 41.2, "acc": "4.5"}
        self.assert_sent(self.ask("POST", f"/osmand/{self.token}", json.dumps(flat), {"Content-Type": JSON}))
        message = self.last_message(1)
        self.assertEqual(("accepted", "osmand/json"), (message["verdict"], message["transport"]))
        self.assert_position()
        for count, (path, more) in enumerate((("/osmand", {"device_id": self.token}), ("/", {"Token": self.token})), 2):
            self.assert_sent(self.ask("POST", path, json.dumps(flat | more), {"Content-Type": JSON}))
            message = self.last_message(count)
            self.assertEqual("duplicate", message["verdict"])
            self.assertNotIn(self.token.encode(), message["content"])
        for body in ({"device_id": "rex", "latt": 48, "long.": 44}, {"device_id": "rex", "position": flat},
                     {"device_id": "rex", "location": {"type": "Point", "coordinates": [44, 48]}}):
            answer = self.ask("POST", f"/osmand/{self.token}", json.dumps(body), {"Content-Type": JSON})
            self.assert_problem(answer, 400)

    def test_what_gpslogger_sends(self):
        query = ("lat=48.7081&lon=44.5153&sat=9&desc=&alt=41.2&acc=4.5&dir=212&prov=gps&spd=0.9&timestamp=1767261600"
                 "&time=2026-01-01T10%3A00%3A00.000Z&date=2026-01-01&batt=87.0&aid=a&ser=b&profile=Default+Profile&dist=12")
        self.assert_sent(self.ask("GET", f"/osmand/{self.token}?{query}"))
        self.assert_position()
        self.assert_sent(self.ask("POST", f"/osmand/{self.token}?", query, {"Content-Type": FORM}))
        self.assertEqual("duplicate", self.last_message(2)["verdict"])

    def test_a_query_beside_a_body_hides_nothing(self):
        self.assert_sent(self.ask("POST", f"/osmand/{self.token}?src=app", APP_9, {"Content-Type": JSON}))
        self.assertEqual(APP_9.encode(), self.last_message(1)["content"])
        form = QUERY.format(id="x")
        self.assert_sent(self.ask("POST", f"/osmand/{self.token}?v=1", form, {"Content-Type": FORM}))
        message = self.last_message(2)
        self.assertEqual(("duplicate", f"v=1&{form}".encode()), (message["verdict"], message["content"]))

    def test_a_token_that_json_escapes_hide_is_none(self):
        hidden = APP_9.replace("48213377", "\\u0070" + self.token[1:])
        self.assertEqual(401, self.ask("POST", "/osmand", hidden, {"Content-Type": JSON}).status)

    def test_a_form_of_version_10(self):
        form = QUERY.format(id=self.token).replace("87.0", "87") + "&charge=false"
        self.assert_sent(self.ask("POST", "/osmand", form, {"Content-Type": FORM}))
        message = self.last_message(1)
        self.assertEqual(("accepted", form.replace(self.token, "*" * len(self.token)).encode()),
                         (message["verdict"], message["content"]))
        self.assert_position()

    def test_a_token_in_other_letters_is_not_kept_either(self):
        escaped = "".join(f"%{ord(letter):02X}" for letter in self.token)
        self.assert_sent(self.ask("POST", "/osmand?" + QUERY.format(id=escaped)))
        unescaped = urllib.parse.unquote_to_bytes(self.last_message(1)["content"])
        self.assertNotIn(self.token.encode(), unescaped)

    def test_what_is_no_fix_moves_only_last_seen(self):
        for count, query in enumerate((f"id={self.token}&timestamp=1767261600", f"id={self.token}&batt=80",
                                       f"id={self.token}&notificationToken=abc"), 1):
            before = self.packwalk.get("/v1/devices/rex").json["last_seen"] or ""
            self.assert_sent(self.ask("POST", "/osmand", query, {"Content-Type": FORM}))
            self.last_message(count)
            device = self.packwalk.get("/v1/devices/rex").json
            self.assertGreater(device["last_seen"], before)
            self.assertEqual((None, None, 0), (device["position"], device["status"], device["accepted_count"]))

    def test_what_is_invalid_is_kept_and_answered_200_and_what_is_unreadable_400(self):
        bodies = [QUERY.format(id="x").replace("48.7081", "98.7081"), QUERY.format(id="x") + "&valid=false",
                  "lat=abc&lon=1&timestamp=1767261600", "nothing"]
        for count, body in enumerate(bodies, 1):
            answer = self.ask("POST", f"/osmand/{self.token}", body, {"Content-Type": FORM})
            self.assert_problem(answer, 400) if body == "nothing" else self.assert_sent(answer)
            message = self.last_message(count)
            self.assertEqual(("invalid", body.encode()), (message["verdict"], message["content"]))
            self.assertTrue(message["reason"])

    def test_wrong_tokens(self):
        for path in ("/osmand/pw_wrong?" + QUERY.format(id=1), "/osmand?" + QUERY.format(id="pw_wrong"), "/osmand"):
            self.assert_problem(self.ask("POST", path), 401)
        self.assertEqual([], self.packwalk.messages("rex"))
        self.assertNotIn("pw_wrong", self.packwalk.log())
        self.assertNotIn(self.token, self.packwalk.log())

    def test_a_phone_that_takes_any_answer_for_success_gets_silence_instead_of_503(self):
        run("device", "rotate-token", "rex", "--data", self.packwalk.data)
        path = f"/osmand/{self.token}?" + QUERY.format(id=1)
        until(lambda: self.ask("POST", path).status == 503, "the old token is refused", 3)
        request = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nUser-Agent: {IOS['User-Agent']}\r\n\r\n"
        with socket.create_connection((self.packwalk.host, self.packwalk.port), timeout=10) as client:
            client.sendall(request.encode())
            try:
                self.assertEqual(b"", client.recv(1000))
            except ConnectionResetError:
                pass
        android = self.ask("POST", path, headers={"User-Agent": "Dalvik/2.1.0"})
        self.assert_problem(android, 503)
        self.assertIn("retry-after", android.headers)


class OwnTracks(PhoneTest):
    def test_a_location(self):
        headers = {"Content-Type": JSON, "X-Limit-U": "rex", "X-Limit-D": "collar"} | basic("rex", self.token)
        self.assert_success(self.ask("POST", "/owntracks", OWNTRACKS, headers), JSON, b"[]")
        message = self.last_message(1)
        self.assertEqual(("accepted", "owntracks", OWNTRACKS.encode()),
                         (message["verdict"], message["transport"], message["content"]))
        self.assert_position(altitude=41, accuracy=5)

    def test_every_way_to_say_who_it_is(self):
        for count, (path, headers) in enumerate([("/owntracks", basic("anything", self.token)),
                                                 ("/owntracks?u=rex&d=x", bearer(self.token)),
                                                 (f"/owntracks/{self.token}", {"X-Limit-U": "user"})], 1):
            headers = headers | {"Content-Type": JSON + "; charset=utf-8"}
            self.assert_success(self.ask("POST", path, OWNTRACKS, headers), JSON, b"[]")
            self.last_message(count)

    def test_other_types_are_kept_and_move_only_last_seen(self):
        bodies = ['{"_type":"transition","tst":1767261600,"lat":48.7,"lon":44.5,"event":"enter"}',
                  '{"_type":"waypoint","tst":1}', '{"_type":"lwt","tst":1}', '{"_type":"status"}', "",
                  '{"_type":"encrypted","data":"abc"}', '{"_type":"unheard-of"}']
        for count, body in enumerate(bodies, 1):
            answer = self.ask("POST", f"/owntracks/{self.token}", body, {"Content-Type": JSON})
            self.assert_success(answer, JSON, b"[]")
            self.assertEqual(("invalid", body.encode()),
                             tuple(self.last_message(count)[name] for name in ("verdict", "content")))
        device = self.packwalk.get("/v1/devices/rex").json
        self.assertIsNotNone(device["last_seen"])
        self.assertIsNone(device["position"])
        self.assertEqual("encrypted", self.packwalk.messages("rex")[5]["reason"])
        self.assert_problem(self.ask("POST", f"/owntracks/{self.token}", "no json", {"Content-Type": JSON}), 400)
        self.assertEqual(b"no json", self.last_message(len(bodies) + 1)["content"])

    def test_overland_in_its_owntracks_mode_gets_the_answer_that_it_needs(self):
        answer = self.ask("POST", f"/owntracks/{self.token}", OWNTRACKS,
                          {"Content-Type": JSON, "User-Agent": "Overland/1.4 CFNetwork/1 Darwin/1"})
        self.assert_success(answer, JSON, b'{"result":"ok"}')

    def test_wrong_tokens(self):
        for headers in ({}, basic("rex", "pw_wrong"), basic("rex", "")):
            self.assert_problem(self.ask("POST", "/owntracks", OWNTRACKS, headers), 401)
        self.assertEqual([], self.packwalk.messages("rex"))


class Overland(PhoneTest):
    def test_a_batch(self):
        features = [feature("2026-01-01T10:00:00Z"), feature("2026-01-01T12:00:01+0200"),
                    feature("2026-01-01T10:00:01Z"), {"type": "Feature", "geometry": None, "properties": {}},
                    feature("2026-01-01T10:00:02Z", action="visit"), feature("2026-01-01T10:00:03Z", lat=95)]
        body = json.dumps({"locations": features, "current": {}, "trip": {}})
        answer = self.ask("POST", "/overland", body, {"Content-Type": JSON} | bearer(self.token))
        self.assert_success(answer, JSON, b'{"result":"ok"}')
        kept = self.packwalk.messages_when("rex", 6)
        self.assertEqual(["accepted", "accepted", "duplicate", "invalid", "invalid", "invalid"],
                         [message["verdict"] for message in kept])
        self.assertEqual([json.dumps(one).encode() for one in features], [message["content"] for message in kept])
        self.assertEqual({"overland"}, {message["transport"] for message in kept})
        self.assert_position(timestamp=1767261601, altitude=41, accuracy=5)

    def test_the_token_in_the_path_and_an_empty_batch(self):
        answer = self.ask("POST", f"/overland/{self.token}", '{"locations":[]}', {"Content-Type": JSON})
        self.assert_success(answer, JSON, b'{"result":"ok"}')
        self.assertEqual("invalid", self.last_message(1)["verdict"])

    def test_a_body_that_cannot_be_read_is_kept_here_and_by_the_phone(self):
        answer = self.ask("POST", f"/overland/{self.token}", '{"locations":[', {"Content-Type": JSON})
        self.assert_problem(answer, 400, "cannot be read")
        self.assertEqual(b'{"locations":[', self.last_message(1)["content"])

    def test_a_token_that_json_escapes_hide_is_not_kept(self):
        body = json.dumps({"locations": [feature("2026-01-01T10:00:00Z", token="TOKEN")]})
        body = body.replace("TOKEN", "\\u0070" + self.token[1:])
        self.assertEqual(200, self.ask("POST", "/overland", body, {"Content-Type": JSON} | bearer(self.token)).status)
        message = self.last_message(1)
        self.assertEqual("accepted", message["verdict"])
        self.assertNotIn(self.token[1:].encode(), message["content"])

    def test_a_large_batch_is_taken(self):
        features = [feature(1767261600 + second, note="x" * 100) for second in range(1000)]
        answer = self.ask("POST", f"/overland/{self.token}", json.dumps({"locations": features}), {"Content-Type": JSON})
        self.assert_success(answer, JSON, b'{"result":"ok"}')
        until(lambda: self.packwalk.get("/v1/devices/rex").json["fix_count"] == 1000, "they are committed")

    def test_a_wrong_token(self):
        self.assert_problem(self.ask("POST", "/overland", "{}", bearer("pw_wrong")), 401)


if __name__ == "__main__":
    unittest.main()
