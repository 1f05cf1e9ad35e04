"""HAProxy and nginx before the server, with the configurations that are shipped in deploy/."""
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "tools"))

from servers.haproxy import HaProxy  # noqa: E402
from servers.server import Server  # noqa: E402
from servers.shipped import shipped  # noqa: E402


class HaProxyBefore(HaProxy):
    def __init__(self, folder, upstream):
        super().__init__(folder, [upstream], [upstream])

    def requests(self):
        """How many requests it has seen and is done with."""
        return len(re.findall(r"^\S+:\d+ \[", self.log.read_text(), re.M))


class NginxBefore(Server):
    name = "nginx"

    def __init__(self, folder, upstream):
        super().__init__(folder)
        self.upstream = upstream

    def prepare(self):
        host, port = self.upstream
        (self.folder / "packwalk.conf").write_text(shipped("nginx/packwalk.conf", {
            "listen 443 ssl": f"listen 127.0.0.1:{self.port}",
            "(ssl_certificate.*\n *)+": "",
            "/var/log/nginx/packwalk.log": str(self.folder / "requests.log"),
            "http://127.0.0.1:8080": f"http://{host}:{port}"}))
        kept_in = " ".join(f"{name}_temp_path {self.folder}/{name};"
                           for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""
            user root; daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log; worker_rlimit_nofile 20000;
            events {{ worker_connections 8000; }}
            http {{ {kept_in} include {self.folder}/packwalk.conf; }}""")

    def command(self):
        return ["nginx", "-c", self.folder / "nginx.conf", "-p", self.folder]

    def requests(self):
        """How many requests it has seen and is done with."""
        return len((self.folder / "requests.log").read_text().splitlines())


PROXIES = {"haproxy": HaProxyBefore, "nginx": NginxBefore}
