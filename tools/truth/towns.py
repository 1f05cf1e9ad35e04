"""Simulated towns, analysed by the real program."""
import concurrent.futures
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

from truth import matching

CITY = "48.7,44.5"
DAY = "2026-05-04T00:00:00Z"  # a day of the town begins then, at 3 in the morning


@dataclasses.dataclass(frozen=True)
class Cell:
    leash: bool
    noise: float
    sampling: int


class Towns:
    """Runs the program `binary`, so many processes at once; `dogs` in a town.

    A rule that finds walks is a preset and what is set on top of it: ("off-leash", ("near=8",)).
    """

    def __init__(self, binary, processes, dogs):
        self.binary, self.dogs = binary, dogs
        self.pool = concurrent.futures.ThreadPoolExecutor(processes)

    def run(self, *arguments):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, timeout=1200)
        if done.returncode != 0:
            raise RuntimeError(f"packwalk {arguments[0]}: {done.stderr.strip()}")

    def simulate(self, folder, seed, noise, sampling, *options):
        self.run("simulate", "--city", CITY, "--from", DAY, "--seed", seed, "--noise", noise, "--sampling",
                 f"{sampling},{sampling}", "--out", folder, *options)

    def analyse(self, folder, rule):
        """The joint walks of a simulated folder, by a rule."""
        preset, settings = rule
        out = folder / "walks.csv"
        self.run("analyse", folder / "fixes.csv", "--joint-walks", out, "--force", "--preset", preset,
                 *(part for each in settings for part in ("--set", each)))
        return matching.read_walks(out)

    def scores(self, cell, seed, rules, without_error=None):
        """{name: Score} of a day of one town, for rules {name: rule}."""
        with tempfile.TemporaryDirectory(prefix="packwalk-truth-") as name:
            folder = pathlib.Path(name)
            self.simulate(folder, seed, cell.noise, cell.sampling, "--dogs", self.dogs, "--walks", 6, "--off-leash",
                          "0" if cell.leash else "1")
            truth = matching.read_walks(folder / "truth.csv")
            return {name: matching.score(truth, self.analyse(folder, rule), (without_error or {}).get(name))
                    for name, rule in rules.items()}

    def walks_without_error(self, leash, seed, rules):
        """{name: walks} that the rules find where every collar tells each second where it is, without an allowance."""
        with tempfile.TemporaryDirectory(prefix="packwalk-truth-") as name:
            folder = pathlib.Path(name)
            self.simulate(folder, seed, 0, 1, "--dogs", self.dogs, "--walks", 6, "--off-leash", "0" if leash else "1")
            return {name: self.analyse(folder, (preset, (*settings, "allowance_max=0")))
                    for name, (preset, settings) in rules.items()}

    def walks_on_shelves(self, noise, sampling, pairs, seed, rules):
        """{name: number of walks} of so many pairs of collars that lie side by side for 12 hours."""
        with tempfile.TemporaryDirectory(prefix="packwalk-truth-") as name:
            folder = pathlib.Path(name)
            self.simulate(folder, seed, noise, sampling, "--shelf", "--dogs", 2 * pairs, "--hours", 12)
            return {name: sum(map(len, self.analyse(folder, rule).values())) for name, rule in rules.items()}

    def all(self, jobs):
        """The results of jobs (function, arguments ..), in their order."""
        results = []
        futures = [self.pool.submit(job[0], *job[1:]) for job in jobs]
        try:
            for future in futures:
                results.append(future.result())
                if sys.stderr.isatty():
                    print(f"\r{len(results)} of {len(futures)} ", end="", file=sys.stderr, flush=True)
        finally:
            for future in futures:
                future.cancel()
        if sys.stderr.isatty():
            print("\r                \r", end="", file=sys.stderr)
        return results
