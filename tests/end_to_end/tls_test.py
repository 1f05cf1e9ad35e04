"""PostgreSQL with TLS: a server without a valid certificate gets no packets."""
import subprocess
import unittest

from packwalk_process import PackwalkTest, run
from servers.postgres import Postgres
from servers.server import give_to


class Tls(PackwalkTest):
    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def authority(self, name):
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj",
                     f"/CN={name}", "-keyout", key, "-out", certificate)
        return key, certificate

    def test_the_server_must_have_a_certificate_of_the_authority_and_for_its_name(self):
        self.folder.chmod(0o755)
        ca_key, ca = self.authority("authority")
        _, other_ca = self.authority("other")
        key, request, certificate = (self.folder / f"server.{end}" for end in ("key", "csr", "crt"))
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=database",
                     "-keyout", key, "-out", request)
        names = self.folder / "names"
        names.write_text("subjectAltName=IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 2,
                     "-extfile", names, "-out", certificate)
        key.chmod(0o600)
        give_to(key, "postgres")
        server = Postgres(self.folder / "postgres")
        server.settings |= {"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key}
        self.addCleanup(server.kill)
        server.start()
        server.wait()
        for host, authority, works in (("127.0.0.1", ca, True), ("127.0.0.1", other_ca, False), ("localhost", ca, False)):
            url = server.url.replace("127.0.0.1", host) + f"?sslmode=verify-full&sslrootcert={authority}"
            migrated = run("migrate", "--data", self.folder, env={"PACKWALK_STORE_URL": url})
            self.assertEqual(0 if works else 1, migrated.returncode, migrated.stderr)
            if not works:
                self.assertIn("certificate", migrated.stderr)


if __name__ == "__main__":
    unittest.main()
