#!/usr/bin/env python3
"""Runs two builds of the bench in turn and prints how each figure of the second differs from the first.

compare.py FOLDER_BEFORE FOLDER_NOW [--pairs N] [options of packwalk_bench]

The figures of --production and --analysis are taken beside real servers, new ones for each run. Both runs of a pair follow each
other, and which of them is first changes from pair to pair, so that what else the machine does meets both. Of each pair the
logarithm of the ratio counts; the interval is that of Student's t. Exit code 1 when a figure's whole interval is worse than -3 %.
"""
import argparse
import math
import pathlib
import re
import statistics
import subprocess
import sys

WORSE_MAX = -3.0
BESIDE_SERVERS = [pathlib.Path(__file__).with_name("with_servers.py"), "--durable"]
LINE = re.compile(r"^(?P<name>\S.{57}) +(?P<value>\d+(\.\d+)?) (?P<unit>\S+)")  # as bench/figures.h prints it
# Student's t for 95 %, by degrees of freedom; beyond the last one it hardly falls.
T = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09]


def figures(folder, options):
    """{name: (value, unit)}"""
    beside = BESIDE_SERVERS if {"--production", "--analysis", "analysis"} & set(options) else []
    ran = subprocess.run([*beside, folder / "packwalk_bench", *options], capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{folder}/packwalk_bench failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    found, section = {}, ""
    for line in ran.stdout.splitlines():
        if line.startswith("== "):
            section = line[3:].split(",")[0]
        elif match := LINE.match(line):
            found[f"{section}: {match['name'].strip()}"] = (float(match["value"]), match["unit"])
    return found


def gain(before, now, unit):
    """The logarithm of how much better it is now."""
    ratio = math.log(now / before)
    return ratio if unit.endswith("/s") or "/s" in unit or unit == "times" else -ratio


def summary(gains):
    """(mean, low, high) in per cent."""
    mean = statistics.fmean(gains)
    if len(gains) < 2:
        return tuple(100 * (math.exp(mean) - 1) for _ in range(3))
    half = T[min(len(gains) - 2, len(T) - 1)] * statistics.stdev(gains) / math.sqrt(len(gains))
    return tuple(100 * (math.exp(x) - 1) for x in (mean, mean - half, mean + half))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("now", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=15)
    chosen, options = parser.parse_known_args()
    gains = {}
    for pair in range(chosen.pairs):
        order = (chosen.before, chosen.now) if pair % 2 == 0 else (chosen.now, chosen.before)
        ran = {folder: figures(folder, options) for folder in order}
        for name, (value, unit) in ran[chosen.now].items():
            before = ran[chosen.before].get(name, (0, unit))[0]
            if before > 0 and value > 0:
                gains.setdefault((name, unit), []).append(gain(before, value, unit))
        print(f"pair {pair + 1} of {chosen.pairs}", file=sys.stderr, flush=True)
    worse = 0
    for (name, unit), values in gains.items():
        mean, low, high = summary(values)
        is_worse = high < WORSE_MAX
        worse += is_worse
        print(f"{name:<100} {unit:<12} {mean:+7.1f} %  [{low:+6.1f} .. {high:+6.1f}]  {len(values)} pairs {'WORSE' if is_worse else ''}")
    print(f"{worse} figures are surely more than 3 % worse." if worse else "No figure is surely more than 3 % worse.")
    return 1 if worse or not gains else 0


if __name__ == "__main__":
    sys.exit(main())
