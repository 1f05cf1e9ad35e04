"""The configuration of HAProxy that is shipped sends what devices send to the gateways, however they spell its address."""
import contextlib
import http.client
import http.server
import threading
import unittest

from packwalk_process import PackwalkTest, until
from servers.haproxy import HaProxy

TOKEN = "pw_" + "x" * 32
BLANKS = ("%20", "%09", "%0A", "%0a", "%0D", "%0d", "%0D%0A")


class Backend:
    """Answers everything with its name."""

    def __init__(self, test, name):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = name.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # who looks whether it is alive hangs up
                    self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)

    @property
    def address(self):
        return self.server.server_address


class HaProxyConfiguration(PackwalkTest):
    def setUp(self):
        super().setUp()
        self.proxy = HaProxy(self.folder / "haproxy", [Backend(self, "gateway").address], [Backend(self, "api").address])
        self.addCleanup(self.proxy.kill)
        self.proxy.start()
        self.proxy.wait()
        until(lambda: self.asked("/osmand") == "gateway" and self.asked("/v1/devices") == "api", "both are up", 30)

    def asked(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=20)
        try:
            connection.request(method, path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def test_doors_are_found_with_every_blank_beside_them(self):
        for door in ("/osmand", "/owntracks", "/overland", "/pub", "/v1/packets", f"/osmand/{TOKEN}"):
            for blank in BLANKS:
                for spelled in (door + blank, door + "/" + blank, "/" + blank + door, "/" + blank + door[1:],
                                door + blank + "/", "/" + door, door + "//"):
                    self.assertEqual("gateway", self.asked(spelled + "?lat=1&lon=2", "POST"), spelled)
        for blank in BLANKS:
            for spelled in ("/", "/" + blank, "//" + blank + "/"):
                self.assertEqual("gateway", self.asked(spelled + f"?id={TOKEN}", "POST"), spelled)

    def test_questions_go_to_the_apis(self):
        for path in ("/v1/positions", "/v1/devices/osmand/position", "/v1/packets2", "/osmander", "/x/osmand", "/%41osmand"):
            self.assertEqual("api", self.asked(path), path)


if __name__ == "__main__":
    unittest.main()
