#!/usr/bin/env python3
"""Adds up JUnit files: prints the failed tests and, last, `N passed, N failed`; fails unless all passed.

test_results.py FOLDER                   sum the files in FOLDER
test_results.py --not-built NAME FILE    write a file that says that NAME could not be built
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

NOT_BUILT = '<testsuite><testcase name="build of {}" status="fail"><failure/></testcase></testsuite>\n'


def main(arguments):
    if arguments[0] == "--not-built":
        pathlib.Path(arguments[2]).write_text(NOT_BUILT.format(arguments[1]))
        return 0
    passed, failed = 0, []
    for path in sorted(pathlib.Path(arguments[0]).glob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            if case.get("status") == "run":
                passed += 1
            else:  # failed, or not run at all
                failed.append(f"{path.stem}: {case.get('name')}")
    for name in failed:
        print("failed:", name)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or passed == 0 else 0


sys.exit(main(sys.argv[1:]))
