#!/usr/bin/env python3
"""Runs a command beside real servers on free loopback ports in a temporary folder, and ends them.

with_servers.py [--durable] COMMAND [ARGUMENT ..]

The command finds them in its environment: PACKWALK_TEST_POSTGRES, the url of a database that it may fill;
PACKWALK_TEST_RABBITMQ, PACKWALK_TEST_REDIS and PACKWALK_TEST_CLICKHOUSE, the urls of a broker, a Redis and a
ClickHouse. With --durable PostgreSQL flushes, as it must in production and need not in tests.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from servers.clickhouse import ClickHouse
from servers.postgres import Postgres
from servers.rabbitmq import PortMapper, RabbitMq
from servers.redis import Redis


def end(child):
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def leave(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not keep us from ending the servers
    sys.exit(143)


def main(command):
    durable = command[:1] == ["--durable"]
    command = command[1:] if durable else command
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, leave)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-servers-"))
    folder.chmod(0o755)
    mapper = PortMapper(folder / "epmd")
    rabbitmq = RabbitMq(folder / "rabbitmq", mapper)
    servers = [mapper, ClickHouse(folder / "clickhouse"), Redis(folder / "redis"),
               Postgres(folder / "postgres", durable=durable), rabbitmq]
    try:
        mapper.start()
        mapper.wait()
        for server in servers[1:]:
            server.start()
        for server in servers[1:]:
            server.wait()
        urls = {server.variable: server.url for server in servers if server.variable}
        child = subprocess.Popen(command, env=os.environ | urls)
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
        rabbitmq.kill()  # nothing of it is kept, and its orderly end takes seconds
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
