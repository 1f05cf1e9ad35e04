"""What owners ask of what analysis derived: tracks, activity, joint walks, pack walks, companions."""
import unittest
import xml.etree.ElementTree as ElementTree

import golden
from packwalk_process import bearer, run, until
from queries_test import GPX, QueryTest
from times import iso, second_of

EVENING = 1743280200  # 2025-03-29T20:30:00Z: in Volgograd half an hour before midnight
MORNING = EVENING + 36000
METRE = 1 / 111_200  # of latitude, nearly


def walk(first, last, step=10, since=EVENING, lon=44.5):
    """North at a metre a second, seen from second `first` to `last` of a walk that began at `since`."""
    return [golden.track(since + second, 48.7 + second * METRE, lon, accuracy=4)
            for second in range(first, last + 1, step)]


def sample(timestamp, activity, steps):
    return {"type": "activity", "status": 1, "timestamp": timestamp, "activity": activity, "steps": steps}


def seconds_in(row):
    return second_of(row["to"]) - second_of(row["from"]) + 1


class Walks(QueryTest):
    """Rex and bob walk; ada comes a quarter of an hour later, five minutes before rex goes, and walks on with bob. Leo is
    far away. In the morning rex and bob walk again."""

    @classmethod
    def setUpClass(cls):
        """One server for all tests, which only ask, or send for dogs of their own."""
        cls.made = cls("test_tracks")
        cls.addClassCleanup(cls.made.doCleanups)
        QueryTest.setUp(cls.made)
        cls.made.send_all({
            "rex": walk(0, 1200) + walk(0, 900, since=MORNING) + [
                sample(EVENING + 600, "walk", 700), sample(EVENING + 1200, "walk", 800), sample(EVENING + 1800, "sleep", 0),
                sample(MORNING + 600, "gallop", 1000)],
            "bob": walk(0, 2400) + walk(0, 900, since=MORNING),
            "ada": walk(900, 2400),
            "leo": walk(0, 2400, lon=44.6)})

    def setUp(self):
        self.packwalk, self.tokens = self.made.packwalk, self.made.tokens

    def send_all(self, packets):
        for id, own in packets.items():
            self.device(id)
            self.send(id, *own)
        until(lambda: not self.rows(self.packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 30)

    def json(self, path):
        return self.get(path).json

    def test_tracks(self):
        first, second = self.pages("/v1/devices/rex/tracks", "tracks", 1)
        self.assertEqual(("rex", iso(EVENING), iso(EVENING + 1200), 121), (first["device"], first["from"], first["to"], first["fix_count"]))
        self.assertAlmostEqual(1200, first["length_m"], delta=2)
        self.assertEqual(1200, first["moving_seconds"])
        west, south, east, north = first["bbox"]
        self.assertEqual((44.5, 48.7, 44.5), (west, south, east))
        self.assertAlmostEqual(48.7 + 1200 * METRE, north, delta=1e-7)
        self.assertEqual(["device", "from", "to", "fix_count", "length_m", "moving_seconds", "bbox"], list(first))
        self.assertEqual(iso(MORNING), second["from"])
        within = lambda query: [second_of(track["from"]) for track in self.json("/v1/devices/rex/tracks?" + query)["tracks"]]
        self.assertEqual([EVENING], within(f"from={EVENING + 1200}&to={MORNING}"))
        self.assertEqual([], within(f"from={EVENING + 1201}&to={MORNING}"))
        self.assertEqual([MORNING], within("from=2025-03-30T00:00:00Z"))

    def test_a_track_with_its_line(self):
        path = f"/v1/devices/rex/tracks/{EVENING}"
        track = self.json(path)
        for same in (iso(EVENING), iso(EVENING).replace(":", "%3A"), "2025-03-29T21:30:00+01:00"):
            self.assertEqual(track, self.json(f"/v1/devices/rex/tracks/{same}"))
        self.assertEqual(("rex", 121, False), (track["device"], len(track["line"]), track["cut"]))
        self.assertEqual({"timestamp": iso(EVENING + 10), "lat": round(48.7 + 10 * METRE, 7), "lon": 44.5, "altitude_m": None,
                          "accuracy_m": 4}, track["line"][1])
        ends = [track["line"][0], track["line"][-1]]
        self.assertEqual(ends, self.json(path + "?tolerance_m=1")["line"], "it is straight")
        feature = self.get(path + "?format=geojson&tolerance_m=1")
        self.assertEqual("application/geo+json", feature.type)
        self.assertEqual({"type": "LineString", "coordinates": [[end["lon"], end["lat"]] for end in ends]},
                         feature.json["geometry"])
        self.assertEqual(track["bbox"], feature.json["bbox"])
        self.assertEqual(121, feature.json["properties"]["fix_count"])
        gpx = self.get(path, Accept="application/gpx+xml")
        self.assertEqual(121, len(list(ElementTree.fromstring(gpx.body).iter(GPX + "trkpt"))))
        self.assertEqual(track, self.json("/v1/devices/rex/tracks/2025-03-29T20:30:00Z"))
        for wrong in (EVENING + 1, EVENING + 10, 0, "x", 10**20, "2200-01-01"):
            self.assert_problem(self.packwalk.get(f"/v1/devices/rex/tracks/{wrong}"), 404)
        for query in ("tolerance_m=-1", "tolerance_m=nan", "tolerance_m=x", "tolerance_m=100001", "tolerance=1", "format=csv"):
            self.assert_problem(self.packwalk.get(f"{path}?{query}"), 400, query.partition("=")[0])

    def test_lines_at_the_antimeridian_and_of_one_fix(self):
        self.send_all({"suva": [golden.track(EVENING + i * 10, -18, lon, altitude=5)
                                for i, lon in enumerate((179.9998, 179.9999, -179.9998, -179.9997))],
                       "dot": [golden.track(EVENING, 10, 20)]})
        suva = self.json(f"/v1/devices/suva/tracks/{EVENING}?format=geojson")
        self.assertEqual("MultiLineString", suva["geometry"]["type"])
        east, west = suva["geometry"]["coordinates"]
        self.assertEqual([[179.9998, -18, 5], [179.9999, -18, 5], [180, -18]], east)
        self.assertEqual([[-180, -18], [-179.9998, -18, 5], [-179.9997, -18, 5]], west)
        self.assertEqual([179.9998, -18, -179.9997, -18], suva["bbox"])
        self.assertEqual({"type": "Point", "coordinates": [20, 10]},
                         self.json(f"/v1/devices/dot/tracks/{EVENING}?format=geojson")["geometry"])

    def test_lists_from_either_end(self):
        for path, name, count in (("/v1/devices/rex/tracks", "tracks", 2), ("/v1/joint-walks?device=bob", "joint_walks", 3),
                                  ("/v1/joint-walks?device=rex&with=bob", "joint_walks", 2),
                                  ("/v1/pack-walks?device=rex", "pack_walks", 1)):
            self.assertEqual(count, len(self.assert_both_orders(path, name, (1, 2, 9))))

    def test_ranges_are_half_open(self):
        for path, name in (("/v1/joint-walks?device=rex", "joint_walks"), ("/v1/pack-walks?device=rex", "pack_walks"),
                           ("/v1/devices/rex/companions?limit=9", "companions"), ("/v1/devices/rex/tracks?limit=9", "tracks")):
            for sort in ("",) if name == "companions" else ("&sort=time", "&sort=-time"):
                ranged = lambda since, until: len(self.json(f"{path}{sort}&from={since}&to={until}")[name])
                self.assertEqual(0, ranged(EVENING - 60, EVENING), "`to` is not in it")
                self.assertEqual(1, ranged(EVENING - 60, EVENING + 1))
                self.assertEqual(1, ranged(EVENING + 1200, EVENING + 1201), "`from` is in it")
                self.assertEqual(0, ranged(EVENING + 1201, MORNING), "the last second is before it")

    def test_goals_of_a_phone_are_met_by_moving(self):
        query = "tz=Europe/Volgograd&from=2025-03-29&to=2025-03-31&goal_seconds=900"
        phone = self.json("/v1/devices/bob/activity?" + query)
        self.assertEqual(("moving_seconds", [True, True]), (phone["goals_by"], [day["goal_met"] for day in phone["periods"]]))
        steps = self.json(f"/v1/devices/bob/activity?{query}&goal_steps=1")
        self.assertEqual([False, False], [day["goal_met"] for day in steps["periods"]])
        collar = self.activity(query)
        self.assertEqual(("activity", [True, False]), (collar["goals_by"], [day["goal_met"] for day in collar["periods"]]))
        self.assertNotIn("goals_by", self.activity("from=2025-03-28&to=2025-03-29"))

    def activity(self, query):
        return self.json("/v1/devices/rex/activity?" + query)

    def test_activity_by_days_of_a_zone(self):
        answer = self.activity("tz=Europe/Volgograd&from=2025-03-29&to=2025-03-31")
        self.assertEqual(("rex", "day", "Europe/Volgograd"), (answer["device"], answer["by"], answer["tz"]))
        first, second = answer["periods"]
        self.assertEqual(("2025-03-29", iso(EVENING + 1799)), (first["date"], first["to"]))
        self.assertEqual({"walk": {"seconds": 1200, "steps": 1500}}, first["in_track"])
        self.assertEqual({"sleep": {"seconds": 600, "steps": 0}}, first["off_track"])
        self.assertEqual((1200, 1500, 1, 1200), tuple(
            first[name] for name in ("active_seconds", "active_steps", "track_count", "moving_seconds")))
        self.assertAlmostEqual(1200, first["length_m"], delta=2)
        self.assertEqual({"gallop": {"seconds": 600, "steps": 1000}}, second["in_track"])
        self.assertEqual((iso(EVENING + 1800), iso(EVENING + 1799 + 86400), 1), (second["from"], second["to"], second["track_count"]))
        bob = self.json("/v1/devices/bob/activity?tz=Europe/Volgograd&from=2025-03-29&to=2025-03-31")["periods"]
        self.assertEqual([1, 1], [day["track_count"] for day in bob], "one over midnight counts where it began")

    def test_activity_over_a_change_to_summer_time_by_week_and_month(self):
        (day,) = self.activity("tz=Europe/Berlin&from=2025-03-30&to=2025-03-31")["periods"]
        self.assertEqual((23 * 3600, 600), (seconds_in(day), day["active_seconds"]))
        (week,) = self.activity(f"by=week&tz=Europe/Berlin&from={EVENING}&to={MORNING}")["periods"]
        self.assertEqual(("2025-03-24", 167 * 3600, 1800), (week["date"], seconds_in(week), week["active_seconds"]))
        (month,) = self.activity("by=month&from=2025-03-10&to=2025-03-11")["periods"]
        self.assertEqual(("2025-03-01", 2500, 2), (month["date"], month["active_steps"], month["track_count"]))
        self.assertEqual(30, len(self.activity("")["periods"]))
        self.packwalk.add_device("new")
        until(lambda: self.packwalk.get("/v1/devices/new").status == 200, "it is known")
        for by in ("day", "week", "month"):
            self.assertEqual(1, len(self.json(f"/v1/devices/new/activity?by={by}")["periods"]), "it has no days before it")

    def test_goals_and_streaks(self):
        def goals(query):
            answer = self.activity("tz=Europe/Volgograd&from=2025-03-28&to=2025-03-31&" + query)
            return [day["goal_met"] for day in answer["periods"]], answer["streak"]
        self.assertEqual(([False, True, False], {"current_count": 0, "longest_count": 1}), goals("goal_seconds=601"))
        self.assertEqual(([False, True, True], {"current_count": 2, "longest_count": 2}), goals("goal_seconds=600&goal_steps=1000"))
        self.assertNotIn("streak", self.activity("from=2025-03-28&to=2025-03-29"))

    def test_bad_questions_about_activity(self):
        for query in ("tz=Mars/Olympus", "tz=", "tz=../../etc/passwd", "by=year", "from=soon", "to=2025-02-30", "goal_steps=0",
                      "goal_seconds=x", "from=1990-01-01", "limit=1"):
            self.assert_problem(self.packwalk.get("/v1/devices/rex/activity?" + query), 400, query.partition("=")[0])
        self.assertEqual([], self.activity("from=2025-03-30&to=2025-03-30")["periods"])

    def test_joint_walks(self):
        first, second = self.pages("/v1/joint-walks?device=rex", "joint_walks", 1)
        self.assertEqual(("bob", "rex", iso(EVENING), iso(EVENING + 1200), 1201, 1201, 1, 0, 0), tuple(first[name] for name in (
            "device_a", "device_b", "from", "to", "together_seconds", "near_seconds", "contact_count", "min_distance_m",
            "mean_distance_m")))
        for name in ("length_a_m", "length_b_m"):
            self.assertAlmostEqual(1200, first[name], delta=2)
        self.assertAlmostEqual(48.7, first["start_position"]["lat"], delta=1e-7)
        self.assertAlmostEqual(48.7 + 1200 * METRE, first["end_position"]["lat"], delta=1e-7)
        self.assertAlmostEqual(44.5, first["end_position"]["lon"], delta=1e-7)
        self.assertEqual(iso(MORNING), second["from"])
        walks = lambda query: [(walk["device_a"], walk["device_b"], second_of(walk["from"]))
                               for walk in self.json("/v1/joint-walks?" + query)["joint_walks"]]
        self.assertEqual([("bob", "rex", MORNING)], walks(f"device=rex&from={EVENING + 1201}"))
        self.assertEqual([("ada", "bob", EVENING + 900)], walks("device=bob&with=ada"))
        self.assertEqual([("ada", "bob", EVENING + 900)], walks("device=ada&with=bob"))
        self.assertEqual([], walks("device=leo") + walks("device=rex&with=ada") + walks("device=rex&with=rex"))
        self.assertEqual(2, len(self.pages("/v1/joint-walks?device=rex&with=bob", "joint_walks", 1)))

    def test_pack_walks_are_followed_to_dogs_that_the_device_never_met(self):
        for id in ("rex", "bob", "ada"):
            (pack,) = self.pages(f"/v1/pack-walks?device={id}", "pack_walks", 1)
            self.assertEqual((iso(EVENING), iso(EVENING + 2400), False), (pack["from"], pack["to"], pack["cut"]))
            self.assertEqual([
                {"device": "ada", "intervals": [{"from": iso(EVENING + 900), "to": iso(EVENING + 2400)}]},
                {"device": "bob", "intervals": [{"from": iso(EVENING), "to": iso(EVENING + 2400)}]},
                {"device": "rex", "intervals": [{"from": iso(EVENING), "to": iso(EVENING + 1200)}]}], pack["members"])
            self.assertEqual([("bob", "rex", 1201), ("ada", "bob", 1501)], [
                (walk["device_a"], walk["device_b"], walk["together_seconds"]) for walk in pack["joint_walks"]])
            self.assertAlmostEqual(48.7, pack["start_position"]["lat"], delta=1e-7)
        packs = lambda query: self.json("/v1/pack-walks?" + query)["pack_walks"]
        self.assertEqual(1, len(packs(f"device=rex&from={EVENING}&to={EVENING + 1}")), "beyond the range too")
        self.assertEqual([], packs(f"device=rex&from={EVENING + 1201}") + packs("device=leo"))

    def test_companions(self):
        bob, ada = self.pages("/v1/devices/bob/companions", "companions", 1)
        self.assertEqual({"device": "rex", "from": iso(EVENING), "to": iso(MORNING + 900), "joint_walk_count": 2,
                          "together_seconds": 2102}, bob)
        self.assertEqual({"device": "ada", "from": iso(EVENING + 900), "to": iso(EVENING + 2400), "joint_walk_count": 1,
                          "together_seconds": 1501}, ada)
        morning = self.json(f"/v1/devices/bob/companions?from={MORNING}")["companions"]
        self.assertEqual([("rex", 901)], [(one["device"], one["together_seconds"]) for one in morning])

    def test_a_partner_who_was_removed_keeps_its_name(self):
        self.send_all({"zoe": walk(0, 900, lon=44.7), "max": walk(0, 900, lon=44.7)})
        removed = run("device", "remove", "max", "--data", self.packwalk.data)
        self.assertEqual(0, removed.returncode, removed.stderr)
        until(lambda: self.json("/v1/devices/max")["removed_at"], "it is known")
        for path in ("/v1/joint-walks?device=zoe", "/v1/joint-walks?device=max&with=zoe"):
            self.assertEqual(["max"], [walk["device_a"] for walk in self.json(path)["joint_walks"]])

    def test_bad_questions_about_walks(self):
        for path in ("/v1/joint-walks", "/v1/pack-walks"):
            self.assert_problem(self.packwalk.get(path), 400, "device")
            self.assert_problem(self.packwalk.get(path + "?device=nobody"), 404)
            self.assert_problem(self.packwalk.get(path + "?device=rex&cursor=1.2"), 400, "cursor")
            self.assert_problem(self.packwalk.get(path + "?device=rex&colour=red"), 400, "colour")
        self.assert_problem(self.packwalk.get("/v1/joint-walks?device=rex&with=nobody"), 404)
        for path in ("/tracks", f"/tracks/{EVENING}", "/activity", "/companions"):
            self.assert_problem(self.packwalk.get(f"/v1/devices/nobody{path}"), 404)
            self.assert_problem(self.packwalk.request("GET", "/v1/devices/rex" + path, headers=bearer("wrong")), 401)


if __name__ == "__main__":
    unittest.main()
