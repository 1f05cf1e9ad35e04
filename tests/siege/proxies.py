"""HAProxy and nginx before the server, each as its manual begins."""
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "tools"))

from servers.server import Server  # noqa: E402


class _Proxy(Server):
    def __init__(self, folder, upstream):
        super().__init__(folder)
        self.upstream = upstream

    def begin(self):
        """Its address, when it listens."""
        self.start()
        self.wait()
        return "127.0.0.1", self.port

    def end(self):
        self.kill()


class HaProxy(_Proxy):
    name = "HAProxy"

    def prepare(self):
        host, port = self.upstream
        (self.folder / "haproxy.cfg").write_text("\n".join([
            "global", "  maxconn 5000", "defaults", "  mode http", "  timeout connect 5s", "  timeout client 60s",
            "  timeout server 60s", "frontend all", f"  bind 127.0.0.1:{self.port}", "  default_backend packwalk",
            "backend packwalk", f"  server one {host}:{port}", ""]))

    def command(self):
        return ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"]


class Nginx(_Proxy):
    name = "nginx"

    def prepare(self):
        host, port = self.upstream
        (self.folder / "nginx.conf").write_text(f"""
            user root; daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log; worker_rlimit_nofile 20000;
            events {{ worker_connections 8000; }}
            http {{
              access_log off; client_max_body_size 8m; client_body_temp_path {self.folder}/body;
              proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u;
              scgi_temp_path {self.folder}/s;
              server {{ listen 127.0.0.1:{self.port};
                location / {{ proxy_pass http://{host}:{port}; proxy_http_version 1.1; proxy_set_header Host $host;
                             proxy_set_header Connection ""; }} }} }}""")

    def command(self):
        return ["nginx", "-c", self.folder / "nginx.conf", "-p", self.folder]


PROXIES = {"haproxy": HaProxy, "nginx": Nginx}
