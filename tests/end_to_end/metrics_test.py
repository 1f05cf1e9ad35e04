"""Every series of /metrics is in the table of docs/api.md, with its type, and nothing else is."""
import re
import unittest

import golden
from packwalk_process import BINARY_FORM, ROOT, PackwalkTest, until


def documented():
    """{name: type}"""
    rows = re.findall(r"^\| `(packwalk_\w+)(?:\{.*?\})?` \| (\w+) \|", (ROOT / "docs/api.md").read_text(), re.M)
    return dict(rows)


class Metrics(PackwalkTest):
    def test_what_is_documented_is_what_there_is(self):
        names = set(re.findall(r'"(packwalk_\w+)"', (ROOT / "src/http/metrics.cc").read_text()))
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
