#!/usr/bin/env python3
"""Adds up JUnit files: prints the end of each failed test's output, the failed tests and, last, `N passed, N failed`.
Fails unless all passed.

test_results.py FILE..                   sum the files
test_results.py --not-built NAME FILE    write a file that says that NAME could not be built
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

NOT_BUILT = '<testsuite><testcase name="build of {}" status="fail"><failure/></testcase></testsuite>\n'
TEST_LINES_MAX = 40    # of the output of one test
LINES_MAX = 200        # of the output of all tests: the log of a run is read from its end
CHARACTERS_MAX = 1000  # of one line


def results(files):
    """How many passed, and {name: output} of the others: failed, or not run at all. A name has the seconds that the test
    took, which show whether it came to its deadline."""
    passed, failed = 0, {}
    for path in files:
        if not path.exists():
            failed[f"{path.stem}: it left no results"] = ""
            continue
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            if case.get("status") == "run":
                passed += 1
            else:
                seconds = float(case.get("time") or 0)
                failed[f"{path.stem}: {case.get('name')} ({seconds:.0f} s)"] = case.findtext("system-out") or ""
    return passed, failed


def print_ends(failed):
    """Tests share the lines evenly. If more than LINES_MAX tests failed, their names have to do."""
    lines_max = min(TEST_LINES_MAX, LINES_MAX // max(len(failed), 1))
    for name, output in failed.items():
        lines = output.strip().splitlines()
        if lines and lines_max:
            print(f"-- {name}, the end of its output:")
            print(*(line[:CHARACTERS_MAX] for line in lines[-lines_max:]), sep="\n")


def main(arguments):
    if arguments[0] == "--not-built":
        pathlib.Path(arguments[2]).write_text(NOT_BUILT.format(arguments[1]))
        return 0
    passed, failed = results([pathlib.Path(name) for name in arguments])
    print_ends(failed)
    for name in failed:
        print("failed:", name)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
