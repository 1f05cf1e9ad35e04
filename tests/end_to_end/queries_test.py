"""What owners and operators ask: positions, fixes, messages, devices, health, metrics."""
import json
import pathlib
import unittest
import xml.etree.ElementTree as ElementTree

import golden
from packwalk_process import BINARY_FORM, JSON, PackwalkTest, bearer, parse_metrics, run, until
from times import iso, microsecond_of, second_of

START = golden.START
GPX = "{http://www.topografix.com/GPX/1/1}"


class QueryTest(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.packwalk = self.serve()
        self.tokens = {}

    def device(self, id):
        self.tokens[id] = self.packwalk.add_device(id)

    def send(self, id, *packets):
        answer = self.packwalk.post(self.tokens[id], list(packets))
        self.assertEqual(202, answer.status, answer)
        self.packwalk.messages_when(id, len(packets))

    def get(self, path, **headers):
        answer = self.packwalk.get(path, headers)
        self.assertEqual(200, answer.status, answer)
        return answer

    def assert_both_orders(self, path, name, limits=(1, 3, 1000)):
        """Pages from either end have the same rows."""
        def pages(path, limit):
            ages = ("age", "age_seconds")  # they grow while the test runs
            return [{member: value for member, value in row.items() if member not in ages}
                    for row in self.pages(path, name, limit)]
        want = pages(path, 1000)
        joined = path + ("&" if "?" in path else "?")
        for limit in limits:
            self.assertEqual(want, pages(joined + "sort=time", limit))
            self.assertEqual(want[::-1], pages(joined + "sort=-time", limit))
        self.assert_problem(self.packwalk.get(joined + "sort=newest"), 400, "sort")
        return want

    def pages(self, path, name, limit):
        """All items, page by page."""
        items, cursor = [], None
        while True:
            joined = f"{path}{'&' if '?' in path else '?'}limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            answer = self.get(joined)
            page = answer.json
            self.assertLessEqual(len(page[name]), limit)
            items += page[name]
            cursor = page["next"]
            if cursor is None:
                self.assertNotIn("link", answer.headers)
                return items
            self.assertEqual(limit, len(page[name]), "only the last page is shorter")
            target, relation = answer.headers["link"].split("; ")
            self.assertEqual('rel="next"', relation)
            self.assertIn("cursor=" + cursor, target)
            self.assertEqual(200, self.packwalk.get(target.strip("<>")).status)


class Devices(QueryTest):
    def test_position(self):
        self.device("rex")
        until(lambda: "not sent" in self.packwalk.get("/v1/devices/rex/position").json["detail"], "the device is known")
        self.assert_problem(self.packwalk.get("/v1/devices/rex/position"), 404)
        self.send("rex", golden.TRACK_JSON, golden.track(START - 60, 50, 50))
        answer = self.get("/v1/devices/rex/position")
        position = answer.json
        self.assertEqual(JSON, answer.type)
        self.assertEqual(golden.TRACK_JSON["lat"], position["lat"])
        self.assertEqual(["device", "timestamp", "lat", "lon", "altitude_m", "accuracy_m", "status", "received_at",
                          "age_seconds"],
                         list(position))
        self.assertEqual("2026-01-01T10:00:00Z", position["timestamp"])
        self.assertAlmostEqual(microsecond_of(position["received_at"]) / 1e6 - START, position["age_seconds"], delta=60)

    def test_what_is_unknown_is_null(self):
        self.device("rex")
        self.send("rex", {"type": "track", "timestamp": START, "lat": 1.5, "lon": 2.5})
        position = self.get("/v1/devices/rex/position").json
        self.assertEqual((None, None, 0), (position["altitude_m"], position["accuracy_m"], position["status"]))

    def test_device(self):
        self.device("rex")
        fresh = self.get("/v1/devices/rex").json
        self.assertEqual((None, None, None), (fresh["last_seen"], fresh["status"], fresh["position"]))
        self.send("rex", golden.TRACK_JSON, golden.ACTIVITY_JSON | {"status": 7}, golden.track(START, lat=99))
        device = self.get("/v1/devices/rex").json
        self.assertEqual((7, iso(START + 30)), (device["status"], device["status_timestamp"]))
        self.assertEqual([2, 0, 0, 1, 1, 1], [device[name + "_count"] for name in (
            "accepted", "duplicate", "conflict", "invalid", "fix", "sample")])
        self.assertLess(microsecond_of(device["created_at"]), microsecond_of(device["last_seen"]))
        self.assertIsNone(device["removed_at"])
        self.assertEqual(48.7081, device["position"]["lat"])
        self.assertNotIn("number", device)

    def test_unknown_devices(self):
        for path in ("", "/position", "/fixes", "/messages"):
            for id in ("nobody", "a.b", "%00", "x" * 1000):
                self.assert_problem(self.packwalk.get(f"/v1/devices/{id}{path}"), 404, "no device")

    def test_only_the_administrator_may_ask(self):
        self.device("rex")
        for path in ("/v1/positions", "/v1/devices/rex", "/v1/devices/rex/position", "/v1/devices/rex/fixes",
                     "/v1/devices/rex/messages", "/v1/devices/nobody"):
            forbidden = self.packwalk.request("GET", path, headers=bearer(self.tokens["rex"]))
            self.assertEqual("forbidden", self.assert_problem(forbidden, 403)["code"], "not even about itself")
            for headers in ({}, bearer("wrong"), bearer("pw_" + "w" * 32)):
                answer = self.packwalk.request("GET", path, headers=headers)
                self.assert_problem(answer, 401)
                self.assertIn("www-authenticate", answer.headers)
                self.assertEqual("Authorization" in headers, "invalid_token" in answer.headers["www-authenticate"])
            self.assert_problem(self.packwalk.request("POST", path, "{}", bearer(self.packwalk.admin_token)), 405)
        self.assertNotIn(self.packwalk.admin_token, self.packwalk.log())

    def test_problems_name_the_parameter(self):
        self.device("rex")
        for query, code, param in (("limit=0", "invalid_parameter", "limit"), ("max=1", "unknown_parameter", "max"),
                                   ("limit=1&limit=2", "repeated_parameter", "limit")):
            problem = self.assert_problem(self.packwalk.get("/v1/positions?" + query), 400)
            self.assertEqual((code, param), (problem["code"], problem["param"]))
        problem = self.assert_problem(self.packwalk.get("/v1/joint-walks"), 400)
        self.assertEqual(("missing_parameter", "device"), (problem["code"], problem["param"]))
        problem = self.assert_problem(self.packwalk.get("/v1/joint-walks?device=rex&with=nobody"), 404)
        self.assertEqual(("unknown_device", "with"), (problem["code"], problem["param"]))

    def test_the_api_describes_itself(self):
        answer = self.packwalk.request("GET", "/openapi.yaml")
        self.assertEqual((200, "application/yaml"), (answer.status, answer.type))
        document = pathlib.Path(__file__).parents[2] / "docs/openapi.yaml"
        self.assertEqual(document.read_bytes(), answer.body)

    def test_head_answers_without_a_body(self):
        answer = self.packwalk.request("HEAD", "/v1/positions", headers=bearer(self.packwalk.admin_token))
        self.assertEqual((200, b""), (answer.status, answer.body))
        self.assertGreater(int(answer.headers["content-length"]), 0)


class DeviceList(QueryTest):
    IDS = ["9", "Ada", "Rex", "bob", "rex", "rex-2", "rex_3"]

    def setUp(self):
        super().setUp()
        for id in reversed(self.IDS):
            self.device(id)

    def ids(self, query=""):
        return [one["device"] for one in self.get("/v1/devices" + query).json["devices"]]

    def test_is_by_the_bytes_of_the_ids(self):
        self.assertEqual(self.IDS, self.ids())
        for limit in (1, 3, 7):
            self.assertEqual(self.IDS, [one["device"] for one in self.pages("/v1/devices", "devices", limit)])
        self.assertEqual(["rex", "rex-2", "rex_3"], self.ids("?q=rex"))
        self.assertEqual(["rex-2", "rex_3"], [one["device"] for one in self.pages("/v1/devices?q=rex", "devices", 1)][1:])
        self.assertEqual([], self.ids("?q=zoe"))

    def test_has_the_times_of_each(self):
        self.send("bob", golden.TRACK_JSON)
        self.assertEqual(0, run("device", "remove", "Ada", "--data", self.packwalk.data).returncode)
        listed = {one["device"]: one for one in self.get("/v1/devices").json["devices"]}
        self.assertEqual(["device", "created_at", "removed_at", "last_seen"], list(listed["bob"]))
        self.assertEqual(self.get("/v1/devices/bob").json["last_seen"], listed["bob"]["last_seen"])
        self.assertEqual((None, None), (listed["rex"]["removed_at"], listed["rex"]["last_seen"]))
        self.assertIsNotNone(listed["Ada"]["removed_at"])

    def test_is_for_the_administrator(self):
        self.assert_problem(self.packwalk.request("GET", "/v1/devices", headers=bearer(self.tokens["rex"])), 403)
        self.assert_problem(self.packwalk.request("GET", "/v1/devices"), 401)

    def test_bad_parameters_are_named(self):
        for query in ("q=%25", "q=r%20x", "q=" + "x" * 65, "limit=0", "cursor=rex", "id=rex"):
            self.assert_problem(self.packwalk.get("/v1/devices?" + query), 400, query.partition("=")[0])


class Cursors(QueryTest):
    def setUp(self):
        super().setUp()
        for id in ("rex", "bob"):
            self.device(id)
            self.send(id, *(golden.track(START + 10 * i, 48 + i / 1000) for i in range(9)))

    def next_of(self, path):
        return self.get(path).json["next"]

    def assert_invalid(self, path):
        problem = self.assert_problem(self.packwalk.get(path), 400)
        self.assertEqual(("invalid_cursor", "cursor"), (problem["code"], problem["param"]))

    def test_hide_what_they_hold_and_are_good_for_their_list_only(self):
        fixes = "/v1/devices/rex/fixes?from=2026-01-01"
        cursor = self.next_of(fixes + "&limit=3")
        self.assertRegex(cursor, r"^[A-Za-z0-9_-]{40,}$")
        self.assertNotEqual(cursor, self.next_of(fixes + "&limit=3"))
        for same in ("", "&limit=2", "&limit=2&format=geojson"):
            self.assertEqual(200, self.packwalk.get(f"{fixes}{same}&cursor={cursor}").status)
        for other in ("/v1/devices/bob/fixes?from=2026-01-01", "/v1/devices/rex/fixes?from=2026-01-02",
                      "/v1/devices/rex/fixes?limit=3", "/v1/devices/rex/tracks?from=2026-01-01", fixes + "&sort=-time",
                      "/v1/devices/rex/messages?from=2026-01-01", "/v1/devices?limit=1"):
            self.assert_invalid(other + ("&" if "?" in other else "?") + "cursor=" + cursor)
        for forged in ("", cursor[:-1], cursor[1:], cursor + "A", cursor.swapcase(), "1767225600", "1.2.3"):
            self.assert_invalid(f"{fixes}&cursor={forged}")

    def test_survive_a_restart_and_end_with_the_token(self):
        fixes = "/v1/devices/rex/fixes?limit=3"
        cursor = self.next_of(fixes)
        self.assertEqual(0, self.packwalk.stop())
        self.packwalk.start()
        self.assertEqual(3, len(self.get(f"{fixes}&cursor={cursor}").json["fixes"]))
        self.assertEqual(0, self.packwalk.stop())
        (self.packwalk.data / "admin.token").write_text("x" * 40)
        self.packwalk.start()
        self.assert_invalid(f"{fixes}&cursor={cursor}")


class Positions(QueryTest):
    PLACES = {"greenwich": (51.5, 0.0), "suva": (-18.1, 178.4), "apia": (-13.8, -171.8), "pole": (90, 10),
              "line-e": (-16.8, 180), "line-w": (-16.9, -180), "rio": (-22.9, -43.2)}

    def setUp(self):
        super().setUp()
        for id, (lat, lon) in self.PLACES.items():
            self.device(id)
            self.send(id, golden.track(START, lat, lon))

    def within(self, box):
        return {position["device"] for position in self.get("/v1/positions?bbox=" + box).json["positions"]}

    def test_a_box(self):
        self.assertEqual({"greenwich"}, self.within("-1,51,1,52"))
        self.assertEqual({"greenwich"}, self.within("0,51.5,0,51.5"))
        self.assertEqual(set(self.PLACES), self.within("-180,-90,180,90"))
        self.assertEqual(set(), self.within("10,10,20,20"))
        self.assertEqual({"pole"}, self.within("5,89,15,90"))

    def test_a_box_across_the_antimeridian(self):
        self.assertEqual({"suva", "apia", "line-e", "line-w"}, self.within("170,-20,-170,-10"))
        self.assertEqual({"line-e", "line-w"}, self.within("180,-20,-180,-10"))
        self.assertEqual({"line-e", "line-w", "suva"}, self.within("170,-20,180,-10"))

    def test_without_a_box_everything_is_there(self):
        self.assertEqual(set(self.PLACES), {one["device"] for one in self.get("/v1/positions").json["positions"]})

    def test_bad_parameters_are_named(self):
        for query in ("bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,0,181,1", "bbox=0,-91,1,1", "bbox=0,2,1,1", "bbox=",
                      "bbox=nan,0,1,1", "bbox=0,0,inf,1", "bbox=1,2,3,4,5", "max_age_seconds=-1", "max_age_seconds=soon", "max_age_seconds=",
                      "limit=0", "limit=10001", "limit=-1", "limit=x", "cursor=x", "format=xml", "format=gpx",
                      "max_age_seconds=99999999999999999999"):
            name = query.partition("=")[0]
            self.assert_problem(self.packwalk.get("/v1/positions?" + query), 400, name)

    def test_geojson(self):
        for path, headers in (("/v1/positions?format=geojson", {}),
                              ("/v1/positions", {"Accept": "application/geo+json"})):
            answer = self.get(path, **headers)
            self.assertEqual("application/geo+json", answer.type)
            collection = answer.json
            self.assertEqual("FeatureCollection", collection["type"])
            self.assertIsNone(collection["next"])
            self.assertEqual(len(self.PLACES), len(collection["features"]))
            for feature in collection["features"]:
                self.assertEqual(("Feature", "Point"), (feature["type"], feature["geometry"]["type"]))
                lat, lon = self.PLACES[feature["properties"]["device"]]
                self.assertEqual([lon, lat], feature["geometry"]["coordinates"])


class PositionPages(QueryTest):
    def test_to_the_end_with_every_device_once(self):
        devices = self.packwalk.add_devices(137)
        for number, (id, token) in enumerate(devices):
            body = json.dumps(golden.track(START, number / 10, number + 0.5))
            self.assertEqual(202, self.packwalk.post(token, body).status)
        until(lambda: len(self.get("/v1/positions").json["positions"]) == 137, "all positions are there")
        for limit in (1, 10, 136, 137, 1000):
            found = [position["device"] for position in self.pages("/v1/positions", "positions", limit)]
            self.assertEqual(137, len(found))
            self.assertEqual({id for id, _ in devices}, set(found))
        boxed = self.pages("/v1/positions?bbox=10.5,0,60.5,90&max_age_seconds=2000000000", "positions", 7)
        self.assertEqual({id for id, _ in devices[10:61]}, {position["device"] for position in boxed})

    def test_max_age_seconds(self):
        self.device("old")
        self.device("new")
        self.send("old", golden.track(START))
        now = microsecond_of(self.get("/v1/devices/old/position").json["received_at"]) // 1_000_000
        self.send("new", golden.track(now))
        ids = lambda query: {one["device"] for one in self.get("/v1/positions?" + query).json["positions"]}
        self.assertEqual({"new"}, ids("max_age_seconds=1000"))
        self.assertEqual({"old", "new"}, ids(f"max_age_seconds={now - START + 1000}"))


class Fixes(QueryTest):
    def setUp(self):
        super().setUp()
        self.device("rex")
        self.send("rex", *(golden.track(START + 10 * i, 48 + i / 1000, 44 + i / 500) for i in range(100)))

    def times(self, query):
        return [second_of(fix["timestamp"]) - START for fix in self.get("/v1/devices/rex/fixes?" + query).json["fixes"]]

    def test_ranges(self):
        self.assertEqual(list(range(0, 1000, 10)), self.times(""))
        self.assertEqual([500, 510], self.times(f"from={START + 500}&to={START + 520}"), "`to` is not in it")
        self.assertEqual([500, 510], self.times("from=2026-01-01T10:08:20Z&to=2026-01-01T10:08:40Z"))
        self.assertEqual([500, 510], self.times("from=2026-01-01T12:08:20%2B02:00&to=2026-01-01T10:08:40.000Z"))
        self.assertEqual([990], self.times(f"from={START + 981}"))
        self.assertEqual([500, 510], self.times("from=2026-01-01 10:08:20&to=2026-01-01T10:08:40".replace(" ", "%20")))
        self.assertEqual([500, 510], self.times("from=20260101100820&to=2026-01-01%2010:08:40"))
        self.assertEqual([], self.times("from=2026-01-02"), "a date alone")
        self.assertEqual([0], self.times(f"to={START + 1}"))
        self.assertEqual([], self.times(f"from={START + 520}&to={START + 520}"))
        self.assert_problem(self.packwalk.get(f"/v1/devices/rex/fixes?from={START + 520}&to={START + 500}"), 400, "after to")
        for query, why in (("from=9999999999000", "from is after the year 2200"),
                           ("to=2201-01-01", "to is after the year 2200"), ("from=99999999999", "after the year 2200")):
            self.assert_problem(self.packwalk.get("/v1/devices/rex/fixes?" + query), 400, why)
        self.assertEqual([500, 510], self.times(f"from={START + 500}000&to={START + 520}000000"), "other units")
        self.assertEqual([], self.times("from=2200-12-31"))
        self.assertEqual([], self.times(f"to={-2**33}"))

    def test_pages(self):
        for limit in (1, 33, 99, 100):
            found = self.pages("/v1/devices/rex/fixes", "fixes", limit)
            self.assertEqual(list(range(0, 1000, 10)), [second_of(fix["timestamp"]) - START for fix in found])
        found = self.pages(f"/v1/devices/rex/fixes?from={START + 100}&to={START + 200}", "fixes", 3)
        self.assertEqual(list(range(100, 200, 10)), [second_of(fix["timestamp"]) - START for fix in found])

    def test_from_either_end(self):
        found = self.assert_both_orders(f"/v1/devices/rex/fixes?from={START + 100}&to={START + 200}", "fixes", (1, 3, 10))
        self.assertEqual(10, len(found))
        newest = self.get("/v1/devices/rex/fixes?sort=-time&limit=2&format=geojson").json["features"]
        self.assertEqual([48.099, 48.098], [feature["geometry"]["coordinates"][1] for feature in newest])
        for query in ("format=gpx", "format=gpx&limit=5", "format=geojson"):
            self.assert_problem(self.packwalk.get("/v1/devices/rex/fixes?sort=-time&" + query), 400, "sort")

    def test_those_that_come_between_two_pages_move_none(self):
        newest = lambda: self.get("/v1/devices/rex/fixes?sort=-time&limit=1").json["fixes"][0]["timestamp"]
        for turn, sort in enumerate(("time", "-time"), 1):
            path = f"/v1/devices/rex/fixes?sort={sort}"
            want, before = self.pages(path, "fixes", 1)[:2], newest()
            page = self.get(f"{path}&limit=1").json
            self.assertEqual(want[0]["lat"], page["fixes"][0]["lat"])
            self.packwalk.post(self.tokens["rex"], [golden.track(START - turn), golden.track(START + 2000 + turn)])
            until(lambda: newest() != before, "they are there")
            (second,) = self.get(f"{path}&limit=1&cursor={page['next']}").json["fixes"]
            self.assertEqual(want[1]["lat"], second["lat"])

    def test_gpx(self):
        for path, headers in (("/v1/devices/rex/fixes?format=gpx", {}),
                              ("/v1/devices/rex/fixes", {"Accept": "application/gpx+xml"})):
            answer = self.get(path, **headers)
            self.assertEqual("application/gpx+xml", answer.type)
            points = list(ElementTree.fromstring(answer.body).iter(GPX + "trkpt"))
            self.assertEqual(100, len(points))
            self.assertEqual({"lat": "48.0010000", "lon": "44.0020000"}, points[1].attrib)
            self.assertEqual("2026-01-01T10:00:10Z", points[1].find(GPX + "time").text)

    def test_gpx_has_decimal_numbers_and_no_line_over_a_gap(self):
        self.device("max")
        self.send("max", *(golden.track(START + second, 1e-6, -1e-7 * second, altitude=1e-9) for second in (1, 601, 1202)))
        gpx = ElementTree.fromstring(self.get("/v1/devices/max/fixes?format=gpx").body)
        self.assertEqual([["-0.0000001", "-0.0000601"], ["-0.0001202"]],
                         [[point.get("lon") for point in segment] for segment in gpx.iter(GPX + "trkseg")])
        self.assertEqual({"0.0000010"}, {point.get("lat") for point in gpx.iter(GPX + "trkpt")})
        self.assertEqual({"0.00"}, {ele.text for ele in gpx.iter(GPX + "ele")})
        self.device("quiet")
        self.assertEqual([], list(ElementTree.fromstring(self.get("/v1/devices/quiet/fixes?format=gpx").body)))

    def test_files_of_any_length(self):
        token, count = self.packwalk.add_device("long"), 25_000
        body = b"".join(golden.track_bytes(START + 2 * second, 48 + second * 1e-5) for second in range(count))
        for at in range(0, len(body), 16 * 5_000):
            self.assertEqual(202, self.packwalk.post(token, body[at:at + 16 * 5_000], BINARY_FORM).status)
        until(lambda: self.get("/v1/devices/long").json["fix_count"] == count, "all are committed", 60)
        gpx = self.get("/v1/devices/long/fixes?format=gpx")
        self.assertNotIn("link", gpx.headers)
        points = [point.find(GPX + "time").text for point in ElementTree.fromstring(gpx.body).iter(GPX + "trkpt")]
        self.assertEqual(count, len(set(points)))
        self.assertEqual(sorted(points), points)
        geojson = self.get("/v1/devices/long/fixes?format=geojson").json
        self.assertEqual([START + 2 * second for second in range(count)],
                         [second_of(feature["properties"]["timestamp"]) for feature in geojson["features"]])
        self.assertIsNone(geojson["next"])
        some = self.get(f"/v1/devices/long/fixes?format=geojson&from={START + 100}&to={START + 20_000}").json
        self.assertEqual(9950, len(some["features"]))
        self.assertEqual(1000, len(self.get("/v1/devices/long/fixes").json["fixes"]), "JSON has pages")
        few = self.get("/v1/devices/long/fixes?format=gpx&limit=1500")
        self.assertEqual(1500, few.body.count(b"<trkpt"))
        self.assertIn("link", few.headers)

    def test_geojson(self):
        features = self.get("/v1/devices/rex/fixes?format=geojson&limit=10").json
        self.assertEqual(10, len(features["features"]))
        self.assertEqual([44.002, 48.001], features["features"][1]["geometry"]["coordinates"])
        self.assertIsNotNone(features["next"])

    def test_bad_parameters_are_named(self):
        for query in ("from=yesterday", "to=1.5s", "from=2026-13-01T00:00:00Z", "limit=0", "cursor=x", "format=kml"):
            self.assert_problem(self.packwalk.get("/v1/devices/rex/fixes?" + query), 400, query.partition("=")[0])


class Messages(QueryTest):
    def setUp(self):
        super().setUp()
        self.device("rex")
        first = [golden.track(START + i) for i in range(20)]
        self.send("rex", *first, *first[:7], *(packet | {"lat": 1} for packet in first[:5]),
                  *(packet | {"lat": 100} for packet in first[:3]))

    def test_by_verdict(self):
        for verdict, count in (("accepted", 20), ("duplicate", 7), ("conflict", 5), ("invalid", 3)):
            for limit in (1, 4, 1000):
                found = self.pages(f"/v1/devices/rex/messages?verdict={verdict}", "messages", limit)
                self.assertEqual([verdict] * count, [message["verdict"] for message in found])

    def test_pages(self):
        everything = self.get("/v1/devices/rex/messages").json["messages"]
        self.assertEqual(35, len(everything))
        self.assertEqual(["verdict", "reason", "hash", "received_at", "transport", "content"], list(everything[0]))
        for limit in (1, 6, 34, 35):
            self.assertEqual(everything, self.pages("/v1/devices/rex/messages", "messages", limit))

    def test_from_either_end(self):
        self.assertEqual(35, len(self.assert_both_orders("/v1/devices/rex/messages", "messages", (1, 6, 35))))
        self.assert_both_orders("/v1/devices/rex/messages?verdict=duplicate", "messages", (2, 7))

    def test_ranges_of_arrival(self):
        count = lambda query: len(self.get("/v1/devices/rex/messages?" + query).json["messages"])
        self.assertEqual(35, count("from=2020-01-01"))
        self.assertEqual(0, count("to=2020-01-01"))
        self.assertEqual(0, count("from=2037-01-01"))
        self.assertEqual(5, count("from=2020-01-01&to=2037-01-01&verdict=conflict"))
        self.assert_problem(self.packwalk.get("/v1/devices/rex/messages?from=2026-01-02&to=2026-01-01"), 400, "from")

    def test_bad_parameters_are_named(self):
        for query in ("verdict=good", "verdict=", "limit=x", "cursor=1", "cursor=x.1", "cursor=1.x", "cursor=."):
            self.assert_problem(self.packwalk.get("/v1/devices/rex/messages?" + query), 400, query.partition("=")[0])


class UnknownParameters(QueryTest):
    def test_are_named_with_those_that_there_are(self):
        self.device("rex")
        for path, known in (("/v1/positions", "bbox, max_age_seconds, limit, cursor, format"), ("/v1/devices/rex", None),
                            ("/v1/devices/rex/position", None),
                            ("/v1/devices/rex/messages", "verdict, from, to, sort, limit, cursor"),
                            ("/v1/devices/rex/fixes", "from, to, sort, limit, cursor, format")):
            self.assert_problem(self.packwalk.get(path + "?limits=1"), 400, "limits")
            self.assert_problem(self.packwalk.get(path + "?&m%61x=1"), 400, "max" if known is None else known)

    def test_the_link_to_the_next_page_is_made_anew_from_the_parameters(self):
        for id in ("rex", "bob"):
            self.device(id)
            self.send(id, golden.TRACK_JSON)
        until(lambda: len(self.get("/v1/positions").json["positions"]) == 2, "both have a position")
        link = self.get("/v1/positions?bbox=-180%2C-90,180,90&limit=1").headers["link"]
        self.assertRegex(link, r'^</v1/positions\?bbox=-180,-90,180,90&limit=1&cursor=[A-Za-z0-9_-]+>; rel="next"$')
        for twice in ("limit=1&limit=>;rel=x,<http://evil/>", "limit=1&limi%74=2"):
            self.assert_problem(self.packwalk.get("/v1/positions?" + twice), 400, "limit")


class Health(QueryTest):
    def test_is_open_to_all(self):
        for path, body in (("/healthz", b"ok\n"), ("/readyz", b"ready\n")):
            answer = self.packwalk.request("GET", path)
            self.assertEqual((200, "text/plain", body), (answer.status, answer.type, answer.body))
            answer = self.packwalk.ops(path)
            self.assertEqual((200, "text/plain", body), (answer.status, answer.type, answer.body))

    def test_figures_are_for_operators_alone(self):
        self.assert_problem(self.packwalk.request("GET", "/metrics"), 404)
        self.assert_problem(self.packwalk.get("/metrics"), 404)
        self.assertEqual(200, self.packwalk.ops("/metrics").status)
        self.assert_problem(self.packwalk.ops("/v1/positions"), 404)

    def packets(self):
        return {tuple(dict(labels)[name] for name in ("kind", "verdict")): value
                for (name, labels), value in self.packwalk.metrics().items()
                if name == "packwalk_packets_total" and value > 0}

    def idle(self):
        metrics = self.packwalk.metrics()
        return all(metrics[name, frozenset()] == 0
                   for name in ("packwalk_queue_messages", "packwalk_queue_bytes", "packwalk_pool_jobs"))

    def test_counters_agree_with_what_was_sent(self):
        self.device("rex")
        self.send("rex", golden.TRACK_JSON, golden.TRACK_JSON, golden.TRACK_JSON | {"lat": 1}, golden.ACTIVITY_JSON,
                  golden.track(START, lat=91))
        self.packwalk.post(self.tokens["rex"], golden.TRACK + golden.WIDE, BINARY_FORM)
        self.packwalk.post(self.tokens["rex"], "broken")
        self.packwalk.messages_when("rex", 8)
        expected = {("track", "accepted"): 2, ("track", "duplicate"): 2, ("track", "conflict"): 1,
                    ("activity", "accepted"): 1, ("none", "invalid"): 2}
        until(lambda: self.packets() == expected, "the counters say the same")
        metrics = self.packwalk.metrics()
        requests = {(dict(labels)["route"], dict(labels)["code"]): value
                    for (name, labels), value in metrics.items() if name == "packwalk_http_requests_total"}
        self.assertEqual(2, requests["/v1/packets", "202"])
        self.assertEqual(1, requests["/v1/packets", "400"])
        self.assertNotIn(("", "413"), requests)
        plain = {name: value for (name, labels), value in metrics.items() if not labels}
        self.assertEqual((1, 1), (plain["packwalk_devices"], plain["packwalk_positions"]))
        self.assertEqual(8, plain["packwalk_commit_messages_sum"])
        self.assertIn("packwalk_queue_oldest_seconds", plain)
        connection = self.packwalk.connect()
        self.addCleanup(connection.close)
        self.packwalk.request("GET", "/healthz", connection=connection)
        self.assertLessEqual(1, self.packwalk.metrics()["packwalk_connections", frozenset({("listener", "http.listen")})])
        self.assertIn("packwalk_commit_seconds_sum", plain)
        until(self.idle, "nothing waits and nothing runs")

    def test_what_is_refused_unread_is_counted(self):
        self.device("rex")
        self.assertEqual(413, self.packwalk.post(self.tokens["rex"], b"x" * (1024 * 1024 + 1)).status)
        self.assertEqual(1, self.packwalk.metrics()[
            "packwalk_http_requests_total", frozenset({("route", ""), ("code", "413")})])

    def test_what_strangers_ask_makes_no_new_series(self):
        for path in ("/x", "/y", "/v1/devices/a", "/v1/devices/b", "/osmand/secret-token"):
            self.packwalk.request("GET", path)
        text = self.packwalk.ops("/metrics").body.decode()
        self.assertTrue(parse_metrics(text))
        self.assertNotIn("secret-token", text)
        self.assertNotIn("/x", text)


if __name__ == "__main__":
    unittest.main()
