"""RabbitMQ: its port mapper, and nodes."""
import glob
import json
import subprocess

from .server import Server, free_port


class PortMapper(Server):
    """epmd, of which nodes of one cluster share one; the cookie that lets them talk is in its folder."""

    name = "the port mapper of RabbitMQ"

    def command(self):
        return [sorted(glob.glob("/usr/lib/erlang/erts-*/bin/epmd"))[-1], "-port", self.port, "-address", "127.0.0.1"]


class RabbitMq(Server):
    """One node, which knows the port mapper. `plugins` are switched on; `settings` are lines of rabbitmq.conf."""

    name = "RabbitMQ"
    variable = "PACKWALK_TEST_RABBITMQ"

    def __init__(self, folder, mapper, plugins=(), settings=()):
        super().__init__(folder)
        self.mapper, self.plugins, self.settings = mapper, plugins, settings
        self.node, self.node_port = f"packwalk{self.port}@localhost", free_port()

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def prepare(self):
        (self.folder / "enabled_plugins").write_text(f"[{','.join(self.plugins)}].\n")
        (self.folder / "rabbitmq.conf").write_text("".join(line + "\n" for line in (
            f"listeners.tcp.1 = 127.0.0.1:{self.port}", "loopback_users = none",
            "vm_memory_high_watermark.absolute = 1GiB", "disk_free_limit.absolute = 100MB",
            "log.console = true", "log.console.level = warning", "log.file = false", *self.settings)))

    def environment(self):
        return super().environment() | {
            "HOME": str(self.mapper.folder), "ERL_CRASH_DUMP": str(self.folder / "crash.dump"),
            "ERL_EPMD_PORT": str(self.mapper.port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node, "RABBITMQ_DIST_PORT": str(self.node_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"), "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none"}

    def command(self):
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def queue(self, name):
        """What this node knows of a quorum queue: its `leader`, `members` and those `online`."""
        listed = subprocess.run(
            ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--node", self.node, "--quiet", "list_queues", "--formatter", "json",
             "name", "leader", "members", "online"], env=self.environment(), capture_output=True, text=True)
        if listed.returncode != 0:
            return None
        return next((queue for queue in json.loads(listed.stdout) if queue["name"] == name), None)

    def control(self, *arguments):
        """rabbitmqctl."""
        self.run(["/usr/lib/rabbitmq/bin/rabbitmqctl", "--node", self.node, *arguments], env=self.environment())


def cluster(folder, mapper, count):
    """Nodes that find each other, each of which stops when it does not see most of them."""
    nodes = [RabbitMq(folder / f"rabbitmq-{number + 1}", mapper) for number in range(count)]
    peers = [f"cluster_formation.classic_config.nodes.{number + 1} = {node.node}" for number, node in enumerate(nodes)]
    for node in nodes:
        node.settings = ("cluster_formation.peer_discovery_backend = classic_config", *peers,
                         "cluster_partition_handling = pause_minority")
    return nodes
