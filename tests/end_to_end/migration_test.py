"""A new version finds a database that the version before filled: after its migration it answers as before."""
import fcntl
import json
import pathlib
import sqlite3
import unittest

import golden
from packwalk_process import PackwalkTest, run, until
from spine import SpineTest, psql
from walks_test import EVENING, MORNING, sample, walk

SCHEMA = pathlib.Path(__file__).parents[2] / "schema"
QUESTIONS = [
    "/v1/positions", "/v1/joint-walks?device=bob", "/v1/pack-walks?device=bob", "/v1/joint-walks?device=rex&with=bob",
    *(f"/v1/devices/{id}{question}" for id in ("rex", "bob", "ada", "leo") for question in (
        "", "/position", "/fixes", "/tracks", f"/tracks/{EVENING}", "/activity?by=day&tz=Europe/Volgograd", "/companions",
        "/messages", "/messages?verdict=invalid", "/messages?verdict=conflict"))]
# What makes of the newest tables of PostgreSQL those that the version before a migration knew.
UNDO = {
    "0010_min_distance.sql": "ALTER TABLE joint_walks RENAME COLUMN min_distance_m TO least_m",
    "0011_events.sql":
        (SCHEMA / "postgres/0002_status_outbox.sql").read_text() +
        "INSERT INTO status_outbox SELECT device, caused_at, device_time, (body::json->>'status_before')::smallint, "
        "(body::json->>'status')::smallint FROM events; DROP TABLE events, deliveries, delivery_lines",
    "0012_no_place_of_states.sql":
        "CREATE EXTENSION postgis; ALTER TABLE states ADD COLUMN place geometry (Point, 4326) "
        "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED; "
        "CREATE INDEX states_by_place ON states USING gist (place)",
    "0013_devices_by_id.sql": "DROP INDEX devices_by_id"}

# What there is of events, but for their ids.
EVENTS = "SELECT device, kind, key, device_time, caused_at, body FROM events ORDER BY device, id"


def migrations(product):
    return [file.read_text() for file in sorted((SCHEMA / product).glob("*.sql"))]


class MigrationTest(PackwalkTest):
    """Rows of all kinds: what was received and what is derived of it, with all verdicts."""

    def fill(self, send):
        packets = {
            "rex": walk(0, 1200) + walk(0, 900, since=MORNING) + [
                sample(EVENING + 600, "walk", 700), sample(EVENING + 1800, "sleep", 0), sample(MORNING + 600, "gallop", 1000)],
            "bob": walk(0, 2400) + walk(0, 900, since=MORNING),
            "ada": walk(900, 2400),
            "leo": [golden.track(EVENING, 10, 20)]}
        for id, own in packets.items():
            send(id, own)
        send("leo", [golden.track(EVENING, 10, 20), golden.track(EVENING, 11, 20), golden.track(EVENING, 95, 20),
                     golden.track(EVENING + 60, 10, 20, status=2)])

    def answers(self, server):
        found = {}
        for path in QUESTIONS:
            answer = server.get(path)
            self.assertIn(answer.status, (200, 404) if f"/tracks/{EVENING}" in path else (200,), answer)
            found[path] = answer.status, without_ages(answer.json)
        walks = found["/v1/joint-walks?device=bob"][1]["joint_walks"]
        self.assertEqual(3, len(walks))
        self.assertTrue(all(walk["min_distance_m"] is not None for walk in walks))
        self.assertEqual(1, len(found["/v1/pack-walks?device=bob"][1]["pack_walks"]))
        self.assertTrue(found["/v1/devices/leo/messages?verdict=conflict"][1]["messages"])
        return found


def without_ages(document):
    """They grow while the test runs."""
    return json.loads(json.dumps(document), object_hook=lambda each: {name: value for name, value in each.items() if name != "age_seconds"})


class Embedded(MigrationTest):
    def test_sqlite(self):
        packwalk = self.serve()
        tokens = {id: packwalk.add_device(id) for id in ("rex", "bob", "ada", "leo")}
        self.fill(lambda id, packets: self.assertEqual(202, packwalk.post(tokens[id], packets).status))
        packwalk.messages_when("leo", 5)
        until(lambda: not self.rows(packwalk.data, "SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 60)
        before = self.answers(packwalk)
        self.assertEqual(0, packwalk.stop())
        self.write_by_the_version_before(packwalk.data)
        self.refuse_while_an_older_one_serves(packwalk.data)
        migrated = run("device", "add", "new", "--data", packwalk.data)
        self.assertEqual(0, migrated.returncode, migrated.stderr)
        (_, kind, _, device_time, _, body), = self.rows(packwalk.data, EVENTS)
        self.assertEqual(("status_changed", EVENING + 60), (kind, device_time), "leo's status changed")
        self.assertEqual({"from": 1, "to": 2}, {name: json.loads(body)[name] for name in ("from", "to")})
        packwalk.start()
        self.assertEqual(before, self.answers(packwalk))
        self.assertEqual(0, packwalk.stop())
        checked = run("check", "--data", packwalk.data)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def refuse_while_an_older_one_serves(self, data):
        version = self.rows(data, "PRAGMA user_version")
        with open(data / "packwalk.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            refused = run("device", "add", "new", "--data", data)
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("stop it first", refused.stderr)
        self.assertEqual(version, self.rows(data, "PRAGMA user_version"))

    def write_by_the_version_before(self, data):
        """The same rows in the tables of the schema before the last migration."""
        filled = data / "packwalk.db"
        old = data / "old.db"
        *first, last = migrations("sqlite")
        self.assertIn("INSERT INTO events", last, "write a test for other migrations, too")
        database = sqlite3.connect(old)
        for migration in first:
            database.executescript(migration)
        database.executescript(f"PRAGMA user_version = {len(first)}; ATTACH '{filled}' AS filled;")
        tables = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
        tables.remove("status_outbox")
        database.execute("INSERT INTO main.status_outbox SELECT device, timestamp, 1, status, received_at"
                         " FROM filled.fixes WHERE status = 2")
        for table in tables:
            database.execute(f"DELETE FROM main.{table}")
            database.execute(f"INSERT INTO main.{table} SELECT * FROM filled.{table}")
        database.commit()
        self.assertEqual(1, database.execute("SELECT count(*) FROM main.status_outbox").fetchone()[0])
        database.close()
        for file in data.glob("packwalk.db*"):
            file.unlink()
        old.rename(filled)


class Spine(SpineTest, MigrationTest):
    def test_postgresql(self):
        roles = [self.role(role) for role in ("gateway", "ingest", "analysis", "api")]
        gateway, _, analysis, api = [role.start() for role in roles]
        self.until_ready(*roles)
        tokens = {}
        for id in ("rex", "bob", "ada", "leo"):
            added = run("device", "add", id, "--data", self.folder, env=self.settings)
            self.assertEqual(0, added.returncode, added.stderr)
            tokens[id] = added.stdout.strip()
        self.fill(lambda id, packets: until(lambda: gateway.post(tokens[id], packets).status == 202, f"{id} is known", 30))
        api.messages_when("leo", 5)
        until(lambda: not self.database_rows("SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed", 60)
        before = self.answers(api)
        events = self.database_rows(EVENTS)
        self.assertEqual(1, len(events), "leo's status changed")
        for role in roles:
            self.assertEqual(0, role.stop())
        self.become_an_older_version()
        analysis.start()  # of a version that the schema is too old for
        until(lambda: "packwalk migrate" in analysis.ops("/readyz").body.decode(), "it waits for the migration", 30)
        migrated = run("migrate", "--data", self.folder, env=self.settings)
        self.assertIn(f"was version {self.older} and now is version {self.known}", migrated.stdout, migrated.stderr)
        migrated_events = self.database_rows(EVENTS)
        self.assertEqual([event[:-1] for event in events], [event[:-1] for event in migrated_events])
        self.assertEqual([(1, 2)], [(json.loads(body)["from"], json.loads(body)["to"]) for *_, body in migrated_events],
                         "in the form of the version before, which is still read")
        self.assertEqual([], self.database_rows("SELECT 1 FROM pg_attribute WHERE attrelid = 'states'::regclass "
                                                "AND attname = 'place'"))
        self.assertEqual([(1,)], self.database_rows("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'"))
        for role in roles:
            if role is not analysis:
                role.start()
        self.until_ready(*roles)
        until(lambda: self.answers_or_none(api) == before, "it answers as before", 30)
        self.assertEqual([(0,)], self.database_rows("SELECT count(*) FROM set_aside_windows"))
        self.migrate_under(roles)
        until(lambda: not self.database_rows("SELECT 1 FROM stale_windows LIMIT 1"), "all is analysed again", 60)
        self.assertEqual(before, self.answers(api))

    def migrate_under(self, roles):
        """As a newer version would that renames a column, while these are connected; and back."""
        psql(self.database, "ALTER TABLE joint_walks RENAME COLUMN min_distance_m TO nearest_m")
        psql(self.database, f"UPDATE packwalk_schema SET version = {self.known + 1}")
        psql(self.database, "INSERT INTO stale_windows SELECT DISTINCT device, timestamp - timestamp % 900 FROM fixes")
        for role in roles:
            until(lambda: "newer version" in role.ops("/readyz").body.decode(), f"{role.role} says why", 60)
            until(lambda: "newer version" in role.log(), f"{role.role} logs it", 30)
        self.assertEqual([(0,)], self.database_rows("SELECT count(*) FROM set_aside_windows"))
        psql(self.database, "ALTER TABLE joint_walks RENAME COLUMN nearest_m TO min_distance_m")
        psql(self.database, f"UPDATE packwalk_schema SET version = {self.known}")
        self.until_ready(*roles)

    def answers_or_none(self, api):
        return self.answers(api) if api.get("/v1/joint-walks?device=bob").status == 200 else None

    def become_an_older_version(self):
        """The one before the first migration of UNDO, which has all that came since."""
        files = [file.name for file in sorted((SCHEMA / "postgres").glob("*.sql"))]
        self.known, self.older = len(files), files.index(min(UNDO))
        for file in reversed(files[self.older:]):
            self.assertIn(file, UNDO, "say how to undo it")
            psql(self.database, UNDO[file])
        psql(self.database, f"UPDATE packwalk_schema SET version = {self.older}")
        self.assertEqual([(3,)], self.database_rows("SELECT count(least_m) FROM joint_walks"))
        self.assertEqual([(4,)], self.database_rows("SELECT count(place) FROM states"))


if __name__ == "__main__":
    unittest.main()
