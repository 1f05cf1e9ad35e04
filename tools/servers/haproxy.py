"""HAProxy with the configuration that is shipped: one address before gateways and api nodes."""
from .server import Server
from .shipped import shipped


def servers(name, addresses):
    return "\n".join(f"  server {name}{i} {host}:{port}" for i, (host, port) in enumerate(addresses))


class HaProxy(Server):
    """Sends what devices post to `gateways`, and all else to `apis`: lists of (host, port). Each gets what it can serve."""

    name = "HAProxy"

    def __init__(self, folder, gateways, apis):
        super().__init__(folder)
        self.gateways, self.apis = gateways, apis

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def prepare(self):
        (self.folder / "haproxy.cfg").write_text(shipped("haproxy/haproxy.cfg", {
            "log /dev/log local0": "log stdout format raw local0",  # into self.log
            "bind :443 ssl crt .*": f"bind 127.0.0.1:{self.port}",
            "check inter 2s": "check inter 200ms",
            "  server gateway1 .*": servers("gateway", self.gateways),
            "  server api1 .*": servers("api", self.apis)}))

    def command(self):
        return ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"]
