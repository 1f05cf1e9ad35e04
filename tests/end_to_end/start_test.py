"""What keeps a server from starting, said in a sentence; the configuration; the command line."""
import os
import pathlib
import resource
import sqlite3
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
        for text, *parts in (("[http]\nlissten = '127.0.0.1:0'\n", "http.lissten", "unknown key", "line 2"),
                             ("listen = 1\n", "unknown key listen"), ("[nothing]\nx = 1\n", "nothing.x"),
                             ("[http]\nthreads = -1\n", "http.threads"), ("[http]\nthreads = 'many'\n", "http.threads"),
                             ("[http]\nthreads = 1.5\n", "http.threads"), ("[http\n", "line 1"),
                             ("[packets]\nearliest = 'yesterday'\n", "packets.earliest"),
                             ("[store]\nwhen_old = 'forget'\n", "store.when_old", "detach or drop"),
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

    def test_mistakes(self):
        for arguments in ([], ["fly"], ["serve", "--fly"], ["device"], ["device", "add", "--count", "0"],
                          ["device", "add"], ["device", "add", "rex", "--count", "2"], ["device", "remove"]):
            wrong = run(*arguments, env={"HOME": os.environ.get("HOME", "/")})
            self.assertNotEqual(0, wrong.returncode, arguments)
            self.assertTrue(wrong.stderr, arguments)

    def test_an_unknown_sub_command_is_named(self):
        for arguments, command in ((["fly"], "packwalk --help"), (["device", "fly"], "packwalk device --help")):
            wrong = run(*arguments)
            self.assertEqual(2, wrong.returncode)
            self.assertIn(f"there is no sub-command {' '.join(arguments)}; `{command}` lists all", wrong.stderr)


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
