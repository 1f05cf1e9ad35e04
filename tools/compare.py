#!/usr/bin/env python3
"""Runs two builds of the bench in turn, and prints a line for each figure: how much better the second build is.

compare.py FOLDER_BEFORE FOLDER_NOW [--pairs N] [options of packwalk_bench]

The figures of --production and --analysis are taken beside real servers, new ones for each run. Both runs of a pair follow each
other, and which of them is first changes from pair to pair, so that what else the machine does meets both. Of each pair the
logarithm of the ratio counts; the interval is that of Student's t. Ctrl-C ends it with the pairs that are there. Exit code 1 when a
figure's whole interval is worse than a ratio of 0.97, or a run failed.
"""
import argparse
import math
import pathlib
import re
import statistics
import subprocess
import sys
import time

WORSE_MAX = 0.97
BESIDE_SERVERS = [pathlib.Path(__file__).with_name("with_servers.py"), "--durable"]
LINE = re.compile(r"^(?P<name>\S.{57}) +(?P<value>\d+(\.\d+)?) (?P<unit>\S+)")  # as bench/figures.h prints it
# Student's t for 95 %, by degrees of freedom; beyond the last one it hardly falls.
T = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09]


class Failed(Exception):
    pass


def figures(folder, options):
    """{name: (value, unit)}"""
    beside = BESIDE_SERVERS if {"--production", "--analysis", "analysis"} & set(options) else []
    ran = subprocess.run([*beside, folder / "packwalk_bench", *options], capture_output=True, text=True)
    if ran.returncode != 0:
        raise Failed(f"{folder}/packwalk_bench failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    found, section = {}, ""
    for line in ran.stdout.splitlines():
        if line.startswith("== "):
            section = line[3:].split(",")[0]
        elif match := LINE.match(line):
            found[f"{section}: {match['name'].strip()}"] = (float(match["value"]), match["unit"])
    return found


def more_is_better(unit):
    return "/s" in unit or unit == "times"


def gain(before, now, unit):
    """The logarithm of how many times as good it is now."""
    return math.log(now / before if more_is_better(unit) else before / now)


def ratios(gains):
    """(mean, low, high); (mean, None, None) of a single one."""
    mean = statistics.fmean(gains)
    if len(gains) < 2:
        return math.exp(mean), None, None
    half = T[min(len(gains) - 2, len(T) - 1)] * statistics.stdev(gains) / math.sqrt(len(gains))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def verdict(low, high):
    if low is None:
        return "one pair: no verdict"
    if high < WORSE_MAX:
        return "WORSE, significantly by more than 3 %"
    if high < 1:
        return "worse"
    return "better" if low > 1 else "no difference shown"


class Progress:
    """Says after each run how long the rest will take."""

    def __init__(self, runs):
        self.runs, self.done, self.began = runs, 0, time.monotonic()

    def run_done(self):
        self.done += 1
        each = (time.monotonic() - self.began) / self.done
        left = each * (self.runs - self.done)
        print(f"run {self.done} of {self.runs}: {each:.0f} s each, {left / 60:.0f} min left", file=sys.stderr, flush=True)


def run_pairs(chosen, options):
    """{(name, unit): [(before, now) of each pair]}, and how many pairs are left out, as a run of theirs failed. The second such
    pair is the last."""
    pairs, progress, failed = {}, Progress(2 * chosen.pairs), 0
    for pair in range(chosen.pairs):
        ran = {}
        try:
            for folder in (chosen.before, chosen.now) if pair % 2 == 0 else (chosen.now, chosen.before):
                ran[folder] = figures(folder, options)
                progress.run_done()
        except KeyboardInterrupt:
            print(f"ended after {pair} pairs", file=sys.stderr)
            break
        except Failed as failure:
            print(f"{failure}\npair {pair + 1} is left out", file=sys.stderr)
            failed += 1
            if failed > 1:
                break
            continue
        for name, (now, unit) in ran[chosen.now].items():
            before = ran[chosen.before].get(name, (0, unit))[0]
            if before > 0 and now > 0:
                pairs.setdefault((name, unit), []).append((before, now))
    return pairs, failed


def line(name, width, unit, values):
    """What is printed of a figure, and whether it is surely worse."""
    mean, low, high = ratios([gain(before, now, unit) for before, now in values])
    before, now = (statistics.median(side) for side in zip(*values))
    interval = "" if low is None else f"[{low:.3f} .. {high:.3f}]"
    told = verdict(low, high)
    return (f"{name:<{width}} {before:>12,.1f} -> {now:>12,.1f} {unit:<11} ratio {mean:.3f} {interval:<18} {told}",
            told.startswith("WORSE"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("now", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=15)
    chosen, options = parser.parse_known_args()
    pairs, failed = run_pairs(chosen, options)
    print("medians before -> now; ratio: how many times as good it is now, above 1 is better; [95 % interval]; verdict")
    worse, width = 0, max((len(name) for name, _ in pairs), default=0)
    for (name, unit), values in pairs.items():
        text, is_worse = line(name, width, unit, values)
        print(text)
        worse += is_worse
    print(f"{worse} figures are significantly more than 3 % worse." if worse else "No figure is significantly more than 3 % worse.")
    if failed:
        print("Pairs are missing, as runs failed: see above.")
    return 1 if worse or failed or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
