#!/usr/bin/env python3
"""Tracks, contacts and joint walks of a file of fixes, computed independently of Packwalk, second by second.

walk_oracle.py FIXES.csv [--sleep SLEEP.csv] [--set NAME=NUMBER ..] --tracks OUT --contacts OUT --joint-walks OUT

The definitions, and the names of the constants, are those of docs/analysis.md. Obvious and slow: about a million device
seconds in half a minute.
"""
import argparse
import bisect
import collections
import csv
import math
from times import iso, second_of

CONSTANTS = {"track_gap": 600, "length_step": 5, "accuracy_default": 5, "bridge": 90, "speed_max": 35, "near": 6,
             "allowance_max": 10, "contact_hole": 30, "walk_pause": 600, "walk_min": 600, "walk_near_percent": 50,
             "walk_reach": 30, "walk_reach_percent": 10}
A, F = 6378137.0, 1 / 298.257223563
E2 = F * (2 - F)
HOUR = 3600


def ecef(lat, lon):
    phi, lam = math.radians(lat), math.radians(lon)
    n = A / math.sqrt(1 - E2 * math.sin(phi) ** 2)
    return n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam), n * (1 - E2) * math.sin(phi)


def number(text):
    return float(text) if text not in (None, "", "NA") else 0.0


def second_in(row):
    """Of a row whose timestamp is a number since 1970, or as `packwalk` writes it."""
    text = row["timestamp"]
    return second_of(text) if text.endswith("Z") else math.floor(float(text))


def read_fixes(path):
    """device -> [(second, point, accuracy or 0), ..] by time; of equal keys the first row."""
    rows = collections.defaultdict(dict)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                second, lat, lon = second_in(row), float(row["lat"]), float(row["lon"])
            except ValueError:
                continue
            if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat, lon) == (0, 0):
                continue
            rows[row["device"]].setdefault(second, (ecef(lat, lon), max(0.0, number(row.get("accuracy_m", row.get("accuracy"))))))
    return {device: [(second, *rows[device][second]) for second in sorted(rows[device])] for device in rows}


def read_sleeps(path):
    sleeps = collections.defaultdict(list)
    if path:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                sleeps[row["device"]].append(second_in(row))
    return {device: sorted(times) for device, times in sleeps.items()}


def are_outliers(fixes, c):
    """For each fix of a device: does it differ from both its neighbours by more than the device can run, and they not?"""
    def runs(one, other):
        return max(0.0, math.dist(one[1], other[1]) - (one[2] + other[2])) / (other[0] - one[0])

    marks = [False] * len(fixes)
    for i, (before, fix, after) in enumerate(zip(fixes, fixes[1:], fixes[2:]), start=1):
        is_close = max(fix[0] - before[0], after[0] - fix[0]) <= c["bridge"]
        marks[i] = bool(c["speed_max"]) and is_close and min(runs(before, fix), runs(fix, after)) > c["speed_max"] >= runs(
            before, after)
    return marks


class Dog:
    def __init__(self, fixes, sleeps, c):
        known = [(second, point, accuracy or c["accuracy_default"]) for second, point, accuracy in fixes]
        self.fixes = [fix for fix, is_outlier in zip(known, are_outliers(known, c)) if not is_outlier]
        self.c = c
        self.times = [fix[0] for fix in self.fixes]
        self.joined = []  # each fix with the next one
        for one, other in zip(self.fixes, self.fixes[1:]):
            slept = bisect.bisect_left(sleeps, other[0]) > bisect.bisect_right(sleeps, one[0])
            self.joined.append(other[0] - one[0] <= c["track_gap"] and not slept)

    def tracks(self):
        found, first = [], 0
        for i in range(len(self.fixes)):
            if i == len(self.fixes) - 1 or not self.joined[i]:
                found.append(self.fixes[first:i + 1])
                first = i + 1
        return found

    def length(self, fixes):
        length, anchor = 0.0, None
        for fix in fixes:
            if anchor is None:
                anchor = fix
            elif (leg := math.dist(anchor[1], fix[1])) >= max(self.c["length_step"], anchor[2], fix[2]):
                length += leg
                anchor = fix
        return length

    def where(self, from_second, until):
        """(second, point, accuracy) of every second in [from, until) at which it is somewhere."""
        first = max(0, bisect.bisect_right(self.times, from_second) - 1)
        for i in range(first, len(self.fixes)):
            second, point, accuracy = self.fixes[i]
            if second >= until:
                return
            if second >= from_second:
                yield self.fixes[i]
            if i + 1 == len(self.fixes) or not self.joined[i] or self.times[i + 1] - second > self.c["bridge"]:
                continue
            next_second, next_point, next_accuracy = self.fixes[i + 1]
            for between in range(max(second + 1, from_second), min(next_second, until)):
                share = (between - second) / (next_second - second)
                yield (between, tuple(p + (q - p) * share for p, q in zip(point, next_point)), max(accuracy, next_accuracy))


def near_seconds(dogs, c):
    """(a, b) -> [(second, point of a, point of b), ..]"""
    near = collections.defaultdict(list)
    hours = sorted({hour for dog in dogs.values() for second in dog.times
                    for hour in (second // HOUR, (second + c["bridge"]) // HOUR)})
    farthest = c["near"] + c["allowance_max"]
    for hour in hours:
        at = collections.defaultdict(list)
        for name, dog in dogs.items():
            for second, point, accuracy in dog.where(hour * HOUR, (hour + 1) * HOUR):
                at[second].append((point, name, accuracy))
        for second in sorted(at):
            there = sorted(at[second])
            for i, (p, one, accuracy) in enumerate(there):
                for q, other, other_accuracy in there[i + 1:]:
                    if q[0] - p[0] > farthest:
                        break
                    allowance = min(math.hypot(accuracy, other_accuracy), c["allowance_max"])
                    if math.dist(p, q) <= c["near"] + allowance:
                        a, b = (one, p), (other, q)
                        if one.encode() > other.encode():
                            a, b = b, a
                        near[a[0], b[0]].append((second, a[1], b[1]))
    return near


def contacts_of(near, c):
    """[[(second, ..), ..], ..]"""
    contacts = []
    for one in near:
        if not contacts or one[0] - contacts[-1][-1][0] > c["contact_hole"]:
            contacts.append([])
        contacts[-1].append(one)
    return contacts


def joint_walks_of(contacts, c):
    """[[contact, ..], ..]"""
    chains = []
    for contact in contacts:
        if not chains or contact[0][0] - chains[-1][-1][-1][0] > c["walk_pause"]:
            chains.append([])
        chains[-1].append(contact)
    walks = []
    for chain in chains:
        near = [one for contact in chain for one in contact]
        away = [sum(math.dist(one[who], near[0][who]) >= c["walk_reach"] for one in near) for who in (1, 2)]
        together = sum(contact[-1][0] - contact[0][0] for contact in chain)
        if (together >= c["walk_min"] and len(near) * 100 >= together * c["walk_near_percent"]
                and all(count * 100 >= len(near) * c["walk_reach_percent"] for count in away)):
            walks.append(chain)
    return walks


def analyse(fixes_path, sleep_path=None, constants=None):
    """Rows of tracks, contacts and joint walks, as `packwalk analyse` writes them, lengths as numbers."""
    c = CONSTANTS | (constants or {})
    sleeps = read_sleeps(sleep_path)
    dogs = {name: Dog(fixes, sleeps.get(name, []), c) for name, fixes in read_fixes(fixes_path).items()}
    tracks = [(name, iso(track[0][0]), iso(track[-1][0]), len(track), dog.length(track))
              for name, dog in dogs.items() for track in dog.tracks()]
    contacts, walks = [], []
    for (a, b), near in near_seconds(dogs, c).items():
        of_pair = contacts_of(near, c)
        contacts += [(a, b, iso(contact[0][0]), iso(contact[-1][0]), len(contact)) for contact in of_pair]
        walks += [(a, b, iso(chain[0][0][0]), iso(chain[-1][-1][0]), sum(contact[-1][0] - contact[0][0] + 1 for contact in chain),
                   sum(map(len, chain)), len(chain)) for chain in joint_walks_of(of_pair, c)]

    def in_byte_order(rows, names):
        return sorted(rows, key=lambda row: tuple(cell.encode() for cell in row[:names]) + row[names:])

    return in_byte_order(tracks, 1), in_byte_order(contacts, 2), in_byte_order(walks, 2)


def write(path, header, rows):
    if path:
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows([f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row] for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fixes")
    for name in ("--sleep", "--tracks", "--contacts", "--joint-walks"):
        parser.add_argument(name)
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    constants = {name: float(value) for name, value in (each.split("=") for each in arguments.set)}
    tracks, contacts, walks = analyse(arguments.fixes, arguments.sleep, constants)
    write(arguments.tracks, "device,from,to,fix_count,length_m", tracks)
    write(arguments.contacts, "device_a,device_b,from,to,near_seconds", contacts)
    write(arguments.joint_walks, "device_a,device_b,from,to,together_seconds,near_seconds,contact_count", walks)
    print(f"tracks {len(tracks)}, contacts {len(contacts)}, joint walks {len(walks)}")


if __name__ == "__main__":
    main()
