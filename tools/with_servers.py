#!/usr/bin/env python3
"""Runs a command beside real servers on free loopback ports in a temporary folder, and ends them.

with_servers.py COMMAND [ARGUMENT ..]

The command finds them in its environment: PACKWALK_TEST_POSTGRES, the url of a database that it may fill;
PACKWALK_TEST_RABBITMQ and PACKWALK_TEST_REDIS, the urls of a broker and of a Redis.
"""
import contextlib
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

READY_SECONDS = 60


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def as_user(name):
    """What stands before a command that must not run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid", name, "--regid", name, "--init-groups"]


def wait_until(ready, process, what):
    end = time.monotonic() + READY_SECONDS
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what} is not ready after {READY_SECONDS} s")
        time.sleep(0.05)


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Postgres:
    """A cluster of its own. It does not flush: its files outlive every process, and that is all that tests end."""

    def __init__(self, folder):
        self.folder, self.port = folder / "postgres", free_port()
        self.bin = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.process = None

    def start(self):
        self.folder.mkdir()
        log = self.folder.with_suffix(".log")
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        run(as_user("postgres") + [self.bin / "initdb", "-D", self.folder, "-U", "packwalk", "-A", "trust", "-E", "UTF8",
                                   "--locale=C.UTF-8", "--no-sync"], log)
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder,
                    "fsync": "off", "full_page_writes": "off", "max_connections": 200, "max_wal_size": "4GB",
                    "max_locks_per_transaction": 256,
                    # Else each new connection loads it, which takes longer than the rest of most tests.
                    "shared_preload_libraries": "postgis-3"}
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                as_user("postgres") + [self.bin / "postgres", "-D", self.folder] +
                [f"--{name}={value}" for name, value in settings.items()], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out)
        return {"PACKWALK_TEST_POSTGRES": f"postgresql://packwalk@127.0.0.1:{self.port}/postgres"}

    def wait(self):
        wait_until(lambda: answers(self.port) and self.sql("SELECT 1", check=False) == 0, self.process, "PostgreSQL")
        self.sql("CREATE EXTENSION postgis")

    def sql(self, text, check=True):
        return subprocess.run([self.bin / "psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "packwalk",
                               "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", text], check=check,
                              stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL).returncode

    def stop(self):
        end(self.process, signal.SIGINT)


class RabbitMq:
    """A broker of one node, with a port mapper and a cookie of its own."""

    def __init__(self, folder):
        self.folder, self.port = folder / "rabbitmq", free_port()
        self.mapper_port, self.node_port = free_port(), free_port()
        self.mapper = self.process = None

    def start(self):
        self.folder.mkdir()
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "loopback_users = none\n"
            "vm_memory_high_watermark.absolute = 1GiB\n"
            "disk_free_limit.absolute = 100MB\n"
            "log.console = true\nlog.console.level = warning\nlog.file = false\n")
        environment = dict(os.environ) | {
            "HOME": str(self.folder), "ERL_CRASH_DUMP": str(self.folder / "crash.dump"),
            "ERL_EPMD_PORT": str(self.mapper_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"packwalk{self.port}@localhost", "RABBITMQ_DIST_PORT": str(self.node_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"), "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none"}
        with open(self.folder.with_suffix(".log"), "ab") as out:
            epmd = sorted(glob.glob("/usr/lib/erlang/erts-*/bin/epmd"))[-1]
            self.mapper = subprocess.Popen([epmd, "-port", str(self.mapper_port), "-address", "127.0.0.1"],
                                           stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            wait_until(lambda: answers(self.mapper_port), self.mapper, "the port mapper of RabbitMQ")
            self.process = subprocess.Popen(["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        return {"PACKWALK_TEST_RABBITMQ": f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"}

    def wait(self):
        wait_until(lambda: answers(self.port), self.process, "RabbitMQ")

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)  # nothing of it is kept
            self.process.wait()
        end(self.mapper)


class Redis:
    def __init__(self, folder):
        self.folder, self.port = folder / "redis", free_port()
        self.process = None

    def start(self):
        with open(self.folder.with_suffix(".log"), "ab") as out:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        return {"PACKWALK_TEST_REDIS": f"redis://127.0.0.1:{self.port}"}

    def wait(self):
        wait_until(lambda: answers(self.port), self.process, "Redis")

    def stop(self):
        end(self.process)


def run(command, log):
    with open(log, "ab") as out:
        subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def end(process, how=signal.SIGTERM):
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def leave(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not keep us from ending the servers
    sys.exit(143)


def main(command):
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, leave)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-servers-"))
    folder.chmod(0o755)
    servers = [RabbitMq(folder), Redis(folder), Postgres(folder)]
    try:
        environment = dict(os.environ)
        for server in servers:
            environment |= server.start()
        for server in servers:
            server.wait()
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        finally:
            end(child)
    except RuntimeError as error:
        print(f"with_servers: {error}", file=sys.stderr)
        for log in folder.glob("*.log"):
            print(f"-- {log.name}\n" + log.read_text(errors="replace")[-3000:], file=sys.stderr)
        return 1
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
