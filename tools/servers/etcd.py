"""etcd, in which the nodes of Patroni agree who leads: one node, as its own loss is not what is tested."""
from .server import Server, free_port


class Etcd(Server):
    name = "etcd"

    def __init__(self, folder):
        super().__init__(folder)
        self.peer_url = f"http://127.0.0.1:{free_port()}"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        return ["etcd", "--data-dir", self.folder, "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                "--initial-cluster", f"default={self.peer_url}", "--log-level", "warn"]
