-- Of each device the last time that it was refused, or that something it sent was not valid: for its operator.
CREATE TABLE device_refusals (
  device INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,              -- microseconds since 1970
  door   TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
