-- The rows that derive from fixes and samples (docs/analysis.md). Times are seconds since 1970, both ends included.
CREATE TABLE analyses (
  device  INTEGER PRIMARY KEY,
  version INTEGER NOT NULL              -- one more with each analysis of the device
) STRICT;

-- One row: the constants by which all that follows was made.
CREATE TABLE analysis_rules (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  rules        TEXT NOT NULL,
  marked_until INTEGER                  -- other rules: windows of devices up to this number became stale; null: of all
) STRICT;

CREATE TABLE tracks (
  device    INTEGER NOT NULL,
  from_time INTEGER NOT NULL,
  to_time   INTEGER NOT NULL,
  fixes     INTEGER NOT NULL,
  length_m  REAL NOT NULL,
  moving_s  INTEGER NOT NULL,
  west      REAL NOT NULL,              -- greater than east where it crosses the antimeridian
  south     REAL NOT NULL,
  east      REAL NOT NULL,
  north     REAL NOT NULL,
  PRIMARY KEY (device, from_time)
) STRICT, WITHOUT ROWID;

-- Sums in quarters of an hour.
CREATE TABLE activity (
  device   INTEGER NOT NULL,
  bucket   INTEGER NOT NULL,            -- when it begins
  activity INTEGER NOT NULL,
  in_track INTEGER NOT NULL,            -- 0 or 1
  seconds  INTEGER NOT NULL,
  steps    INTEGER NOT NULL,
  PRIMARY KEY (device, bucket, activity, in_track)
) STRICT, WITHOUT ROWID;

-- The cells of space and time of each device: core/walk/place_cell.h.
CREATE TABLE place_cells (
  slice  INTEGER NOT NULL,
  cell   INTEGER NOT NULL,
  device INTEGER NOT NULL,
  PRIMARY KEY (slice, cell, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX place_cells_by_device ON place_cells (device, slice);

-- The intervals in which two devices were near each other; device_a has the lower id.
CREATE TABLE contacts (
  device_a     INTEGER NOT NULL,
  device_b     INTEGER NOT NULL,
  from_time    INTEGER NOT NULL,
  to_time      INTEGER NOT NULL,
  near_seconds INTEGER NOT NULL,
  PRIMARY KEY (device_a, device_b, from_time)
) STRICT, WITHOUT ROWID;
-- A row with a second of a range began in it, or less than a day before, or lasts a day or longer, which is rare.
CREATE INDEX contacts_of_a ON contacts (device_a, from_time);
CREATE INDEX contacts_of_b ON contacts (device_b, from_time);
CREATE INDEX long_contacts_of_a ON contacts (device_a, to_time) WHERE to_time - from_time >= 86400;
CREATE INDEX long_contacts_of_b ON contacts (device_b, to_time) WHERE to_time - from_time >= 86400;

CREATE TABLE joint_walks (
  device_a         INTEGER NOT NULL,
  device_b         INTEGER NOT NULL,
  from_time        INTEGER NOT NULL,
  to_time          INTEGER NOT NULL,
  seconds_together INTEGER NOT NULL,
  near_seconds     INTEGER NOT NULL,
  contacts         INTEGER NOT NULL,
  least_m          REAL NOT NULL,       -- distances over the near seconds
  mean_m           REAL NOT NULL,
  length_a_m       REAL NOT NULL,
  length_b_m       REAL NOT NULL,
  from_lat         REAL NOT NULL,       -- the middle of the two at the first and at the last second
  from_lon         REAL NOT NULL,
  to_lat           REAL NOT NULL,
  to_lon           REAL NOT NULL,
  PRIMARY KEY (device_a, device_b, from_time)
) STRICT, WITHOUT ROWID;
CREATE INDEX joint_walks_of_a ON joint_walks (device_a, from_time);
CREATE INDEX joint_walks_of_b ON joint_walks (device_b, from_time);
CREATE INDEX long_joint_walks_of_a ON joint_walks (device_a, to_time) WHERE to_time - from_time >= 86400;
CREATE INDEX long_joint_walks_of_b ON joint_walks (device_b, to_time) WHERE to_time - from_time >= 86400;

CREATE INDEX stale_windows_by_time ON stale_windows (window_start);
