#!/usr/bin/env python3
"""Where each device of a CSV of tracks was last, computed independently of Packwalk, and whether a database agrees.

last_positions.py FILE.csv                           prints device,timestamp,lat,lon
last_positions.py FILE.csv DATA [EARLIEST_SECONDS]   compares with DATA/packwalk.db; exit code 1 when they differ
"""
import contextlib
import csv
import math
import pathlib
import re
import sqlite3
import sys

DEFAULT_EARLIEST = 1420070400  # 2015-01-01


def device_id(name):
    return re.sub(rb"[^A-Za-z0-9_-]", b"_", name.encode()).decode()


def is_place(lat, lon):
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)


def last_positions(path, earliest=DEFAULT_EARLIEST):
    """device -> (timestamp, {(lat, lon), ..}): several places where the last second was told twice, differently."""
    last = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                timestamp, lat, lon = int(float(row["timestamp"])), float(row["lat"]), float(row["lon"])
            except ValueError:
                continue
            if timestamp < earliest or not is_place(lat, lon):
                continue
            device = device_id(row["device"])
            known = last.get(device)
            if known is None or timestamp > known[0]:
                last[device] = (timestamp, {(lat, lon)})
            elif timestamp == known[0]:
                known[1].add((lat, lon))
    return last


def rows_of_folder(data):
    """What answers statements about DATA/packwalk.db."""
    def rows(statement):
        with contextlib.closing(sqlite3.connect(f"file:{pathlib.Path(data) / 'packwalk.db'}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    return rows


def stored_positions(rows, devices):
    found = rows("SELECT d.id, s.fix_timestamp, s.lat, s.lon FROM states s JOIN devices d"
                 " ON d.number = s.device WHERE s.fix_timestamp IS NOT NULL")
    return {device: (timestamp, (float(lat), float(lon))) for device, timestamp, lat, lon in found if device in devices}


def is_near(stored, places, degrees):
    return any(abs(stored[0] - lat) <= degrees and abs(stored[1] - lon) <= degrees for lat, lon in places)


def differences(path, rows, earliest=DEFAULT_EARLIEST, degrees=0):
    """Sentences, one a device; `rows` answers a statement about what is stored. Coordinates may differ by `degrees`:
    what a coarser form of packet loses."""
    expected = last_positions(path, earliest)
    stored = stored_positions(rows, expected.keys())
    return [f"{device}: computed {expected[device]}, stored {stored.get(device)}"
            for device in sorted(expected)
            if device not in stored or stored[device][0] != expected[device][0]
            or not is_near(stored[device][1], expected[device][1], degrees)]


def main(arguments):
    if len(arguments) < 2:
        for device, (timestamp, places) in sorted(last_positions(*arguments).items()):
            for lat, lon in sorted(places):
                print(f"{device},{timestamp},{lat},{lon}")
        return 0
    earliest = int(arguments[2]) if len(arguments) > 2 else DEFAULT_EARLIEST
    found = differences(arguments[0], rows_of_folder(arguments[1]), earliest)
    print("\n".join(found) if found else f"{len(last_positions(arguments[0], earliest))} last positions agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
