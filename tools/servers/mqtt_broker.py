"""A RabbitMQ with the settings, plug-ins and definitions that are shipped, and users of its own."""
import base64
import hashlib
import json
import pathlib
import shutil

from .rabbitmq import RabbitMq
from .server import answers, free_port

SHIPPED = pathlib.Path(__file__).parents[2] / "deploy/rabbitmq"
PASSWORD = "not-a-secret"
AUTH_SECRET = "a-secret-of-the-broker"  # mqtt.auth_secret of its gateways
ALICE = {"user": "alice", "password": PASSWORD}  # the broker's own


def shipped_settings():
    lines = [line for line in (SHIPPED / "rabbitmq.conf").read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" = ", 1) for line in lines)


def own_user(name):
    salt = b"salt"
    hashed = salt + hashlib.sha256(salt + PASSWORD.encode()).digest()
    return {"name": name, "password_hash": base64.b64encode(hashed).decode(),
            "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}


def permissions(user, vhost, configure, write, read):
    return {"user": user, "vhost": vhost, "configure": configure, "write": write, "read": read}


def users():
    """Definitions beside those that are shipped: the users of docs/production.md, and a virtual host that is empty."""
    of_packwalk = (r"^packwalk\.packets", r"^(packwalk\.packets.*|amq\.default)$", r"^packwalk\.packets")
    return {"vhosts": [{"name": "fresh"}], "users": [own_user("packwalk"), own_user("alice")],
            "permissions": [permissions("packwalk", "/", *of_packwalk), permissions("packwalk", "fresh", *of_packwalk),
                            permissions("alice", "/", "", r"\.mqtt$", "")]}


class MqttBroker(RabbitMq):
    def __init__(self, folder, mapper, auth_port):
        self.plain, self.tls, self.amqps, self.auth_port = free_port(), free_port(), free_port(), auth_port
        self.certificate = folder.with_name("server.pem")
        key = folder.with_name("server.key")
        definitions = folder.with_name("definitions")
        definitions.mkdir()
        shutil.copy(SHIPPED / "definitions.json", definitions)
        (definitions / "users.json").write_text(json.dumps(users()))
        settings = shipped_settings()
        for name in ("listeners.tcp", "listeners.ssl.default", "mqtt.listeners.tcp", "mqtt.listeners.ssl.default"):
            del settings[name]
        settings |= {"load_definitions": definitions, "ssl_options.cacertfile": self.certificate,
                     "ssl_options.certfile": self.certificate, "ssl_options.keyfile": key,
                     "mqtt.listeners.tcp.1": f"127.0.0.1:{self.plain}", "mqtt.listeners.ssl.1": f"127.0.0.1:{self.tls}",
                     "listeners.ssl.1": f"127.0.0.1:{self.amqps}",
                     "auth_cache.cache_ttl": 200,
                     # A gateway on a busy machine may take longer than the shipped settings allow.
                     "auth_http.connection_timeout": 60_000, "auth_http.request_timeout": 60_000}
        for name in list(settings):
            if name.endswith("_path"):
                settings[name] = settings[name].replace(":8090/auth/", f":{auth_port}/auth/{AUTH_SECRET}/")
        plugins = (SHIPPED / "enabled_plugins").read_text().strip().strip("[].").split(",")
        super().__init__(folder, mapper, plugins, [f"{name} = {value}" for name, value in settings.items()])
        self.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                  "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=localhost",
                  "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])

    def is_ready(self):
        return all(answers(port) for port in (self.port, self.plain, self.tls, self.amqps))

    def url_of(self, vhost):
        """Over TLS, as it is shipped; `certificate` vouches for it."""
        return f"amqps://packwalk:{PASSWORD}@localhost:{self.amqps}/{vhost}"
