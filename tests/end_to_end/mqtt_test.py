"""Collars that speak MQTT: mosquitto_pub, through the plug-ins of a RabbitMQ with the settings that are shipped.

A busy machine may make the broker refuse a device that it should let in, as a collar has to expect: the broker waits so
long for a gateway, and a gateway so long for PostgreSQL. So `deliver` tries again, and a refusal counts for what it is
only when the gateway itself denied.
"""
import contextlib
import csv
import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import golden
from packwalk_process import SLOWNESS, run, until
from spine import SpineTest, needed, psql
from servers.mqtt_broker import ALICE, AUTH_SECRET, MqttBroker, SHIPPED, shipped_settings
from servers.rabbitmq import PortMapper
from servers.server import free_port

PATIENCE = 60 * SLOWNESS  # seconds; only reached when something is broken


class Mqtt(SpineTest):
    """One broker for all of it, whose queue is empty when a test begins."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="packwalk-mqtt-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        mapper = PortMapper(folder / "epmd")
        cls.addClassCleanup(mapper.kill)
        mapper.start()
        mapper.wait()
        cls.broker = MqttBroker(folder / "rabbitmq", mapper, free_port())
        cls.addClassCleanup(cls.broker.kill)
        cls.broker.start()
        cls.broker.wait()

    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()
        del self.settings["PACKWALK_QUEUE_NAME"]  # as it is shipped
        self.settings |= {"PACKWALK_QUEUE_URLS": self.broker.url_of("%2F"),
                          "PACKWALK_QUEUE_CA_FILE": str(self.broker.certificate),
                          "PACKWALK_MQTT_AUTH_LISTEN": f"127.0.0.1:{self.broker.auth_port}",
                          "PACKWALK_MQTT_AUTH_SECRET": AUTH_SECRET}
        self.roles_of_test = []
        self.addCleanup(self.end_in_order)
        for dead in ([], ["--dead"]):
            self.queue("purge", *dead)

    def role(self, role, number=1):
        server = super().role(role, number)
        self.roles_of_test.append(server)
        return server

    def end_in_order(self):
        """What a killed worker had not acknowledged would come to the next test, whose devices have the same names."""
        for server in reversed(self.roles_of_test):
            if server.process and server.process.poll() is None:
                server.stop()

    def queue(self, *arguments, env=None):
        ran = run("queue", *arguments, "--data", self.folder, env=self.settings | (env or {}))
        self.assertEqual(0, ran.returncode, ran.stderr)
        return ran.stdout

    def start_roles(self, devices=2):
        self.gateway, self.worker, self.api = (self.role(role).start() for role in ("gateway", "ingest", "api"))
        added = self.add_devices(devices)
        self.until_ready(self.gateway, self.worker, self.api)
        return added

    def client(self, program, *arguments, user=None, password=None, id=None, tls=False):
        """The command of a client of MQTT, which prints lines at once; its id is the user's name."""
        port = self.broker.tls if tls else self.broker.plain
        command = ["stdbuf", "-oL", program, "-h", "127.0.0.1", "-p", port, "-q", 1, "-i", id or user or "nobody",
                   *arguments]
        if user:
            command += ["-u", user, "-P", password]
        if tls:
            command += ["--cafile", self.broker.certificate]
        return [str(part) for part in command]

    def publish(self, user, password, body, topic=None, **options):
        """Whether the broker says that it has it, or None where it says nothing: then mosquitto_pub never ends.
        `self.said` is what the client printed."""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        file = self.folder / "body"
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
        command = self.client("mosquitto_pub", "-t", topic or f"v1/{user}/packets", "-f", file, user=user,
                              password=password, **options)
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE / 4)
        except subprocess.TimeoutExpired:
            self.said = "no answer of the broker"
            return None
        self.said = ran.stdout + ran.stderr
        return ran.returncode == 0

    def deliver(self, user, password, body, **options):
        """Publishes until the broker has it, as a collar does."""
        try:
            until(lambda: self.publish(user, password, body, **options), "it is published")
        except AssertionError as error:
            raise AssertionError(f"{error}; the client: {self.said}; the broker: {self.broker.log.read_text()[-2000:]}")

    def assert_denied(self, question, user, password, body, **options):
        """The broker never takes it, and a gateway denied it: a refusal of a busy broker or gateway proves nothing."""
        before = self.counted(question, "deny")

        def denied():
            self.assertFalse(self.publish(user, password, body, **options), options)
            return self.counted(question, "deny") > before

        until(denied, f"a gateway denies {question} {options}")

    @contextlib.contextmanager
    def running(self, command):
        """A client that goes on, and a function that tells what it printed."""
        log = self.folder / f"client-{next(self.numbers)}.log"
        with open(log, "wb") as out:
            client = subprocess.Popen(command, stdout=out, stderr=out)
            try:
                yield client, lambda: log.read_text(errors="replace")
            finally:
                client.kill()
                client.wait()

    def counted(self, question, answer):
        return self.gateway.metrics().get(
            ("packwalk_mqtt_auth_total", frozenset({("question", question), ("answer", answer)})), 0)

    def kept(self, device, count):
        """(transport, verdict, content) of each message of a device, when there are so many."""
        found = self.api.messages_when(device, count)
        return [(message["transport"], message["verdict"], message["content"]) for message in found]

    def test_a_collar_delivers_in_every_form_plain_and_over_tls(self):
        (rex, token), (ted, his_token) = self.start_roles()
        track, activity = json.dumps(golden.TRACK_JSON), json.dumps(golden.ACTIVITY_JSON)
        self.deliver(rex, token, f"[{track},{activity}]")
        self.deliver(rex, token, golden.WIDE, tls=True, id=rex + "/2")
        self.deliver(ted, his_token, golden.TRACK + golden.ACTIVITY)
        self.deliver(ted, his_token, golden.ndjson([golden.WIDE_JSON, golden.track(golden.START + 60)]), tls=True)
        self.assertEqual([("mqtt/json", "accepted", track.encode()), ("mqtt/json", "accepted", activity.encode()),
                          ("mqtt/binary", "accepted", golden.WIDE)], self.kept(rex, 3))
        self.assertEqual(["mqtt/binary"] * 2 + ["mqtt/ndjson"] * 2, [each[0] for each in self.kept(ted, 4)])
        self.assertEqual({"accepted"}, {each[1] for each in self.kept(ted, 4)})
        # The same over HTTP is a duplicate.
        until(lambda: self.gateway.post(token, golden.TRACK_JSON).status == 202, "it is taken")
        self.assertEqual(("http/json", "duplicate"), self.kept(rex, 4)[3][:2])
        self.assertEqual(0, self.ready_at_broker("dead"))

    def test_what_cannot_be_read_is_kept_as_invalid_of_its_device(self):
        self.settings["PACKWALK_HTTP_UNPACKED_BYTES_MAX"] = "100000"
        (rex, token), (ted, his_token) = self.start_roles()
        broken, large = b'{"type":"track"', golden.track_bytes(golden.START) * 10_000
        for body in (broken, b"", large):
            self.deliver(rex, token, body)
        self.assertEqual([("mqtt/json", "invalid", broken), ("mqtt/binary", "invalid", b""),
                          ("mqtt/binary", "invalid", large[:65536])], self.kept(rex, 3))
        reasons = [message["reason"] for message in self.api.messages(rex)]
        self.assertIn("more than 100000 bytes", reasons[2])
        self.assertEqual([], self.api.messages(ted))

    def test_whoever_is_not_the_device_is_refused_and_nothing_is_kept(self):
        (rex, token), (ted, his_token) = self.start_roles()
        self.assert_denied("user", rex, his_token, golden.TRACK)  # another device's token
        self.assert_denied("user", rex, "wrong", golden.TRACK)
        self.assert_denied("user", rex, token, golden.TRACK, id=ted)  # it would end the other's connection
        self.assert_denied("user", rex, token, golden.TRACK, id=rex + "0")
        self.assertFalse(self.publish(None, None, golden.TRACK, topic=f"v1/{rex}/packets"), "anonymous")
        self.assertEqual(0, self.counted("topic", "deny"))
        for topic in (f"v1/{ted}/packets", f"v1/{rex}/commands", f"v1/{ted}/commands", f"v1/{rex}/packets/more", "v1",
                      f"owntracks/{rex}/phone"):
            self.assert_denied("topic", rex, token, golden.TRACK, topic=topic)
        self.deliver(rex, token, golden.TRACK)  # after all of them
        self.assertEqual([("mqtt/binary", "accepted", golden.TRACK)], self.kept(rex, 1))
        self.assertEqual([], self.api.messages(ted))
        self.assertEqual((0, 0), (self.ready_at_broker(), self.ready_at_broker("dead")))

    def test_a_body_that_is_too_large_for_the_broker_is_never_confirmed(self):
        (rex, token), _ = self.start_roles()
        large = self.folder / "large"
        large.write_bytes(b"\0" * (int(shipped_settings()["max_message_size"]) + 1))
        command = self.client("mosquitto_pub", "-t", f"v1/{rex}/packets", "-f", large, user=rex, password=token)
        with self.running(command) as (client, _):
            until(lambda: "is larger than configured max size" in self.broker.log.read_text(), "it is refused")
            self.assertIsNone(client.poll(), "it waits for a confirmation and tries again")
        self.deliver(rex, token, golden.TRACK)
        self.assertEqual([("mqtt/binary", "accepted", golden.TRACK)], self.kept(rex, 1))

    def test_a_device_hears_its_own_commands_and_nothing_else(self):
        (rex, token), (ted, his_token) = self.start_roles()
        topics = ("#", "v1/+/commands", f"v1/{ted}/commands", f"v1/{rex}/packets")
        with contextlib.ExitStack() as clients:
            heard = []
            for topic in topics:
                command = self.client("mosquitto_sub", "-d", "-t", topic, user=rex, password=token,
                                      id=f"{rex}/{len(heard)}")
                heard.append(clients.enter_context(self.running(command))[1])
            for topic, printed in zip(topics, heard):
                until(lambda: "sending CONNECT" in printed().partition("sending SUBSCRIBE")[2],
                      topic + ": it is thrown out and tries again")
            until(lambda: self.counted("topic", "deny") >= len(topics), "a gateway denied it")
            self.deliver(ted, his_token, golden.TRACK)
            for topic, printed in zip(topics, heard):
                self.assertNotIn("received SUBACK", printed(), topic)
                self.assertNotIn("received PUBLISH", printed(), topic)
        command = self.client("mosquitto_sub", "-d", "-c", "-t", f"v1/{rex}/commands", "-C", 1, user=rex,
                              password=token)
        with self.running(command) as (client, printed):
            until(lambda: "received SUBACK" in printed(), "it listens")
            self.deliver(**ALICE, body="blink", topic=f"v1/{rex}/commands")
            self.assertEqual(0, client.wait(PATIENCE), printed())
            self.assertIn("blink", printed())

    def test_a_token_that_was_replaced_or_removed_opens_nothing_when_the_broker_has_forgotten_it(self):
        (rex, old), _ = self.start_roles()
        self.deliver(rex, old, golden.TRACK)
        command = self.client("mosquitto_sub", "-d", "-t", f"v1/{rex}/commands", user=rex, password=old, id=rex + "/2")
        connected, printed = self.enterContext(self.running(command))
        until(lambda: "received SUBACK" in printed(), "it listens")
        rotated = run("device", "rotate-token", rex, "--data", self.folder / "devices", env=self.settings)
        new = rotated.stdout.strip()
        until(lambda: self.publish(rex, old, golden.TRACK) is False, "the old token is refused")
        self.deliver(rex, new, golden.WIDE)
        until(lambda: ("mqtt/binary", "accepted", golden.WIDE) in self.kept(rex, 2),
              "it is kept before the device is removed: then nothing is taken that still waits at the broker")
        self.assertIsNone(connected.poll(), "what was open stays, until somebody ends it")
        self.broker.control("eval", '[rabbit_mqtt_reader:close_connection(Pid, "a new token") || '
                                    f'{{Id, Pid}} <- rabbit_mqtt_collector:list(), lists:prefix("{rex}", Id)].')
        until(lambda: "CONNACK (5)" in printed() or "CONNACK (4)" in printed(), "it comes back and is refused")
        run("device", "remove", rex, "--data", self.folder / "devices", env=self.settings)
        until(lambda: self.publish(rex, new, golden.TRACK) is False, "a removed device is refused")

    def test_devices_that_are_known_go_on_while_the_database_is_away(self):
        (rex, token), (ted, his_token) = self.start_roles()
        server, name = needed("PACKWALK_TEST_POSTGRES"), self.database.rsplit("/", 1)[1]
        self.deliver(rex, token, golden.TRACK)  # the gateway has met it
        psql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        until(lambda: not psql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       f"WHERE datname = '{name}'").strip(), "nobody is connected")
        self.deliver(rex, token, golden.WIDE)
        nobodys = token[:3] + token[:2:-1]  # it has the form of a token, so another process may just have made it
        self.assertFalse(self.publish(rex, nobodys, golden.TRACK))
        until(lambda: self.counted("user", "error") > 0, "it is not known to be wrong")
        self.assertEqual(0, self.counted("user", "deny"))
        self.deliver(**ALICE, body="x", topic="elsewhere")  # the broker's own user
        psql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        self.until_ready(self.worker, self.api)
        self.assertEqual([golden.TRACK, golden.WIDE], [each[2] for each in self.kept(rex, 2)])
        self.assert_denied("user", rex, nobodys, golden.TRACK)

    def test_no_packet_is_lost_that_nobody_can_place(self):
        """One of a device that nobody knows, and one that came while there was no queue: both are dead letters."""
        (rex, token), _ = self.start_roles()
        self.deliver(**ALICE, body=golden.TRACK, topic="v1/late/packets")
        until(lambda: self.ready_at_broker("dead") == 1, "a dead letter")
        for role in (self.gateway, self.worker):  # either makes the queue anew when its connection breaks
            role.stop()
        self.broker.control("delete_queue", "packwalk.packets")
        self.deliver(**ALICE, body=golden.WIDE, topic=f"v1/{rex}/packets")
        for role in (self.gateway, self.worker):
            role.start()
        self.until_ready(self.gateway, self.worker)
        self.assertEqual(2, self.ready_at_broker("dead"))
        self.assertEqual([], self.api.messages(rex))
        added = run("device", "add", "late", "--data", self.folder / "devices", env=self.settings)
        self.assertEqual(0, added.returncode, added.stderr)
        self.assertIn("2 dead letters are requeued", self.queue("requeue-dead"))
        self.assertEqual([("mqtt/binary", "accepted", golden.WIDE)], self.kept(rex, 1))
        until(lambda: self.api.get("/v1/devices/late").status == 200, "the api knows it")
        self.assertEqual([("mqtt/binary", "accepted", golden.TRACK)], self.kept("late", 1))
        self.assertEqual(0, self.ready_at_broker("dead"))

    def test_a_list_of_dead_letters_is_csv_whatever_their_topics(self):
        self.start_roles()
        self.deliver(**ALICE, body=golden.TRACK, topic='v1/a,"b/packets')
        until(lambda: self.ready_at_broker("dead") == 1, "a dead letter")
        header, *letters = csv.reader(self.queue("list").splitlines())
        self.assertEqual(["exchange", "routing_key", "content_type", "bytes"], header)
        self.assertEqual([('v1.a,"b.packets', str(len(golden.TRACK)))],
                         [(letter[1], letter[3]) for letter in letters])

    def test_the_definitions_that_are_shipped_are_those_of_the_program(self):
        """Into a host that has them it declares them again, and an empty one it gives the same."""
        self.queue("status", env={"PACKWALK_QUEUE_URLS": self.broker.url_of("fresh")})
        exported = self.folder / "exported.json"
        self.broker.control("export_definitions", exported)
        there, shipped = json.loads(exported.read_text()), json.loads((SHIPPED / "definitions.json").read_text())
        ours = ("name", "type", "durable", "auto_delete", "internal", "arguments", "source", "destination",
                "destination_type", "routing_key")

        def of(definitions, kind, vhost):
            def facts(item):
                item = {"internal": False} | item if kind == "exchanges" else item
                kept = {name: item[name] for name in ours if name in item}
                if kind == "queues":
                    kept.pop("type", None)  # as x-queue-type says
                return json.dumps(kept, sort_keys=True)

            return sorted(facts(item) for item in definitions[kind]
                          if item["vhost"] == vhost and "mqtt-subscription" not in json.dumps(item))

        for kind in ("queues", "exchanges", "bindings"):
            self.assertTrue(of(shipped, kind, "/"))
            for vhost in ("/", "fresh"):
                self.assertEqual(of(shipped, kind, "/"), of(there, kind, vhost), f"{kind} of {vhost}")

    def test_the_doctor_sees_whether_the_plug_in_listens(self):
        def doctor(port):
            return run("doctor", "--data", self.folder, env=self.settings | {"PACKWALK_MQTT_PORT": str(port)})

        well = doctor(self.broker.tls)
        if well.returncode != 0:  # it waits some seconds for an answer, which a busy machine may need
            well = doctor(self.broker.tls)
        self.assertEqual(0, well.returncode, "and its permissions are enough: " + well.stdout)
        self.assertIn(f"a server listens for MQTT collars at localhost:{self.broker.tls}", well.stdout)
        ill = doctor(free_port())
        self.assertEqual(1, ill.returncode)
        self.assertRegex(ill.stdout, r"FAULT +MQTT .*\n.*rabbitmq-plugins enable rabbitmq_mqtt")

    def test_it_needs_a_broker_and_serve_has_it_too(self):
        alone = run("serve", "--data", self.folder / "alone", env={"PACKWALK_MQTT_AUTH_LISTEN": "127.0.0.1:0"})
        self.assertEqual(1, alone.returncode)
        self.assertIn("queue.urls", alone.stderr)
        open_to_all = run("serve", "--data", self.folder / "alone", env=self.settings | {
            "PACKWALK_MQTT_AUTH_LISTEN": "0.0.0.0:0", "PACKWALK_MQTT_AUTH_SECRET": ""})
        self.assertEqual(1, open_to_all.returncode)
        self.assertIn("Set mqtt.auth_secret", open_to_all.stderr)
        del self.settings["PACKWALK_STORE_URL"]
        server = self.role("serve").start()
        self.until_ready(server)
        token = run("device", "add", "rex", "--data", server.data, env=self.settings).stdout.strip()
        self.deliver("rex", token, golden.TRACK)
        self.assertEqual(["mqtt/binary"], [message["transport"] for message in server.messages_when("rex", 1)])
        self.assertEqual(404, server.request("POST", "/auth/user", "username=rex&password=" + token).status,
                         "not where everybody can ask")


if __name__ == "__main__":
    unittest.main()
