"""HAProxy: one address before gateways and api nodes."""
from .server import Server

DOORS = ("/v1/packets", "/osmand", "/owntracks", "/overland")  # what devices post to


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
        def backend(name, servers):
            return [f"backend {name}", "  option httpchk GET /readyz",
                    *(f"  server {name}{i} {host}:{port} check inter 200ms" for i, (host, port) in enumerate(servers))]

        (self.folder / "haproxy.cfg").write_text("\n".join([
            "defaults", "  mode http", "  balance roundrobin", "  timeout connect 5s", "  timeout client 60s",
            "  timeout server 60s", "  option redispatch", "  retries 3",
            "frontend all", f"  bind 127.0.0.1:{self.port}",
            f"  use_backend gateway if {{ path_beg {' '.join(DOORS)} }}", "  default_backend api",
            *backend("gateway", self.gateways), *backend("api", self.apis), ""]))

    def command(self):
        return ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"]
