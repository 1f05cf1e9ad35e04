"""The program that is shipped has the protections that docs/decisions/hardening.md names."""
import pathlib
import platform
import re
import resource
import subprocess
import unittest

from packwalk_process import BINARY, PackwalkTest


def readelf(option):
    return subprocess.run(["readelf", "--wide", option, BINARY], capture_output=True, text=True, check=True).stdout


class Hardening(unittest.TestCase):
    def test_the_program_may_be_loaded_anywhere(self):
        self.assertRegex(readelf("--file-header"), r"Type:\s+DYN")

    def test_what_the_linker_resolves_is_read_only_from_the_start(self):
        self.assertIn("GNU_RELRO", readelf("--program-headers"))
        self.assertRegex(readelf("--dynamic"), r"BIND_NOW|FLAGS_1.*NOW")

    def test_no_memory_is_writable_and_executable(self):
        segments = re.findall(r"^\s+(\S+)\s+(?:0x\S+\s+){5}([RWE ]{3})\s", readelf("--program-headers"), re.MULTILINE)
        self.assertIn("GNU_STACK", [name for name, _ in segments])
        for name, flags in segments:
            self.assertFalse("W" in flags and "E" in flags, name)

    def test_no_library_is_looked_for_beside_the_program(self):
        self.assertNotRegex(readelf("--dynamic"), "RPATH|RUNPATH|TEXTREL")

    def test_the_compiler_checks_stacks_and_buffers(self):
        symbols = readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__(memcpy|memmove|snprintf|read|fdelt|memset|vsnprintf)_chk")

    def test_the_standard_library_checks_its_bounds(self):
        self.assertIn("__glibcxx_assert_fail", readelf("--dyn-syms"))

    @unittest.skipUnless(platform.machine() == "x86_64", "these instructions are those of x86-64")
    def test_jumps_and_returns_are_guarded(self):
        main = subprocess.run(["objdump", "--disassemble=main", BINARY], capture_output=True, text=True, check=True).stdout
        self.assertRegex(main, r"<main>:\n\s+\S+:[\s0-9a-f]+\tendbr64")


class Process(PackwalkTest):
    def test_a_crash_writes_no_copy_of_the_memory_which_holds_tokens_and_places(self):
        packwalk = self.serve()
        self.assertEqual((0, 0), resource.prlimit(packwalk.process.pid, resource.RLIMIT_CORE))
        self.assertRegex(pathlib.Path(f"/proc/{packwalk.process.pid}/status").read_text(), r"NoNewPrivs:\s+1")


if __name__ == "__main__":
    unittest.main()
