"""The SQL of docs/production.md for a GIS, on a database that has no extension."""
import pathlib
import re
import unittest

import golden
from packwalk_process import until
from spine import SpineTest, psql
from walks_test import EVENING, walk

PAGE = pathlib.Path(__file__).parents[2] / "docs/production.md"


def blocks():
    section = PAGE.read_text().split("\n## Maps of a GIS\n")[1].split("\n## ")[0]
    return re.findall(r"```sql\n(.*?)```", section, re.S)


class Gis(SpineTest):
    def test_views_have_geometries_and_packwalk_needs_no_extension(self):
        self.assertEqual([("plpgsql",)], self.database_rows("SELECT extname FROM pg_extension"))
        roles = [self.role(role).start() for role in ("gateway", "ingest", "analysis")]
        (rex, token), (bob, his_token) = self.add_devices(2)
        self.until_ready(*roles)
        self.post(roles[0], token, walk(0, 1200))
        self.post(roles[0], his_token, [golden.track(EVENING, 52.5, 13.4)])
        until(lambda: self.database_rows("SELECT 1 FROM tracks WHERE fixes = 121"), "the walk is a track")
        until(lambda: self.database_rows("SELECT 1 FROM states HAVING count(*) = 2"), "both are known")
        views, near = blocks()
        psql(self.database, views)
        self.assertEqual(
            self.database_rows("SELECT id, lon, lat FROM states JOIN devices ON number = device ORDER BY id"),
            self.database_rows("SELECT device, ST_X(position), ST_Y(position) FROM gis.positions ORDER BY device"))
        self.assertEqual([(bob,)], self.database_rows(f"SELECT device FROM ({near.rstrip(';' + chr(10))}) AS near"))
        self.assertEqual([(rex, "ST_LineString", 4326, 121)], self.database_rows(
            "SELECT device, ST_GeometryType(line), ST_SRID(line), ST_NPoints(line) FROM gis.tracks"))
        (length, drawn), = self.database_rows("SELECT length_m, ST_Length(line::geography) FROM gis.tracks")
        self.assertAlmostEqual(float(length), float(drawn), delta=1)
        # And they do not get in the way.
        self.post(roles[0], his_token, [golden.track(EVENING + 60, 52.6, 13.4)])
        latitude = f"SELECT ST_Y(position) FROM gis.positions WHERE device = '{bob}'"
        until(lambda: self.database_rows(latitude) == [("52.6",)], "the view shows a new position")

    def post(self, server, token, packets):
        until(lambda: server.post(token, packets).status in (200, 202), "packets are taken")


if __name__ == "__main__":
    unittest.main()
