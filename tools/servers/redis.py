"""Redis, which keeps nothing on disk."""
from .server import Server


class Redis(Server):
    name = "Redis"
    variable = "PACKWALK_TEST_REDIS"

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def command(self):
        return ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
