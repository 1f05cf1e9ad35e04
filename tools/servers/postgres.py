"""PostgreSQL."""
import glob
import os
import pathlib
import signal
import subprocess
import time

from .server import Server, answers, as_user, give_to, is_there, tell_family


def bin_folder():
    return pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])


LOCKED_USER = "locked"


class Postgres(Server):
    """A cluster of its own, whose superuser is `packwalk`. Nobody needs a password but `locked`, whom a test may make.

    `wrapper` is a command that runs it. Unless it is to be `durable` it does not flush: its files outlive every process, and that is all that tests end.
    """

    name = "PostgreSQL"
    variable = "PACKWALK_TEST_POSTGRES"
    stop_signal = signal.SIGINT

    def __init__(self, folder, port=None, durable=False, wrapper=()):
        super().__init__(folder, port)
        self.wrapper = list(wrapper)
        self.bin = bin_folder()
        self.settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
                         "max_connections": 200, "max_wal_size": "4GB", "max_locks_per_transaction": 256}
        if not durable:
            self.settings |= {"fsync": "off", "full_page_writes": "off"}

    @property
    def url(self):
        return f"postgresql://packwalk@127.0.0.1:{self.port}/postgres"

    def prepare(self):
        give_to(self.folder, "postgres")
        self.run(as_user("postgres") + [self.bin / "initdb", "-D", self.folder, "-U", "packwalk", "-A", "trust", "-E",
                                        "UTF8", "--locale=C.UTF-8", "--no-sync"])
        rules = self.folder / "pg_hba.conf"
        rules.write_text(f"host all {LOCKED_USER} all scram-sha-256\n" + rules.read_text())

    def command(self):
        return as_user("postgres") + self.wrapper + [self.bin / "postgres", "-D", self.folder] + [
            f"--{name}={value}" for name, value in self.settings.items()]

    def is_ready(self):
        """Serves questions."""
        return answers(self.port) and self.sql("SELECT 1")

    def replica(self, folder):
        """A streaming replica of this one, which must be running."""
        return Replica(folder, self)

    def signal(self, number):
        if self.process and self.process.poll() is None:
            self.told = tell_family(self.process.pid, number)

    def kill(self):
        """It can start again when the last of its processes has let go of the memory that they share."""
        self.told = []
        super().kill()
        while any(map(is_there, self.told)):
            time.sleep(0.01)

    def sql(self, statement):
        """Whether a statement succeeds."""
        command = [self.bin / "psql", "-X", "-q", "-d", self.url, "-v", "ON_ERROR_STOP=1", "-c", statement]
        return subprocess.run(command, env=os.environ | {"PGCONNECT_TIMEOUT": "5"}, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0


class Replica(Postgres):
    """Follows a primary, and answers questions."""

    variable = None

    def __init__(self, folder, primary):
        super().__init__(folder)
        self.primary = primary

    def prepare(self):
        give_to(self.folder, "postgres")
        self.folder.chmod(0o700)
        self.run(as_user("postgres") + [self.bin / "pg_basebackup", "-D", self.folder, "-R", "--no-sync", "-c", "fast",
                                        "-d", self.primary.url.replace("/postgres", "")])
