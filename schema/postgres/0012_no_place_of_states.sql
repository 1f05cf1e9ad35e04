-- Before version 0.1.0, 0001 gave each state its place as a geometry of PostGIS, with an index, and no statement read it. The
-- extension stays: others may use it in this database.
ALTER TABLE states DROP COLUMN IF EXISTS place;
