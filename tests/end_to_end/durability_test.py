"""A packet's 202 is sent after its bytes are on disk: seen in the system calls, where they can be watched."""
import contextlib
import re
import shutil
import signal
import sqlite3
import subprocess
import unittest

import golden
from packwalk_process import BINARY, BINARY_FORM, PackwalkTest, environment, run, until


DURABLE = re.compile(r"\.journal>|packwalk\.db-wal>")


class Backup(PackwalkTest):
    """As the README says."""

    def restored(self, backup):
        """The fixes of rex in a server that has the backup."""
        restored = self.server(backup.name).start()
        self.assertNotIn("admin_token_made", restored.log())
        fixes = len(restored.get("/v1/devices/rex/fixes").json["fixes"])
        restored.stop()
        self.assertEqual(0, run("check", "--data", backup).returncode)
        return fixes

    def test_a_copy_of_a_stopped_folder_has_everything(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        for timestamp in range(golden.START, golden.START + 20):
            self.assertEqual(202, packwalk.post(token, golden.track_bytes(timestamp), BINARY_FORM).status)
        packwalk.stop()
        subprocess.run(["cp", "-a", f"{packwalk.data}/.", f"{self.folder}/backup/"], check=True)
        self.assertEqual(20, self.restored(self.folder / "backup"))

    def test_a_backup_by_sqlite_beside_a_running_server_is_whole(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        self.assertEqual(202, packwalk.post(token, golden.TRACK, BINARY_FORM).status)
        packwalk.messages_when("rex", 1)
        backup = self.folder / "backup"
        backup.mkdir()
        with contextlib.closing(sqlite3.connect(packwalk.data / "packwalk.db")) as source:
            with contextlib.closing(sqlite3.connect(backup / "packwalk.db")) as target:
                source.backup(target)
        shutil.copy2(packwalk.data / "admin.token", backup)
        self.assertEqual(202, packwalk.post(token, golden.track_bytes(golden.START + 99), BINARY_FORM).status)
        self.assertEqual(1, self.restored(backup))


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
        """Between two answers a file is written, the queue's or the database's log, and then flushed. Analysis may write to
        the database's log again before the answer."""
        written, flushed, flushing, confirmed = set(), set(), {}, 0
        for call in calls:
            thread = call.split()[0]
            file = DURABLE.search(call)
            if "pwrite64(" in call and file:
                written.add(file[0])
            if "fdatasync(" in call:
                flushing[thread] = file and file[0] in written
            if "fdatasync" in call and call.endswith("= 0") and flushing.get(thread):
                flushed.add(thread)
            if "HTTP/1.1 202" in call:
                self.assertTrue(flushed, call)
                written, flushed, flushing = set(), set(), {}
                confirmed += 1
        self.assertEqual(20, confirmed)


class NewFolder(PackwalkTest):
    def test_and_those_above_it_have_their_names_on_disk(self):
        if not shutil.which("strace"):
            self.skipTest("there is no strace")
        calls = self.folder / "calls"
        data = self.folder / "new" / "data"
        traced = subprocess.run(["strace", "-f", "-y", "-e", "trace=mkdir,mkdirat,fsync", "-o", calls, BINARY, "device", "add",
                                 "rex", "--data", data], env=environment(), capture_output=True, text=True, timeout=60)
        if traced.returncode != 0 and "ptrace" in traced.stderr:
            self.skipTest("processes cannot be watched here")
        self.assertEqual(0, traced.returncode, traced.stderr)
        seen = calls.read_text().splitlines()
        for made in (data.parent, data):
            at = next(i for i, call in enumerate(seen) if "mkdir" in call and f'"{made}"' in call)
            self.assertTrue([call for call in seen[at:] if "fsync(" in call and f"<{made.parent}>" in call], seen)


if __name__ == "__main__":
    unittest.main()
