"""Runs the lines of README.md and holds their output against what it prints; … stands for anything on one line."""
import pathlib
import re
import subprocess
import unittest

import packwalk_process
from packwalk_process import BINARY, PackwalkTest

README = pathlib.Path(__file__).parents[2] / "README.md"


def console_lines():
    """(command, printed) for each `$` line of the console block."""
    block = re.search(r"```console\n(.*?)```", README.read_text(), re.S)[1]
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed.strip()


class Readme(PackwalkTest):
    def test_its_lines_print_what_it_says(self):
        server = self.serve()
        lines = list(console_lines())
        self.assertEqual(7, len(lines))
        # One shell, as a reader has: what the first lines set is there in the others.
        script = "\n".join(f"{command}; echo; echo ----" for command, _ in lines)
        script = script.replace("build/release/packwalk", BINARY).replace("127.0.0.1:8080", f"{server.host}:{server.port}")
        script = script.replace("--data data", f"--data {server.data}").replace("data/admin", f"{server.data}/admin")
        ran = subprocess.run(["bash", "-c", script.replace("curl ", "curl -s ")], capture_output=True, text=True,
                             env=packwalk_process.environment())
        self.assertEqual("", ran.stderr)
        outputs = [output.strip() for output in ran.stdout.split("----\n")]
        for (command, printed), output in zip(lines, outputs):
            pattern = ".*".join(re.escape(part) for part in printed.split("…"))
            self.assertRegex(output, f"^{pattern}$", command)


if __name__ == "__main__":
    unittest.main()
