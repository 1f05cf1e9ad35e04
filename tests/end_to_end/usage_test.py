"""Exit codes and voice of every command: 2 for a command line that makes no sense, 1 for what failed."""
import os
import pathlib
import pty
import subprocess
import unittest

from packwalk_process import BINARY, PackwalkTest, die_with_parent, environment, run, until

DATA = pathlib.Path(__file__).parents[1] / "data"
TOWN = ["simulate", "--city", "52.5,13.4"]

# Of each command, command lines that make no sense, whatever there is on the machine.
MISUSES = {
    "": [["--fly"], ["fly"], []],
    "serve": [["--fly"], ["extra"], ["--listen", "nonsense"], ["--listen", "nowhere.invalid:0"], ["--listen", "127.0.0.1:65536"],
              ["--listen"], ["--config", "/nowhere/packwalk.toml"]],
    "device": [["fly"], []],
    "device add": [[], ["a b"], ["-"], [""], ["x" * 65], ["rex", "rex"], ["rex", "--count", "2"], ["--count", "0"], ["--count", "x"],
                   ["--count", "2", "--prefix", "a b"], ["--from", "/nowhere/ids"], ["rex", "--from", "-"],
                   ["--", "-x", "--data", "home"], ["--count", "2", "--prefix=-x"]],
    "device list": [["extra"]],
    "device rotate-token": [[], ["a b"], ["rex", "bob"]],
    "device remove": [[], ["a b"], ["../x"]],
    "device erase": [[], ["a b", "--yes"], ["--yes"]],
    "check": [["extra"]],
    "doctor": [["extra"]],
    "analyse": [[], ["/nowhere/fixes.csv"], ["{csv}", "--preset", "cats"], ["{csv}", "--set", "near"], ["{csv}", "--set", "neer=5"],
                ["{csv}", "--set", "near=x"], ["{csv}", "--set", "near=1e9"], ["{csv}", "--drop-max", "many"],
                ["{csv}", "--columns", "lat"], ["{csv}", "--columns", "speed=V"], ["{csv}", "--tracks", "-", "--contacts", "-"],
                ["-", "-"], ["{csv}", "--report", "{csv}"], ["{csv}", "--tracks", "{out}", "--contacts", "{out}"],
                ["{csv}", "--sleep", "{csv}", "--pairs", "{csv}"], ["{csv}", "--day-first", "--month-first"]],
    "export": [[], ["a b"], ["rex", "--from", "yesterday"], ["rex", "--to", "x"], ["rex", "--what", "dogs"], ["rex", "--format", "pdf"],
               ["rex", "--what", "samples", "--format", "gpx"], ["rex", "--out", "-"],
               ["rex", "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"]],
    "import-embedded": [[], ["/nowhere"]],
    "migrate": [["extra"]],
    "queue": [["fly"], []],
    "queue status": [["extra"]],
    "queue list": [["--dead"]],
    "queue requeue-dead": [["extra"]],
    "queue purge": [["extra"]],
    "archive": [["fly"], []],
    "archive status": [["extra"]],
    "archive verify": [["--from", "yesterday"], ["--to", "2026-02-30"], ["--from", "2026-02-02", "--to", "2026-02-01"]],
    "archive repair": [["--from", "1"], ["--json"]],
    "archive drop": [[], ["--before", "soon"]],
    "replay": [[], ["/nowhere/walk.gpx", "--data", "."], ["{csv}"], ["{csv}", "--url", "http://127.0.0.1:1"],
               ["{csv}", "--url", "ftp://x/y", "--data", "."], ["{csv}", "--tokens", "{csv}"], ["{csv}", "--data", ".", "--speed", "fast"],
               ["{csv}", "--data", ".", "--duplicate", "x"], ["{csv}", "--data", ".", "--hold-back", "8h"],
               ["{csv}", "--data", ".", "--format", "xml"], ["{csv}", "--data", ".", "--status", "256"],
               ["{csv}", "--data", ".", "--report", "{csv}"], ["{csv}", "--data", ".", "--columns", "lat"], ["{csv}", "--data", ".", "--give-up", "x"],
               ["{csv}", "--data", ".", "--tokens", "/nowhere"], ["{csv}", "--data", ".", "--admin-token", "/nowhere"]],
    "simulate": [["--dogs", "2"], ["--city", "52.5"], ["--city", "52.5,13.4"], ["--city", "52.5,13.4", "--live"],
                 ["--city", "52.5,13.4", "--live", "--url", "http://127.0.0.1:1"], ["--city", "52.5,13.4", "--live", "--url", "x:y"],
                 ["--city", "52.5,13.4", "--out", "{out}", "--dogs", "0"], ["--city", "52.5,13.4", "--out", "{out}", "--hours", "soon"],
                 ["--city", "52.5,13.4", "--out", "{out}", "--off-leash", "x"], ["--city", "52.5,13.4", "--out", "{out}", "--sampling", "x"],
                 ["--city", "52.5,13.4", "--out", "{out}", "--shuffle", "x"], ["--city", "52.5,13.4", "--out", "{out}", "--from", "x"],
                 ["--city", "52.5,13.4", "--live", "--data", ".", "--tokens", "/nowhere"]],
    "help": [["fly"], ["device", "fly"]],
    "version": [["extra"]],
    "completion": [[], ["csh"]],
    "man": [["extra"]],
}
for role in ("gateway", "ingest", "analysis", "notify", "api"):
    MISUSES[role] = MISUSES["serve"]


class Misuse(PackwalkTest):
    def commands(self):
        found, waiting = [], [[]]
        while waiting:
            command = waiting.pop()
            found.append(" ".join(command))
            offered = run(*command, "--help").stdout.partition("Subcommands:\n")[2].partition("\n\n")[0]
            waiting += [command + [line.split()[0]] for line in offered.splitlines() if line[:2] == "  " and line[2] != " "]
        return found

    def test_every_command_is_in_the_table(self):
        self.assertEqual(set(MISUSES), set(self.commands()))

    def test_it_is_said_in_one_sentence_of_the_program_with_exit_code_2(self):
        nowhere = self.folder / "nowhere"
        for command, misuses in MISUSES.items():
            for arguments in misuses:
                told = [each.format(csv=DATA / "cats.csv", out=self.folder / "out") for each in arguments]
                wrong = run(*command.split(), *told, env={"PACKWALK_DATA": str(nowhere)})
                where = (command, arguments, wrong.stderr)
                self.assertEqual(2, wrong.returncode, where)
                self.assertEqual("", wrong.stdout, where)
                self.assertRegex(wrong.stderr, r"\Apackwalk: [^\n]+\n\Z", where)
                self.assertNotRegex(wrong.stderr, r"\Apackwalk: (?:[^:\n]*: )?[A-Z][a-z]", where)
                self.assertFalse(nowhere.exists(), where)
                self.assertFalse((self.folder / "out").exists(), where)

    def test_what_fails_for_another_reason_has_exit_code_1(self):
        (self.folder / "ids").write_text("rex\na b\n")
        (self.folder / "none").write_text("\n")
        (self.folder / "tokens").write_text("no comma\n")
        (self.folder / "broken.csv").write_text("a,b\n1,2\n")
        (self.folder / "tracks.csv").write_text("")
        (self.folder / "packwalk.toml").write_text("[http]\nthreads = 'many'\n")
        (self.folder / "empty").mkdir()
        nowhere = self.folder / "nowhere"
        for arguments in (["device", "list", "--data", nowhere], ["device", "remove", "rex", "--data", nowhere],
                          ["device", "add", "--from", self.folder / "ids", "--data", nowhere],
                          ["device", "add", "--from", self.folder / "none", "--data", nowhere],
                          ["device", "list", "--data", self.folder], ["export", "rex", "--data", nowhere],
                          ["analyse", self.folder / "broken.csv"],
                          ["analyse", DATA / "cats.csv", "--tracks", self.folder / "tracks.csv"],
                          ["replay", DATA / "cats.csv", "--data", nowhere],
                          ["replay", DATA / "cats.csv", "--url", "http://127.0.0.1:1", "--tokens", self.folder / "tokens"],
                          [*TOWN, "--live", "--url", "http://127.0.0.1:1", "--tokens", self.folder / "tokens"],
                          ["archive", "verify", "--data", nowhere], ["migrate", "--data", nowhere], ["check", "--data", nowhere],
                          *(["queue", *command, "--data", folder] for folder in (nowhere, self.folder / "empty")
                            for command in (["status"], ["status", "--json"], ["list"], ["list", "--json"], ["requeue-dead"], ["purge"],
                                            ["purge", "--dead"]))):
            failed = run(*arguments)
            self.assertEqual(1, failed.returncode, (arguments, failed.stdout, failed.stderr))
            self.assertRegex(failed.stderr, r"(?m)^packwalk: ", arguments)
            if arguments[0] == "queue":
                self.assertEqual(("", f"packwalk: there is no {arguments[-1]}/queue. Check --data\n"), (failed.stdout, failed.stderr))

    def test_the_queue_of_a_server_that_never_ran_is_empty(self):
        run("device", "add", "rex", "--data", self.folder)
        for command in (["status"], ["list"], ["requeue-dead"], ["purge"], ["purge", "--dead"]):
            ran = run("queue", *command, "--data", self.folder)
            self.assertEqual((0, ""), (ran.returncode, ran.stderr), command)


class Installation(PackwalkTest):
    def test_a_folder_that_is_missing_is_named_before_its_files(self):
        nowhere = self.folder / "nowhere"
        for arguments in (["replay", DATA / "cats.csv"], [*TOWN, "--live"]):
            failed = run(*arguments, "--url", "http://127.0.0.1:1", "--data", nowhere)
            self.assertEqual(1, failed.returncode)
            self.assertIn(f"there is no folder {nowhere}", failed.stderr)

    def test_a_recording_in_json_says_what_to_give_instead(self):
        town = self.folder / "town"
        made = run(*TOWN, "--dogs", "2", "--hours", "1", "--out", town)
        self.assertRegex(made.stderr, rf"walks in company \d+; written to {town}\n\Z")
        (self.folder / "list.json").write_text('\n [ {"lat": 1}]')
        for file in (town / "uploads.ndjson", self.folder / "list.json"):
            for arguments in (["replay", file, "--data", self.folder], ["analyse", file]):
                failed = run(*arguments)
                self.assertEqual(1, failed.returncode)
                self.assertIn("is JSON, but this command reads CSV and GPX", failed.stderr)
                self.assertIn("fixes.csv", failed.stderr)

    def test_a_configuration_that_is_missing_has_no_line(self):
        missing = self.folder / "missing.toml"
        failed = run("device", "list", "--data", self.folder, env={"PACKWALK_CONFIG": str(missing)})
        self.assertEqual(1, failed.returncode)
        self.assertEqual(f"packwalk: cannot read the configuration {missing}: No such file or directory\n", failed.stderr)

    def test_what_is_made_up_goes_to_no_installation_that_only_the_environment_names(self):
        packwalk = self.serve()
        env = {"PACKWALK_DATA": str(packwalk.data)}
        for arguments in (["replay", DATA / "cats.csv", "--speed", "max"], [*TOWN, "--live", "--dogs", "1"]):
            refused = run(*arguments, env=env)
            self.assertEqual(2, refused.returncode, refused)
            self.assertIn("--data DIR", refused.stderr)
        self.assertFalse((packwalk.data / "replay.tokens").exists())
        self.assertEqual([(0,)], self.rows(packwalk.data, "SELECT count(*) FROM devices"))
        self.assertEqual(0, run("device", "list", env=env).returncode)

    def test_a_town_in_files_leaves_the_installation_alone(self):
        packwalk = self.serve()
        before = sorted(os.listdir(packwalk.data))
        made = run(*TOWN, "--dogs", "1", "--hours", "1", "--out", self.folder / "town", env={"PACKWALK_DATA": str(packwalk.data)})
        self.assertEqual(0, made.returncode, made.stderr)
        self.assertEqual(before, sorted(os.listdir(packwalk.data)))


class Prompt(PackwalkTest):
    def test_of_an_erasure_goes_to_standard_error(self):
        run("device", "add", "rex", "--data", self.folder)
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        errors = self.folder / "errors"
        for typed, code in ((b"rx\n", 1), (b"rex\n", 0)):
            with open(errors, "wb") as written:
                process = subprocess.Popen([BINARY, "device", "erase", "rex", "--data", self.folder], stdin=its,
                                           stdout=subprocess.PIPE, stderr=written, env=environment(), preexec_fn=die_with_parent)
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            until(lambda: b"Type its id to continue: " in errors.read_bytes(), "it asks")
            os.write(ours, typed)
            told = process.stdout.read()
            self.assertEqual(code, process.wait(60), errors.read_bytes())
            self.assertNotIn(b"Type its id", told)
        os.close(its)
        self.assertIn(b"rex is erased", told)


class Suggestions(PackwalkTest):
    def test_only_what_is_near_is_suggested(self):
        for name, meant in (("PACKWALK_HTTP_LISTN", "PACKWALK_HTTP_LISTEN"), ("PACKWALK_DAT", "PACKWALK_DATA"),
                            ("PACKWALK_LISTEN", None), ("PACKWALK_HTPP_THREADS", "PACKWALK_HTTP_THREADS"),
                            ("PACKWALK_FOO", None), ("PACKWALK_DEMO_DATA", None), ("PACKWALK_HOME", None), ("PACKWALK_VERSION", None),
                            ("PACKWALK_CACHE_PORT", None), ("PACKWALK_", None)):
            told = run("doctor", "--data", self.folder, env={name: "x"}).stderr
            self.assertEqual(f"packwalk: ignoring the unknown environment variable {name}" +
                             (f"; did you mean {meant}?\n" if meant else "\n"), told)

    def test_of_keys_too(self):
        path = self.folder / "packwalk.toml"
        for text, meant in (("[http]\ncolour = 1\n", None), ("[http]\nlissten = 1\n", "http.listen"), ("[htp]\nlisten = 1\n", "http.listen"),
                            ("[store]\nbody_bytes_max = 1\n", None), ("[cache]\nport = 1\n", None),
                            ("[nothing]\nx = 1\n", None), ("listen = 1\n", None), ("colour = 1\n", None)):
            path.write_text(text)
            told = run("doctor", "--data", self.folder).stderr
            self.assertIn("unknown key", told)
            self.assertEqual(meant, told.partition("did you mean ")[2].strip().rstrip("?") or None, text)

    def test_of_commands_too(self):
        for arguments in (["set"], ["mango"], ["test"], ["device", "sit"], ["help", "me"], ["doctor", "--colour"]):
            told = run(*arguments)
            self.assertEqual(2, told.returncode)
            self.assertNotIn("did you mean", told.stderr)

    def test_what_a_value_must_be_is_said(self):
        path = self.folder / "packwalk.toml"
        for text, part in (("[http]\nthreads = [1]\n", "http.threads in line 2 is a list. Write a number"),
                           ("[packets]\nearliest = 2020-01-01T00:00:00Z\n", "packets.earliest in line 2 is a date without quotes."),
                           ("[http]\nthreads = 'x'\n", "http.threads must be a whole number from 0 to 256"),
                           ("[http]\nlisten = 'example.org:80'\n", "http.listen must begin with an IP address"),
                           ("[mqtt]\nauth_secret = 'short'\n", "mqtt.auth_secret must have at least 16 characters"),
                           ("[analysis]\npreset = 'cats'\n", "analysis.preset must be specification or off-leash")):
            path.write_text(text)
            told = run("doctor", "--data", self.folder)
            self.assertEqual(1, told.returncode)
            self.assertIn(f"packwalk: {path}: {part}", told.stderr)


if __name__ == "__main__":
    unittest.main()
