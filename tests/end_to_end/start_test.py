"""What keeps a server from starting, said in a sentence; the configuration; the command line."""
import json
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import unittest

import golden
from packwalk_process import BINARY_FORM, PackwalkTest, run

DOCUMENTED = pathlib.Path(__file__).parents[2] / "docs/packwalk.toml"


class Refused(PackwalkTest):
    """Each with one sentence on standard error and an exit code that is not 0."""

    def refuse(self, *arguments, env=None, parts=()):
        refused = run(*arguments, env=env)
        self.assertNotEqual(0, refused.returncode, refused)
        self.assertEqual("", refused.stdout)
        sentences = [line for line in refused.stderr.splitlines() if line.startswith("packwalk: ")]
        self.assertEqual(1, len(sentences), refused.stderr)
        for part in parts:
            self.assertIn(part, sentences[0])

    def refuse_serve(self, data, *parts, env=None):
        self.refuse("serve", "--data", data, "--listen", "127.0.0.1:0", env=env, parts=parts)

    def used_folder(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        packwalk.post(token, golden.TRACK, BINARY_FORM)
        packwalk.stop()
        return packwalk.data

    def test_a_database_of_a_newer_schema(self):
        data = self.used_folder()
        connection = sqlite3.connect(data / "packwalk.db")
        connection.execute("PRAGMA user_version = 999")
        connection.close()
        before = (data / "packwalk.db").read_bytes()
        self.refuse_serve(data, "999", "newer")
        self.refuse("device", "list", "--data", data, parts=("999", "newer"))
        self.assertEqual(before, (data / "packwalk.db").read_bytes(), "it is not touched")

    def test_a_file_that_is_no_database(self):
        data = self.folder / "data"
        data.mkdir()
        (data / "packwalk.db").write_bytes(b"this is a letter to my aunt, and no database at all\n" * 100)
        self.refuse_serve(data, "packwalk.db", "not a database")
        self.assertTrue((data / "packwalk.db").read_bytes().startswith(b"this is a letter"))

    def test_a_database_that_is_a_folder(self):
        (self.folder / "data" / "packwalk.db").mkdir(parents=True)
        self.refuse_serve(self.folder / "data", "packwalk.db")

    def test_a_folder_that_is_a_file(self):
        (self.folder / "file").write_text("")
        self.refuse_serve(self.folder / "file", str(self.folder / "file"))

    def test_a_second_server_on_the_same_folder(self):
        first = self.serve()
        address = (first.data / "listen").read_text()
        self.refuse_serve(first.data, "another packwalk", str(first.data))
        self.assertEqual(address, (first.data / "listen").read_text(), "the first one's address stands")
        self.assertEqual(200, first.request("GET", "/readyz").status)

    def test_an_address_that_is_taken(self):
        first = self.serve()
        self.refuse("serve", "--data", self.folder / "other", "--listen", f"127.0.0.1:{first.port}",
                    parts=(str(first.port), "in use"))

    def test_addresses_that_are_none(self):
        for address in ("localhost", "127.0.0.1", "127.0.0.1:x", ":80", "127.0.0.1:65536", "nowhere.invalid:0"):
            self.refuse("serve", "--data", self.folder / "data", "--listen", address)

    def test_configurations(self):
        for text, *parts in (("[http]\nlissten = '127.0.0.1:0'\n", "http.lissten", "unknown key", "line 2",
                              "did you mean http.listen?"),
                             ("listen = 1\n", "unknown key listen"), ("[nothing]\nx = 1\n", "nothing.x"),
                             ("[http]\nthreads = -1\n", "http.threads"), ("[http]\nthreads = 'many'\n", "http.threads"),
                             ("[http]\nthreads = 1.5\n", "http.threads"), ("[http\n", "line 1"),
                             ("[packets]\nearliest = 'yesterday'\n", "packets.earliest"),
                             ("[store]\nwhen_old = 'forget'\n", "store.when_old", "detach or drop"),
                             ("[queue]\nurls = 'amqp://127.0.0.1/%2F, http://127.0.0.1/'\n", "queue.urls", "amqp://user"),
                             ("[queue]\nurls = 'amqp://127.0.0.1/%2F, '\n", "queue.urls", "amqp://user"),
                             ("[store]\nreplica_urls = 'postgresql://127.0.0.1/p http://127.0.0.1/'\n",
                              "store.replica_urls", "postgresql://user"),
                             ("[analysis]\nnear = 251\n", "analysis.near is not between 0 and 250"),
                             ("[analysis]\nallowance_max = 'wide'\n", "analysis.allowance_max is not a number"),
                             ("[log]\nlevel = 'loud'\n", "log.level"), ("[http]\nlisten = 'x'\n", "http.listen")):
            path = self.folder / "packwalk.toml"
            path.write_text(text)
            self.refuse("serve", "--data", self.folder / "data", "--config", path, parts=(str(path), *parts))
        missing = run("serve", "--config", self.folder / "missing.toml")
        self.assertNotEqual(0, missing.returncode)
        self.assertIn("missing.toml", missing.stderr)

    def test_environment_variables(self):
        for name, value in (("PACKWALK_HTTP_THREADS", "x"), ("PACKWALK_HTTP_THREADS", "")):
            self.refuse_serve(self.folder / "data", name, env={name: value})
        self.refuse_serve(self.folder / "data", "PACKWALK_ANALYSIS_ALLOWANCE_MAX is not between 0 and 250",
                          env={"PACKWALK_ANALYSIS_ALLOWANCE_MAX": "250.5"})
        for name in ("PACKWALK_STORE_KEEP_FIXES_MONTHS", "PACKWALK_STORE_KEEP_MESSAGES_DAYS"):
            self.refuse_serve(self.folder / "data", "need store.url", env={name: "24"})

    def test_a_disk_that_is_full_from_the_start(self):
        data = self.folder / "data"
        data.mkdir()
        refused = run("serve", "--data", data, "--listen", "127.0.0.1:0",
                      before_exec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assertEqual(1, refused.returncode, refused)
        self.assertTrue(refused.stderr.splitlines()[-1].startswith("packwalk: "), refused.stderr)


class CommandLine(PackwalkTest):
    COMMANDS = [[], ["serve"], ["device"], ["device", "add"], ["device", "list"], ["device", "rotate-token"],
                ["device", "remove"], ["version"]]

    def test_help_everywhere(self):
        for command in self.COMMANDS:
            told = run(*command, "--help")
            self.assertEqual(0, told.returncode, command)
            self.assertIn("--help", told.stdout)
            self.assertEqual("", told.stderr)

    def test_every_command_that_is_offered_is_asked_for_help(self):
        offered = [line.split()[0] for line in run("--help").stdout.partition("Subcommands:")[2].splitlines()
                   if line.startswith("  ") and line[2] != " "]
        self.assertGreater(len(offered), 2)
        for command in offered:
            self.assertEqual(0, run(command, "--help").returncode, command)

    def test_version(self):
        self.assertRegex(run("version").stdout, r"\Apackwalk \d+\.\d+\.\d+\n\Z")
        for flag in ("--version", "-V"):
            self.assertEqual(run("version").stdout, run(flag).stdout)

    def test_mistakes(self):
        for arguments in ([], ["fly"], ["serve", "--fly"], ["device"], ["serve", "--listen", "nonsense"], ["help", "fly"],
                          ["export", "rex", "--from", "yesterday"], ["completion", "csh"], ["simulate", "--dogs", "x"], ["device", "add", "--count", "0"],
                          ["device", "add"], ["device", "add", "rex", "--count", "2"], ["device", "remove"]):
            wrong = run(*arguments, env={"HOME": os.environ.get("HOME", "/")})
            self.assertEqual(2, wrong.returncode, arguments)
            self.assertRegex(wrong.stderr, r"\Apackwalk: [^\n]+\n\Z", arguments)
            self.assertEqual("", wrong.stdout, arguments)

    def test_an_unknown_sub_command_is_named(self):
        for arguments, command in ((["fly"], "packwalk --help"), (["device", "fly"], "packwalk device --help")):
            wrong = run(*arguments)
            self.assertEqual(2, wrong.returncode)
            self.assertIn(f"unknown command {' '.join(arguments)}; `{command}` lists all", wrong.stderr)

    def test_what_was_probably_meant_is_suggested(self):
        for arguments, meant in ((["devise", "list"], "did you mean device?"), (["device", "lst"], "did you mean list?"),
                                 (["srve"], "did you mean serve?"), (["help", "docter"], "did you mean doctor?"),
                                 (["export", "rex", "--frm", "1"], "packwalk export has no option --frm; did you mean --from?"),
                                 (["analyse", "x.csv", "--track=1"], "has no option --track; did you mean --tracks?"),
                                 (["doctor", "--dta", "x"], "did you mean --data?")):
            wrong = run(*arguments)
            self.assertEqual(2, wrong.returncode, arguments)
            self.assertIn(meant, wrong.stderr)
        self.assertNotIn("did you mean", run("nonsense").stderr)

    def test_help_of_a_command(self):
        self.assertEqual(run("--help").stdout, run("help").stdout)
        self.assertEqual(run("device", "add", "--help").stdout, run("help", "device", "add").stdout)

    def all_commands(self):
        """Every command that there is, as its words."""
        found, waiting = [], [[]]
        while waiting:
            command = waiting.pop()
            found.append(command)
            offered = run(*command, "--help").stdout.partition("Subcommands:\n")[2].partition("\n\n")[0]
            waiting += [command + [line.split()[0]] for line in offered.splitlines() if line[:2] == "  " and line[2] != " "]
        return found

    def test_help_is_narrow_and_has_examples(self):
        commands = self.all_commands()
        self.assertGreater(len(commands), 25)
        for command in commands:
            told = run(*command, "--help").stdout
            self.assertLessEqual(max(map(len, told.splitlines())), 100, told)
            self.assertNotRegex(told, r"TEXT:|UINT|FLOAT", command)
        for command in ([], ["serve"], ["gateway"], ["notify"], ["device"], ["device", "add"], ["analyse"], ["export"], ["doctor"], ["replay"]):
            told = run(*command, "--help").stdout.partition("\nExamples:\n")[2]
            self.assertIn("  packwalk " + " ".join(command), told)

    def test_analyze_is_analyse(self):
        self.assertEqual(run("analyse", "--help").stdout, run("analyze", "--help").stdout)

    def complete(self, *words):
        """What bash offers for the last word."""
        script = run("completion", "bash").stdout + f'COMP_WORDS=({" ".join(map(repr, ("packwalk", *words)))})\n' \
            f'COMP_CWORD={len(words)}\n_packwalk\nprintf "%s\\n" "${{COMPREPLY[@]}}"\n'
        ran = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=self.folder, check=True)
        self.assertEqual("", ran.stderr)
        return set(ran.stdout.split())

    def test_completion_of_bash(self):
        (self.folder / "folder").mkdir()
        (self.folder / "file.csv").write_text("")
        self.assertLessEqual({"serve", "device", "doctor", "help", "completion"}, self.complete(""))
        self.assertEqual({"device"}, self.complete("dev"))
        self.assertLessEqual({"add", "list", "erase"}, self.complete("device", ""))
        self.assertEqual({"--data"}, self.complete("device", "list", "--da"))
        self.assertEqual({"csv", "geojson", "gpx"}, self.complete("export", "rex", "--format", ""))
        self.assertEqual({"folder"}, self.complete("device", "list", "--data", ""))
        self.assertEqual({"file.csv"}, self.complete("analyse", "fi"))

    def test_the_manual_page(self):
        page = run("man").stdout
        self.assertTrue(page.startswith(".TH PACKWALK 1 "), page[:100])
        for command in self.all_commands()[1:]:
            self.assertIn(".SS packwalk " + " ".join(command).replace("-", "\\-") + "\n", page)
        macros = {line.split()[0] for line in page.splitlines() if line.startswith(".")}
        self.assertLessEqual(macros, {".TH", ".SH", ".SS", ".TP", ".B", ".I", ".PP", ".br", ".nf", ".fi"})
        if shutil.which("groff"):
            shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True)
            self.assertEqual("", shown.stderr)

    def test_lists_are_json_where_that_is_asked_for(self):
        packwalk = self.server("listed").start()
        packwalk.post(packwalk.add_device("rex"), golden.TRACK, BINARY_FORM)
        packwalk.messages_when("rex", 1)
        told = {}
        for command in (("device", "list"), ("doctor",), ("queue", "status"), ("queue", "list"), ("check",)):
            ran = run(*command, "--json", "--data", packwalk.data)
            self.assertEqual((0, ""), (ran.returncode, ran.stderr), command)
            told[" ".join(command)] = json.loads(ran.stdout)
        self.assertEqual(["rex"], [device["device"] for device in told["device list"]])
        self.assertIn(("server", "ok"), [(found["part"], found["severity"]) for found in told["doctor"]["findings"]])
        self.assertEqual(0, told["doctor"]["fault_count"])
        self.assertEqual(0, told["queue status"]["dead_letter_count"])
        self.assertEqual([], told["queue list"])
        self.assertEqual([1, 0, 0, 0], [
            told["check"][name + "_count"] for name in ("accepted", "duplicate", "conflict", "invalid")])


class Configuration(PackwalkTest):
    def test_what_is_printed_is_the_documented_file(self):
        printed = run("serve", "--print-config")
        self.assertEqual(0, printed.returncode)
        self.assertEqual(DOCUMENTED.read_text(), printed.stdout)

    def test_the_documented_file_is_accepted(self):
        packwalk = self.serve(arguments=("--config", str(DOCUMENTED)))
        self.assertEqual(200, packwalk.request("GET", "/readyz").status)

    def test_the_environment_wins_over_the_file(self):
        path = self.folder / "packwalk.toml"
        path.write_text("[http]\nbody_bytes_max = 5000\nheader_bytes_max = 5000\n")
        packwalk = self.serve(arguments=("--config", str(path)), env={"PACKWALK_HTTP_BODY_BYTES_MAX": "2000"})
        token = packwalk.add_device("rex")
        self.assert_problem(packwalk.post(token, b" " * 2001), 413, "2000")
        self.assertEqual(431, packwalk.request("GET", "/healthz", headers={"X": "x" * 6000}).status)


    def test_a_service_of_kubernetes_with_our_name_is_no_setting(self):
        links = {"PACKWALK_SERVICE_HOST": "10.0.0.7", "PACKWALK_SERVICE_PORT": "80", "PACKWALK_SERVICE_PORT_HTTP": "80",
                 "PACKWALK_PORT": "tcp://10.0.0.7:80", "PACKWALK_PORT_80_TCP": "tcp://10.0.0.7:80",
                 "PACKWALK_PORT_80_TCP_PROTO": "tcp", "PACKWALK_PORT_80_TCP_PORT": "80",
                 "PACKWALK_PORT_80_TCP_ADDR": "10.0.0.7", "PACKWALK_MQTT_PORT": "tcp://10.0.0.8:8883",
                 "PACKWALK_MQTT_PORT_8883_TCP_ADDR": "10.0.0.8", "PACKWALK_MY_API_SERVICE_HOST": "10.0.0.9"}
        packwalk = self.serve(env=links)
        self.assertNotIn("unknown_variable", packwalk.log())
        listed = run("device", "list", "--data", packwalk.data, env=links)
        self.assertEqual((0, ""), (listed.returncode, listed.stderr))

    def test_of_a_variable_that_nobody_knows_it_warns(self):
        unknown = {"PACKWALK_HTTP_LISTN": "1", "PACKWALK_DEMO_DATA": "x"}
        packwalk = self.serve(env=unknown)
        self.assertIn("event=unknown_variable name=PACKWALK_HTTP_LISTN nearest=PACKWALK_HTTP_LISTEN", packwalk.log())
        listed = run("device", "list", "--data", packwalk.data, env=unknown)
        self.assertEqual(0, listed.returncode)
        self.assertEqual(["packwalk: ignoring the unknown environment variable PACKWALK_DEMO_DATA",
                          "packwalk: ignoring the unknown environment variable PACKWALK_HTTP_LISTN; did you mean "
                          "PACKWALK_HTTP_LISTEN?"], listed.stderr.splitlines())

    def test_variables_stand_for_the_folder_and_the_file(self):
        path = self.folder / "other.toml"
        path.write_text("[http]\nbody_bytes_max = 2000\n")
        packwalk = self.serve()
        added = run("device", "add", "rex", env={"PACKWALK_DATA": str(packwalk.data)})
        self.assertEqual(0, added.returncode, added.stderr)
        self.assertIn("rex", run("device", "list", "--data", packwalk.data).stdout)
        self.assertIn("rex", run("device", "list", "--data", packwalk.data, env={"PACKWALK_DATA": "/nowhere"}).stdout,
                      "the command line wins")
        configured = self.serve(name="configured", env={"PACKWALK_CONFIG": str(path)})
        self.assert_problem(configured.post(configured.add_device("bob"), b" " * 2001), 413, "2000")


class Log(PackwalkTest):
    def test_is_structured_and_short(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        for _ in range(20):
            packwalk.post(token, golden.TRACK, BINARY_FORM)
            packwalk.post("pw_wrong", golden.TRACK, BINARY_FORM)
        packwalk.stop()
        lines = packwalk.log().splitlines()
        self.assertEqual(["listening", "refused", "stopping", "stopped"],
                         [line.split("event=")[1].split()[0] for line in lines])
        for line in lines:
            self.assertRegex(line, r"\Atime=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z level=(info|warning) event=\w+")
        for secret in (token, packwalk.admin_token, "pw_"):
            self.assertNotIn(secret, packwalk.log())


if __name__ == "__main__":
    unittest.main()
