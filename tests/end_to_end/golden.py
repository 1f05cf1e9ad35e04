"""The three packets whose bytes the protocol's description prints, and helpers that make more."""
import json
import struct

# status 1, 48.7081 44.5153, 40 m, accuracy 6 m
TRACK = bytes.fromhex("0101a045566918d54242ab0f32422806")
# status 1, walk, 52 steps
ACTIVITY = bytes.fromhex("0201be4556690134000000")
# status 1, -33.8567 151.2153, 151 m, accuracy 300 m
WIDE = bytes.fromhex("1101a2455669a8e0d1eba89f215a97002c01")
TRACK_JSON = {"type": "track", "status": 1, "timestamp": 1767261600, "lat": 48.7081, "lon": 44.5153, "altitude": 40,
              "accuracy": 6}
ACTIVITY_JSON = {"type": "activity", "status": 1, "timestamp": 1767261630, "activity": "walk", "steps": 52}
WIDE_JSON = {"type": "track", "status": 1, "timestamp": 1767261602, "lat": -33.8567, "lon": 151.2153, "altitude": 151,
             "accuracy": 300}
# XXH3 of the canonical forms: of TRACK and ACTIVITY themselves, and of the wide one as a plain record,
# 01 01 a2 45 56 69 43 6d 07 c2 1e 37 17 43 7f ff. Made with XXH3_64bits of libxxhash.
TRACK_HASH = "f42778f410f94b28"
ACTIVITY_HASH = "36a16c48c3f3dc6a"
WIDE_HASH = "2c5a7f6dda833576"

START = 1767261600


def track(timestamp, lat=48.7, lon=44.5, **more):
    return {"type": "track", "status": 1, "timestamp": timestamp, "lat": lat, "lon": lon} | more


def track_bytes(timestamp, lat=48.7, lon=44.5, status=1, altitude=40, accuracy=6):
    return struct.pack("<BBiffbB", 1, status, timestamp, lat, lon, altitude, accuracy)


def activity_bytes(timestamp, activity=1, steps=10, status=1):
    return struct.pack("<BBiBi", 2, status, timestamp, activity, steps)


def ndjson(packets):
    return "".join(json.dumps(packet) + "\n" for packet in packets)
