-- Devices and their tokens. A device is never deleted: its number and its messages stay.
CREATE TABLE devices (
  number     INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,          -- microseconds since 1970, like every time of the server
  removed_at INTEGER,
  revision   INTEGER NOT NULL           -- greater than that of any change before it
) STRICT;
CREATE INDEX devices_by_revision ON devices (revision);

CREATE TABLE tokens (
  hash        BLOB PRIMARY KEY,         -- SHA-256
  device      INTEGER NOT NULL REFERENCES devices (number),
  created_at  INTEGER NOT NULL,
  replaced_at INTEGER                   -- when it was rotated
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_device ON tokens (device);

-- Every packet as it arrived, with any verdict.
CREATE TABLE messages (
  device      INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  ordinal     INTEGER NOT NULL,         -- place in its request
  transport   INTEGER NOT NULL,         -- core/packet/message.h
  verdict     INTEGER NOT NULL,         -- 0 accepted, 1 duplicate, 2 conflict, 3 invalid
  reason      TEXT,
  hash        INTEGER NOT NULL,         -- XXH3 of the canonical form, the 64 bits as a signed number
  content     BLOB NOT NULL,            -- the original bytes
  PRIMARY KEY (device, received_at, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_not_accepted ON messages (device, verdict, received_at, ordinal) WHERE verdict <> 0;

-- Accepted track packets; the key decides which one is accepted.
CREATE TABLE fixes (
  device      INTEGER NOT NULL,
  timestamp   INTEGER NOT NULL,         -- device time: seconds since 1970
  lat         REAL NOT NULL,
  lon         REAL NOT NULL,
  altitude    REAL,
  accuracy    REAL,
  status      INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  hash        INTEGER NOT NULL,
  PRIMARY KEY (device, timestamp)
) STRICT, WITHOUT ROWID;

-- Accepted activity packets.
CREATE TABLE samples (
  device      INTEGER NOT NULL,
  timestamp   INTEGER NOT NULL,
  activity    INTEGER NOT NULL,         -- 0 sleep, 1 walk, 3 gallop, 6 trot, 255 steps not measured
  steps       INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  hash        INTEGER NOT NULL,
  PRIMARY KEY (device, timestamp)
) STRICT, WITHOUT ROWID;

-- What is now known of each device that was ever heard.
CREATE TABLE states (
  device           INTEGER PRIMARY KEY,
  fix_timestamp    INTEGER,
  lat              REAL,
  lon              REAL,
  altitude         REAL,
  accuracy         REAL,
  fix_status       INTEGER,
  fix_received_at  INTEGER,
  status           INTEGER,
  status_timestamp INTEGER,
  status_family    INTEGER,             -- 1 track, 2 activity
  last_seen        INTEGER,
  fixes            INTEGER NOT NULL,    -- messages by verdict, the accepted ones by family
  samples          INTEGER NOT NULL,
  duplicates       INTEGER NOT NULL,
  conflicts        INTEGER NOT NULL,
  invalid          INTEGER NOT NULL
) STRICT;

-- Which quarters of an hour of a device's time must be analysed anew.
CREATE TABLE stale_windows (
  device       INTEGER NOT NULL,
  window_start INTEGER NOT NULL,
  PRIMARY KEY (device, window_start)
) STRICT, WITHOUT ROWID;
