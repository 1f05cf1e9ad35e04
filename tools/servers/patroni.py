"""A PostgreSQL that Patroni runs: one of several nodes, of which one leads and another follows synchronously."""
import contextlib
import json
import urllib.error
import urllib.request

from .postgres import bin_folder
from .server import Server, as_user, free_port, give_to, tell_family

AGREED = {  # by all nodes; of the first that comes
    "ttl": 20, "loop_wait": 3, "retry_timeout": 5, "synchronous_mode": True,
    "postgresql": {"use_pg_rewind": True, "parameters": {
        "max_connections": 100, "max_locks_per_transaction": 256}}}


class Patroni(Server):
    """Patroni and its PostgreSQL die and stand still together, as with their machine."""

    name = "Patroni"

    def __init__(self, folder, etcd):
        super().__init__(folder)
        self.etcd, self.rest_port = etcd, free_port()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def prepare(self):
        trust = [f"{kind} {database} all {place} trust" for kind, database, place in (
            ("local", "all", ""), ("host", "all", "127.0.0.1/32"), ("host", "replication", "127.0.0.1/32"))]
        rest = f"127.0.0.1:{self.rest_port}"
        config = {
            "scope": "packwalk", "name": self.folder.name, "restapi": {"listen": rest, "connect_address": rest},
            "etcd3": {"host": f"127.0.0.1:{self.etcd.port}"},
            "bootstrap": {"dcs": AGREED, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
            "postgresql": {
                "listen": self.address, "connect_address": self.address, "data_dir": str(self.folder / "data"),
                "bin_dir": str(bin_folder()), "pgpass": str(self.folder / "pgpass"), "pg_hba": trust,
                "parameters": {"unix_socket_directories": str(self.folder)},
                "authentication": {"superuser": {"username": "packwalk"}, "replication": {"username": "replicator"}}}}
        (self.folder / "patroni.json").write_text(json.dumps(config))
        give_to(self.folder, "postgres")

    def command(self):
        return as_user("postgres") + ["patroni", self.folder / "patroni.json"]

    def signal(self, number):
        super().signal(number)
        with contextlib.suppress(OSError, ValueError):  # its PostgreSQL is nobody's child
            tell_family(int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0]), number)

    def is_(self, role):
        """Whether it is `health`y, `primary` or `synchronous` replica."""
        with contextlib.suppress(OSError, urllib.error.URLError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.rest_port}/{role}", timeout=5).status == 200
        return False

    def is_ready(self):
        return self.is_("health")
