"""How truly joint walks are found: simulated towns, whose true walks are known, analysed by the real program.

Prints precision, recall and F1 of both presets and of the naive rule as a table, and says which goals are missed; the
exit code is 1 when one is. --curves DIR draws instead how F1 depends on each constant. docs/choice-of-constants.md
argues from both.
"""
import argparse
import os
import pathlib
import sys

from truth import curves, table
from truth.towns import Towns

ROOT = pathlib.Path(__file__).resolve().parents[2]


def numbers(kind):
    return lambda text: [kind(each) for each in text.split(",") if each]


def leashes(text):
    return [{"on": True, "off": False}[each] for each in text.split(",") if each]


def main():
    parser = argparse.ArgumentParser(prog="script/truth", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "build/release/packwalk"))
    parser.add_argument("--towns", type=int, default=4, help="simulated days, of towns of seeds 1, 2, .. [4]")
    parser.add_argument("--dogs", type=int, default=150, help="in each town [150]")
    parser.add_argument("--noise", type=numbers(float), default=[1, 3, 5, 10], help="metres [1,3,5,10]")
    parser.add_argument("--sampling", type=numbers(int), default=[1, 5, 10, 30], help="seconds between fixes [1,5,10,30]")
    parser.add_argument("--leash", type=leashes, default=[True, False], help="[on,off]")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER",
                        help="another constant, in both presets")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--curves", type=pathlib.Path, metavar="DIR", help="draw the pictures of docs/pictures into DIR")
    arguments = parser.parse_args()
    towns = Towns(arguments.binary, arguments.processes, arguments.dogs)
    seeds = range(1, arguments.towns + 1)
    if arguments.curves:
        for path in curves.draw(towns, seeds, arguments.curves):
            print(path, flush=True)
        return 0
    cells = table.cells_of(arguments.leash, arguments.noise, arguments.sampling)
    measured = table.measure(towns, table.rules_with(arguments.set), seeds, cells, arguments.sampling)
    print("\n".join(table.lines(measured)))
    goals = list(table.goals(measured))
    missed = [what for what, met in goals if not met]
    print(f"\n{len(goals) - len(missed)} goals met, {len(missed)} missed", *missed, sep="\n  ")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
