"""The table of precision and recall, the nights on shelves, and the goals."""
import dataclasses

from truth.towns import Cell

SHELF_NOISE = 10
SHELF_PAIRS = 20
PRESETS = ("specification", "off-leash")
RULES = ("naive", *PRESETS)


def rules_with(settings):
    """{name: rule}. The naive rule is that of raw distance, no allowance and no hole, whatever the settings."""
    return {"naive": ("specification", ("allowance_max=0", "contact_hole=1", "walk_near_percent=0")),
            **{name: (name, tuple(settings)) for name in PRESETS}}


@dataclasses.dataclass
class Measured:
    cells: dict  # Cell -> {rule: Score}
    shelves: dict  # sampling -> (pairs, {rule: number of walks})


def measure(towns, rules, seeds, cells, samplings_of_shelves):
    places = sorted({(cell.leash, seed) for cell in cells for seed in seeds})
    without_error = dict(zip(places, towns.all([(towns.walks_without_error, *place, rules) for place in places])))
    jobs = [(towns.scores, cell, seed, rules, without_error[cell.leash, seed]) for cell in cells for seed in seeds]
    measured = Measured({cell: {} for cell in cells}, {})
    for (_, cell, *_), scores in zip(jobs, towns.all(jobs)):
        so_far = measured.cells[cell]
        for name, score in scores.items():
            so_far[name] = so_far[name] + score if name in so_far else score
    jobs = [(towns.walks_on_shelves, SHELF_NOISE, sampling, SHELF_PAIRS, seed, rules)
            for sampling in samplings_of_shelves for seed in seeds]
    for (_, _, sampling, pairs, *_), walks in zip(jobs, towns.all(jobs)):
        pairs_before, before = measured.shelves.get(sampling, (0, dict.fromkeys(RULES, 0)))
        measured.shelves[sampling] = pairs_before + pairs, {name: before[name] + walks[name] for name in RULES}
    return measured


def row(*columns):
    return "| " + " | ".join(map(str, columns)) + " |"


def head(*columns):
    return [row(*columns), row(*["---"] * len(columns))]


def rates(score):
    precision = f"{score.precision:.3f}" if score.found else "–"
    return f"{precision} / {score.recall:.3f} / {score.f1:.3f}"


def table_of_cells(measured, text_of):
    yield from head("leash", "noise, m", "fix every, s", "true walks", *RULES)
    for cell, scores in measured.cells.items():
        yield row("on" if cell.leash else "off", f"{cell.noise:g}", cell.sampling, scores["naive"].true,
                  *(text_of(scores[name]) for name in RULES))


def lines(measured):
    yield from ["Precision / recall / F1 of the joint walks:", ""]
    yield from table_of_cells(measured, rates)
    yield from ["", "In numbers: found / right / unplanned, those of the others that are found as well where nothing is "
                "measured wrongly:", ""]
    yield from table_of_cells(measured, lambda score: f"{score.found} / {score.right} / {score.unplanned}")
    if measured.shelves:
        yield from ["", "Joint walks found of collars that lie two by two on shelves for 12 hours, "
                    f"noise {SHELF_NOISE} m:", ""]
        yield from head("fix every, s", "pairs", *RULES)
        for sampling, (pairs, walks) in measured.shelves.items():
            yield row(sampling, pairs, *(walks[name] for name in RULES))


def goals(measured):
    """(what, whether it is met) of each goal that concerns what was measured."""
    for cell, scores in measured.cells.items():
        where = f"noise {cell.noise:g} m, a fix every {cell.sampling} s"
        if cell.leash and cell.noise <= 5 and cell.sampling <= 10:
            score = scores["specification"]
            yield (f"specification on the leash, {where}: precision {score.precision:.3f} and recall {score.recall:.3f}, "
                   "both at least 0.98", score.precision >= 0.98 and score.recall >= 0.98)
        if not cell.leash:
            score = scores["off-leash"]
            yield f"off-leash off the leash, {where}: F1 {score.f1:.3f}, at least 0.92", score.f1 >= 0.92
    for sampling, (pairs, walks) in measured.shelves.items():
        for name in PRESETS:
            yield (f"{name}, {pairs} pairs of collars on shelves, a fix every {sampling} s: {walks[name]} joint walks, none",
                   walks[name] == 0)


def cells_of(leashes, noises, samplings):
    return [Cell(leash, noise, sampling) for leash in leashes for noise in noises for sampling in samplings]
