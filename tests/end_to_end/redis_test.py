"""Redis behind TLS, and a Redis that stands still: nothing is told to a stranger, and nobody waits for it."""
import subprocess
import time
import unittest

import golden
from packwalk_process import BINARY_FORM, SLOWNESS, run, until
from servers.redis import Redis
from spine import SpineTest


class _TlsRedis(Redis):
    """Listens with TLS alone, and has a certificate for 127.0.0.1 that `authority` in its folder has signed."""

    def __init__(self, folder):
        super().__init__(folder)
        self.authority = folder / "authority.crt"

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def prepare(self):
        of_curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        for name in ("authority", "other"):
            self.openssl("req", "-x509", *of_curve, "-days", 2, "-subj", f"/CN={name}", "-keyout", self.folder / f"{name}.key",
                         "-out", self.folder / f"{name}.crt")
        (self.folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        self.openssl("req", *of_curve, "-subj", "/CN=cache", "-keyout", self.folder / "server.key", "-out",
                     self.folder / "server.csr")
        self.openssl("x509", "-req", "-in", self.folder / "server.csr", "-CA", self.authority, "-CAkey",
                     self.folder / "authority.key", "-CAcreateserial", "-days", 2, "-extfile", self.folder / "names", "-out",
                     self.folder / "server.crt")

    @property
    def url(self):
        return f"rediss://packwalk:secret@127.0.0.1:{self.port}"

    def command(self):
        return ["redis-server", "--port", 0, "--tls-port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--tls-cert-file", self.folder / "server.crt", "--tls-key-file", self.folder / "server.key",
                "--tls-ca-cert-file", self.authority, "--tls-auth-clients", "no",
                "--user", "packwalk", "on", ">secret", "+@all", "~*", "&*"]

    def ask(self, *words):
        return subprocess.run(["redis-cli", "--tls", "--cacert", self.authority, "-h", "127.0.0.1", "-p", str(self.port), "--user",
                               "packwalk", "--pass", "secret", "--no-auth-warning", *words], check=True, capture_output=True,
                              text=True).stdout


class RedisOfOurOwn(SpineTest):
    def setUp(self):
        super().setUp()
        self.redis = _TlsRedis(self.folder / "redis")
        self.redis.start()
        self.addCleanup(self.redis.kill)
        self.addCleanup(self.redis.resume)
        self.redis.wait()
        self.settings |= {"PACKWALK_BUS_URL": self.redis.url, "PACKWALK_BUS_CA_FILE": str(self.redis.authority),
                          "PACKWALK_CACHE_URL": self.redis.url, "PACKWALK_CACHE_CA_FILE": str(self.redis.authority)}

    def post(self, number):
        answer = self.gateway.post(self.token, golden.track_bytes(golden.START + number, 1, 2), BINARY_FORM)
        self.assertEqual(202, answer.status)

    def start_all(self):
        (_, self.token), = self.add_devices(1)
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        self.until_ready(self.gateway, self.worker, self.api)

    def calls(self, command):
        stats = dict(line.strip().split(":", 1) for line in self.redis.ask("INFO", "commandstats").splitlines() if ":" in line)
        return int(dict(pair.split("=") for pair in stats.get(f"cmdstat_{command}", "calls=0").split(","))["calls"])

    def test_tells_positions_and_keys_over_tls(self):
        self.start_all()
        channel = self.settings["PACKWALK_BUS_CHANNEL"]
        until(lambda: self.redis.ask("PUBSUB", "NUMSUB", channel).split() == [channel, "1"], "the api listens")
        self.post(1)
        until(lambda: self.calls("publish") > 0, "the worker tells positions")
        until(lambda: self.calls("bitfield") > 0, "the worker tells keys")
        until(lambda: self.api.metrics()["packwalk_positions", frozenset()] == 1, "the api hears them")

    def test_is_believed_only_with_a_certificate_of_the_authority_and_for_its_name(self):
        other = self.folder / "redis" / "other.crt"
        for url, authority, what in (
                (self.redis.url, self.redis.authority, None),
                (self.redis.url, other, "certificate"),
                (self.redis.url.replace("127.0.0.1", "localhost"), self.redis.authority, "certificate"),
                (self.redis.url, self.folder / "nothing", "CA bundle"),
                (self.redis.url.replace("rediss", "redis"), self.redis.authority, "Redis")):
            settings = self.settings | {"PACKWALK_BUS_URL": url, "PACKWALK_BUS_CA_FILE": str(authority)}
            said = [line for line in run("doctor", "--data", self.folder, env=settings).stdout.splitlines() if "Redis" in line]
            works = any("answers at" in line for line in said)
            self.assertEqual(what is None, works, said)
            self.assertNotIn("secret", "".join(said))
            if what:
                self.assertIn(what, "".join(said))

    def test_that_stands_still_holds_up_no_commit_and_no_end(self):
        self.start_all()
        self.post(1)
        until(lambda: self.database_rows("SELECT 1 FROM fixes"), "it is committed")
        self.redis.pause()
        for number in range(2, 6):
            self.post(number)
            until(lambda: self.database_rows(f"SELECT 1 FROM fixes WHERE timestamp = {golden.START + number}"),
                  "it is committed all the same", 5)
            self.assertTrue(self.is_ready(self.worker))
        until(lambda: self.api.request("GET", "/readyz").status == 200, "the api is ready")
        for server in (self.worker, self.api):
            began = time.monotonic()
            self.assertEqual(0, server.stop())
            self.assertLess(time.monotonic() - began, 12 * SLOWNESS)


if __name__ == "__main__":
    unittest.main()
