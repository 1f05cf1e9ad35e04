"""Which walks that were found are true ones.

A walk that was found is right when it shares with a true walk of the same pair more than half of the seconds that
either of the two spans. The walks of a pair do not overlap each other, neither the true ones nor those found, so that no
walk can be right twice: the matching is one to one without a choice.
"""
import collections
import csv
import dataclasses
import datetime


def second_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def read_walks(path):
    """(device, device) -> [(from, to), ..], of truth.csv or of the joint walks of `packwalk analyse`."""
    walks = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for a, b, first, last, *_ in rows:
            walks[a, b].append((second_of(first), second_of(last)))
    return walks


def is_same(one, other):
    shared = min(one[1], other[1]) - max(one[0], other[0]) + 1
    spanned = max(one[1], other[1]) - min(one[0], other[0]) + 1
    return 2 * shared > spanned


@dataclasses.dataclass
class Score:
    """Of nothing, precision, recall and F1 are 0: who measures nothing meets no goal."""

    true: int = 0
    found: int = 0
    right: int = 0
    unplanned: int = 0  # of those that are not right: what the same rule finds where nothing is measured wrongly

    def __add__(self, other):
        return Score(*(x + y for x, y in zip(dataclasses.astuple(self), dataclasses.astuple(other))))

    @property
    def false(self):
        return self.found - self.right

    @property
    def precision(self):
        return self.right / max(1, self.found)

    @property
    def recall(self):
        return self.right / max(1, self.true)

    @property
    def f1(self):
        return 2 * self.right / max(1, self.true + self.found)


def score(truth, found, without_error=None):
    """`without_error`: the walks found where nothing is measured wrongly, if they are known."""
    result = Score(true=sum(map(len, truth.values())), found=sum(map(len, found.values())))
    for pair, walks in found.items():
        for walk in walks:
            if any(is_same(walk, other) for other in truth.get(pair, ())):
                result.right += 1
            elif without_error and any(is_same(walk, other) for other in without_error.get(pair, ())):
                result.unplanned += 1
    return result
