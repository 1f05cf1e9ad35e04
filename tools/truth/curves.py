"""How F1 depends on each constant, as pictures."""
import dataclasses

from truth import chart
from truth.table import SHELF_PAIRS
from truth.towns import Cell

NOISES = (1, 3, 5, 10)
PLACES = ((True, "specification"), (False, "off-leash"))  # on the leash the one preset, off the leash the other


@dataclasses.dataclass
class Curve:
    constant: str
    unit: str
    values: tuple
    chosen: tuple  # of the two presets
    sampling: int = 5


CURVES = (
    Curve("near", "m", (0, 2, 4, 6, 8, 10, 12, 15, 20, 25), (6, 10)),
    Curve("allowance_max", "m", (0, 2, 5, 8, 10, 12, 15, 20, 25), (10, 5)),
    Curve("contact_hole", "s", (1, 15, 30, 45, 60, 90, 120, 150, 180), (30, 90)),
    Curve("walk_near_percent", "%", (0, 10, 20, 30, 40, 50, 60, 70, 80, 90), (50, 0), sampling=1),
    Curve("walk_reach", "m", (0, 10, 20, 30, 40, 60, 80, 100, 120), (30, 30)),
)
F1_MIN = 0.6  # of the pictures: what is worse need not be told apart


def _panel(towns, seeds, curve, place):
    leash, preset = PLACES[place]
    rules = {value: (preset, (f"{curve.constant}={value}",)) for value in curve.values}
    jobs = [(towns.scores, Cell(leash, noise, curve.sampling), seed, rules) for noise in NOISES for seed in seeds]
    sums = {}
    for (_, cell, *_), scores in zip(jobs, towns.all(jobs)):
        for value, score in scores.items():
            key = cell.noise, value
            sums[key] = sums[key] + score if key in sums else score
    lines = {f"noise {noise} m": [sums[noise, value].f1 for value in curve.values] for noise in NOISES}
    where = "on the leash" if leash else "off the leash"
    return chart.Panel(f"{preset}, {where}, a fix every {curve.sampling} s", f"{curve.constant}, {curve.unit}", "F1",
                       list(curve.values), lines, F1_MIN, 1.0, curve.chosen[place])


def _shelves(towns, seeds, curve):
    rules = {value: ("specification", (f"{curve.constant}={value}",)) for value in curve.values}
    jobs = [(towns.walks_on_shelves, noise, curve.sampling, SHELF_PAIRS, seed, rules) for noise in NOISES for seed in seeds]
    sums = dict.fromkeys(((noise, value) for noise in NOISES for value in curve.values), 0)
    for (_, noise, *_), walks in zip(jobs, towns.all(jobs)):
        for value, count in walks.items():
            sums[noise, value] += count
    pairs = SHELF_PAIRS * len(seeds)
    lines = {f"noise {noise} m": [sums[noise, value] / pairs for value in curve.values] for noise in NOISES}
    return chart.Panel(f"specification, {pairs} pairs on shelves for 12 h", f"{curve.constant}, {curve.unit}",
                       "joint walks a pair", list(curve.values), lines, 0.0, 1.0, curve.chosen[0])


def draw(towns, seeds, folder, curves=CURVES):
    """Draws them into a folder; yields the path of each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for curve in curves:
        panels = [_panel(towns, seeds, curve, place) for place in range(len(PLACES))]
        if curve.constant == "walk_reach":
            panels.append(_shelves(towns, seeds, curve))
        path = folder / f"{curve.constant}.svg"
        title = f"{curve.constant}, and what it is in each preset (dotted)"
        path.write_text("\n".join(chart.svg(title, panels)), encoding="utf-8")
        yield path
