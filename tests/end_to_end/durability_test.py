"""A packet's 202 is sent after its bytes are on disk: seen in the system calls, where they can be watched."""
import re
import shutil
import signal
import subprocess
import unittest

import golden
from packwalk_process import BINARY_FORM, PackwalkTest, until


DURABLE = re.compile(r"\.journal>|packwalk\.db-wal>")


class Order(PackwalkTest):
    def test_written_then_flushed_then_confirmed(self):
        if not shutil.which("strace"):
            self.skipTest("there is no strace")
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        calls = self.folder / "calls"
        traced = "trace=pwrite64,fdatasync,sendmsg,sendto,write"
        watcher = subprocess.Popen(["strace", "-f", "-y", "-s", "200", "-e", traced, "-o", calls, "-p",
                                    str(packwalk.process.pid)], stderr=subprocess.PIPE, text=True)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        self.addCleanup(watcher.stderr.close)
        if "attached" not in watcher.stderr.readline():
            self.skipTest("processes cannot be watched here")
        for timestamp in range(golden.START, golden.START + 20):
            record = golden.track_bytes(timestamp)
            self.assertEqual(202, packwalk.post(token, record, BINARY_FORM).status)
        until(lambda: calls.read_text().count("HTTP/1.1 202") == 20, "all answers were seen")
        watcher.send_signal(signal.SIGINT)
        watcher.wait()
        self.check(calls.read_text().splitlines())

    def check(self, calls):
        """Between two answers a file is written, the queue's or the database's log, and then flushed."""
        written, flushed, flushing, confirmed = set(), set(), {}, 0
        for call in calls:
            thread = call.split()[0]
            file = DURABLE.search(call)
            if "pwrite64(" in call and file:
                written.add(file[0])
                flushed.discard(file[0])
            if "fdatasync(" in call and file:
                flushing[thread] = file[0]
            if "fdatasync" in call and call.endswith("= 0") and flushing.get(thread) in written:
                flushed.add(flushing[thread])
            if "HTTP/1.1 202" in call:
                self.assertTrue(flushed, call)
                written, flushed = set(), set()
                confirmed += 1
        self.assertEqual(20, confirmed)


if __name__ == "__main__":
    unittest.main()
