"""Every series of /metrics is in the table of docs/api.md, with its type, and nothing else is."""
import os
import pathlib
import re
import time
import unittest

import golden
from packwalk_process import BINARY_FORM, ROOT, PackwalkTest, run, until


def documented():
    """{name: type}"""
    rows = re.findall(r"^\| `((?:packwalk|process)_\w+)(?:\{.*?\})?` \| (\w+) \|", (ROOT / "docs/api.md").read_text(), re.M)
    return dict(rows)


class Metrics(PackwalkTest):
    def test_what_is_documented_is_what_there_is(self):
        sources = "".join(path.read_text() for path in sorted((ROOT / "src/api").glob("*.[hc]*")))
        names = set(re.findall(r'"((?:packwalk|process)_[a-z_]+)"', sources))
        self.assertGreater(len(names), 20)
        self.assertEqual(names, set(documented()))

    def test_their_types(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        self.assertEqual(202, packwalk.post(token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(401, packwalk.post("nobody", golden.TRACK, BINARY_FORM).status)
        text = packwalk.ops("/metrics").body.decode()
        types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
        self.assertGreater(len(types), 20)
        self.assertEqual({name: documented().get(name) for name in types}, types)
        for sentence in re.findall(r"^# HELP \w+ (.*)$", text, re.M):
            self.assertTrue(sentence.endswith("."), sentence)

    def test_what_the_process_is_and_takes(self):
        before = time.time()
        packwalk = self.serve()
        found = packwalk.metrics()
        (labels,) = [dict(labels) for name, labels in found if name == "packwalk_build_info"]
        self.assertEqual({"version": run("version").stdout.split()[1], "role": "serve"}, {key: labels[key] for key in ("version", "role")})
        self.assertRegex(labels["commit"], r"\A([0-9a-f]{12}(-dirty)?|unknown)\Z")
        process = {name: found["process_" + name, frozenset()]
                   for name in ("resident_memory_bytes", "cpu_seconds_total", "open_fds", "start_time_seconds")}
        statm = pathlib.Path(f"/proc/{packwalk.process.pid}/statm").read_text().split()
        self.assertAlmostEqual(int(statm[1]) * os.sysconf("SC_PAGESIZE"), process["resident_memory_bytes"], delta=32e6)
        self.assertAlmostEqual(len(os.listdir(f"/proc/{packwalk.process.pid}/fd")), process["open_fds"], delta=5)
        self.assertGreater(process["cpu_seconds_total"], 0)
        self.assertTrue(before - 2 < process["start_time_seconds"] < time.time() + 2, process)

    def test_how_long_requests_take(self):
        packwalk = self.serve()
        token = packwalk.add_device("rex")
        for _ in range(3):
            self.assertEqual(202, packwalk.post(token, golden.TRACK, BINARY_FORM).status)
        self.assertEqual(401, packwalk.post("nobody", golden.TRACK, BINARY_FORM).status)
        self.assertEqual(404, packwalk.request("GET", "/" + token).status)
        name, found = "packwalk_http_request_duration_seconds", packwalk.metrics()
        for route, status, count in (("/v1/packets", "2xx", 3), ("/v1/packets", "4xx", 1), ("", "4xx", 1)):
            labels = frozenset({("route", route), ("class", status)})
            self.assertEqual(count, found[name + "_count", labels])
            self.assertGreater(found[name + "_sum", labels], 0)
            buckets = sorted((float(dict(each)["le"]), value) for (series, each), value in found.items()
                             if series == name + "_bucket" and labels < each)
            self.assertEqual((float("inf"), count), buckets[-1])
            self.assertEqual(sorted(value for _, value in buckets), [value for _, value in buckets])
        routes = {dict(labels)["route"] for series, labels in found if series.startswith(name)}
        self.assertFalse([route for route in routes if token in route])

    def test_damaged_files_are_counted_as_they_come_and_go(self):
        packwalk = self.serve()
        self.assertEqual(0, packwalk.metrics()["packwalk_queue_damaged_files", frozenset()])
        damaged = packwalk.data / "queue/00000001.journal.damaged"
        damaged.write_text("")
        until(lambda: packwalk.metrics()["packwalk_queue_damaged_files", frozenset()] == 1, "it is counted")
        damaged.unlink()
        until(lambda: packwalk.metrics()["packwalk_queue_damaged_files", frozenset()] == 0, "it is gone")


if __name__ == "__main__":
    unittest.main()
