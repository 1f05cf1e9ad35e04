-- The last refusal or invalid packet of each device, for the operator.
CREATE TABLE device_refusals (
  device INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,              -- microseconds since 1970
  door   TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
