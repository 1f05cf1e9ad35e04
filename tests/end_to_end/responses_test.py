"""How responses fit their callers: request ids, gzip, and pages of other origins."""
import gzip
import json
import unittest
import xml.etree.ElementTree as ElementTree

import golden
from packwalk_process import PackwalkTest, bearer, until

PAGE = "https://map.example"


class Responses(PackwalkTest):
    def serve_with(self, **settings):
        self.packwalk = self.serve(env={"PACKWALK_" + name: value for name, value in settings.items()})

    def test_request_id(self):
        self.serve_with(LOG_LEVEL="debug", LOG_FORMAT="json")
        given = self.packwalk.get("/v1/positions?limit=7", {"X-Request-Id": "from-a-proxy.7"})
        self.assertEqual("from-a-proxy.7", given.headers["x-request-id"])
        made = self.packwalk.request("GET", "/v1/positions", headers={"X-Request-Id": 'x" level="error'})
        self.assertEqual(401, made.status, made)
        self.assertRegex(made.headers["x-request-id"], "^[0-9a-v]{13}$")

        def lines():
            read = [json.loads(line) for line in self.packwalk.log().splitlines()]
            return {line["request_id"]: line for line in read if line["event"] == "answered"}

        until(lambda: {"from-a-proxy.7", made.headers["x-request-id"]} <= set(lines()), "a line per request")
        line = lines()["from-a-proxy.7"]
        self.assertEqual(("GET", "/v1/positions", 200), (line["method"], line["route"], line["status"]))
        self.assertNotIn("limit=7", self.packwalk.log(), "a path may hold a token")
        self.assertEqual(401, lines()[made.headers["x-request-id"]]["status"])

    def test_gzip(self):
        self.serve_with()
        token = self.packwalk.add_device("rex")
        packets = [golden.track(golden.START + i, 50 + i / 10_000, 50) for i in range(900)]
        self.assertEqual(202, self.packwalk.post(token, packets).status)
        self.packwalk.messages_when("rex", 900)
        for path in ("/v1/devices/rex/fixes?limit=900", "/v1/devices/rex/fixes?format=gpx"):
            plain = self.packwalk.get(path)
            self.assertNotIn("content-encoding", plain.headers)
            packed = self.packwalk.get(path, {"Accept-Encoding": "br, gzip;q=0.5"})
            self.assertEqual("gzip", packed.headers["content-encoding"])
            self.assertLess(len(packed.body), len(plain.body) / 4)
            for answer in (plain, packed):
                self.assertEqual("Accept, Accept-Encoding", answer.headers["vary"])
            text = gzip.decompress(packed.body)
            if "gpx" in path:
                self.assertEqual(len(ElementTree.fromstring(plain.body)), len(ElementTree.fromstring(text)))
            else:
                self.assertEqual(900, len(json.loads(text)["fixes"]))
        refused = self.packwalk.get("/v1/nothing", {"Accept-Encoding": "gzip"})
        self.assertEqual((404, None), (refused.status, refused.headers.get("content-encoding")), "it is short")

    def test_file_that_the_caller_has(self):
        self.serve_with()
        first = self.packwalk.request("GET", "/openapi.yaml")
        self.assertEqual((200, "no-cache"), (first.status, first.headers["cache-control"]), first)
        packed = self.packwalk.request("GET", "/openapi.yaml", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(first.body, gzip.decompress(packed.body))
        self.assertEqual(str(len(packed.body)), packed.headers["content-length"])
        for method in ("GET", "HEAD"):
            again = self.packwalk.request(method, "/openapi.yaml", headers={"If-None-Match": packed.headers["etag"]})
            self.assertEqual((304, b""), (again.status, again.body), again)
            self.assertEqual(first.headers["etag"], again.headers["etag"])

    def test_list_that_the_caller_has(self):
        self.serve_with()
        self.packwalk.add_device("rex")
        path = "/v1/devices/rex/tracks"
        first = self.packwalk.get(path)
        self.assertEqual((200, "private, no-cache"), (first.status, first.headers["cache-control"]), first)
        again = self.packwalk.get(path, {"If-None-Match": first.headers["etag"]})
        self.assertEqual((304, b""), (again.status, again.body), again)
        fixes = self.packwalk.get("/v1/devices/rex/fixes")
        self.assertNotIn("etag", fixes.headers)
        self.assertIn("Accept", fixes.headers["vary"].split(", "))

    def test_no_other_origin_by_default(self):
        self.serve_with()
        answer = self.packwalk.get("/v1/positions", {"Origin": PAGE})
        self.assertEqual([], [name for name in answer.headers if name.startswith("access-control")])

    def test_named_origins(self):
        self.serve_with(HTTP_ALLOW_ORIGINS=PAGE)
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        preflight = self.packwalk.request("OPTIONS", "/v1/positions", headers=asked)
        self.assertEqual(204, preflight.status, preflight)
        self.assertIn("GET", preflight.headers["access-control-allow-methods"])
        self.assertIn("authorization", preflight.headers["access-control-allow-headers"].lower())
        for answer in (preflight, self.packwalk.get("/v1/positions", {"Origin": PAGE}),
                       self.packwalk.request("GET", "/v1/positions", headers={"Origin": PAGE} | bearer("wrong"))):
            self.assertEqual(PAGE, answer.headers["access-control-allow-origin"], answer)
            self.assertIn("Origin", answer.headers["vary"])
        other = self.packwalk.get("/v1/positions", {"Origin": PAGE + ".evil"})
        self.assertNotIn("access-control-allow-origin", other.headers)

    def test_wrong_origins(self):
        server = self.server(env={"PACKWALK_HTTP_ALLOW_ORIGINS": PAGE + "/"})
        with self.assertRaises(Exception):
            server.start()
        self.assertIn("PACKWALK_HTTP_ALLOW_ORIGINS must be * or origins", server.log())


if __name__ == "__main__":
    unittest.main()
