"""Recorded tracks that an oracle, `analyse` and both stores are held against: those of script/oracle, or excerpts."""
import csv
import os
import pathlib

DATA = pathlib.Path(__file__).parents[1] / "data"
RECORDINGS = [pathlib.Path(name) for name in os.environ.get("PACKWALK_RECORDINGS", "").split(os.pathsep) if name] or [
    DATA / f"{name}.csv" for name in ("calves", "cats", "town-antimeridian")]


def to_send(recording, out):
    """Its rows with devices that can be registered, `NAME-NUMBER`, but of two places at one second only the first:
    which of them stands depends on which comes first."""
    numbers, places = {}, {}
    with open(recording, newline="", encoding="utf-8") as file, open(out, "w", newline="", encoding="utf-8") as to:
        rows = csv.DictReader(file)
        writer = csv.DictWriter(to, rows.fieldnames, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            device = numbers.setdefault(row["device"], len(numbers) + 1)
            if places.setdefault((device, row["timestamp"]), row) == row:
                writer.writerow(row | {"device": f"{out.stem}-{device}"})
    return out
