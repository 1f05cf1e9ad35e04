-- The rows that derive from fixes and samples (docs/analysis.md). Times are seconds since 1970, both ends included.
CREATE TABLE analyses (
  device  bigint PRIMARY KEY,
  version bigint NOT NULL              -- one more with each analysis of the device
);

-- One row: the constants by which all that follows was made.
CREATE TABLE analysis_rules (
  one          smallint PRIMARY KEY CHECK (one = 1),
  rules        text NOT NULL,
  marked_until bigint                   -- other rules: windows of devices up to this number became stale; null: of all
);

CREATE TABLE tracks (
  device    bigint NOT NULL,
  from_time integer NOT NULL,
  to_time   integer NOT NULL,
  fixes     bigint NOT NULL,
  length_m  double precision NOT NULL,
  moving_s  bigint NOT NULL,
  west      double precision NOT NULL,              -- greater than east where it crosses the antimeridian
  south     double precision NOT NULL,
  east      double precision NOT NULL,
  north     double precision NOT NULL,
  PRIMARY KEY (device, from_time)
);

-- Sums in quarters of an hour.
CREATE TABLE activity (
  device   bigint NOT NULL,
  bucket   integer NOT NULL,            -- when it begins
  activity smallint NOT NULL,
  in_track smallint NOT NULL,            -- 0 or 1
  seconds  bigint NOT NULL,
  steps    bigint NOT NULL,
  PRIMARY KEY (device, bucket, activity, in_track)
);

-- The cells of space and time of each device: core/walk/place_cell.h.
CREATE TABLE place_cells (
  slice  bigint NOT NULL,
  cell   bigint NOT NULL,
  device bigint NOT NULL,
  PRIMARY KEY (slice, cell, device)
);
CREATE INDEX place_cells_by_device ON place_cells (device, slice);

-- The intervals in which two devices were near each other; device_a has the lower id.
CREATE TABLE contacts (
  device_a     bigint NOT NULL,
  device_b     bigint NOT NULL,
  from_time    integer NOT NULL,
  to_time      integer NOT NULL,
  near_seconds bigint NOT NULL,
  PRIMARY KEY (device_a, device_b, from_time)
);
-- A row with a second of a range began in it, or less than a day before, or lasts a day or longer, which is rare.
CREATE INDEX contacts_of_a ON contacts (device_a, from_time);
CREATE INDEX contacts_of_b ON contacts (device_b, from_time);
CREATE INDEX long_contacts_of_a ON contacts (device_a, to_time) WHERE to_time - from_time >= 86400;
CREATE INDEX long_contacts_of_b ON contacts (device_b, to_time) WHERE to_time - from_time >= 86400;

CREATE TABLE joint_walks (
  device_a         bigint NOT NULL,
  device_b         bigint NOT NULL,
  from_time        integer NOT NULL,
  to_time          integer NOT NULL,
  seconds_together bigint NOT NULL,
  near_seconds     bigint NOT NULL,
  contacts         bigint NOT NULL,
  least_m          double precision NOT NULL,       -- distances over the near seconds
  mean_m           double precision NOT NULL,
  length_a_m       double precision NOT NULL,
  length_b_m       double precision NOT NULL,
  from_lat         double precision NOT NULL,       -- the middle of the two at the first and at the last second
  from_lon         double precision NOT NULL,
  to_lat           double precision NOT NULL,
  to_lon           double precision NOT NULL,
  PRIMARY KEY (device_a, device_b, from_time)
);
CREATE INDEX joint_walks_of_a ON joint_walks (device_a, from_time);
CREATE INDEX joint_walks_of_b ON joint_walks (device_b, from_time);
CREATE INDEX long_joint_walks_of_a ON joint_walks (device_a, to_time) WHERE to_time - from_time >= 86400;
CREATE INDEX long_joint_walks_of_b ON joint_walks (device_b, to_time) WHERE to_time - from_time >= 86400;

CREATE INDEX stale_windows_by_time ON stale_windows (window_start);
