"""A server that runs out of memory, and a command that must not. Not under a sanitizer, which reserves more than there is."""
import http.client
import resource
import subprocess
import unittest

from connections_test import BODY, ConnectionTest
from packwalk_process import BINARY, PackwalkTest, environment, until


class LittleMemory(ConnectionTest):
    ENV = {"PACKWALK_HTTP_BODIES_BYTES_MAX": "4000000000"}  # so that nothing else stops them

    def test_that_runs_out_ends_single_connections(self):
        with open(f"/proc/{self.packwalk.process.pid}/status") as status:
            size = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmSize"))
        resource.prlimit(self.packwalk.process.pid, resource.RLIMIT_AS, (size + 50_000_000, resource.RLIM_INFINITY))
        devices = self.packwalk.add_devices(100)  # each may hold a request of the greatest size
        until(lambda: self.packwalk.post(devices[-1][1], "[]").status != 401, "the devices are known")
        connections = []
        for number in range(300):
            connections.append(self.open())
            self.token = devices[number % len(devices)][1]
            try:
                connections[-1].sendall(self.head(1_048_576) + b"x" * 1_040_000)
            except (BrokenPipeError, ConnectionResetError):
                pass
            if b"bad_alloc" in self.packwalk.log_path.read_bytes():
                break
        until(lambda: b"bad_alloc" in self.packwalk.log_path.read_bytes(), "there is no memory for all of them")
        for connection in connections:
            connection.close()
        self.assertIn('method=POST route=/v1/packets address=127.0.0.1', self.packwalk.log())

        def is_taken():
            try:
                return self.packwalk.post(self.token, BODY).status == 202
            except (OSError, http.client.HTTPException):  # while memory is still short
                return False

        until(is_taken, "packets are taken")


class Pipes(PackwalkTest):
    def test_reads_no_more_of_a_pipe_than_fits_into_memory(self):
        def scarce():
            resource.setrlimit(resource.RLIMIT_AS, (2 ** 30, 2 ** 30))
        for arguments, stdin in ((["/dev/zero"], subprocess.DEVNULL), (["-"], open("/dev/zero", "rb"))):
            if arguments == ["-"]:
                self.addCleanup(stdin.close)
            ran = subprocess.run([BINARY, "analyse", *arguments], stdin=stdin, capture_output=True, timeout=60, env=environment(),
                                 preexec_fn=scarce)
            self.assertEqual(1, ran.returncode)
            self.assertIn(b": is more than 256 MiB, which is too large for a pipe on this machine. Give the input as a file\n", ran.stderr)


if __name__ == "__main__":
    unittest.main()
