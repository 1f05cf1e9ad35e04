-- The same tables as the embedded default has (schema/sqlite), divided into partitions.
CREATE TABLE packwalk_schema (version bigint NOT NULL);

-- Devices and their tokens. A device is never deleted: its number and its messages stay.
CREATE TABLE devices (
  number     bigint PRIMARY KEY,
  id         text NOT NULL UNIQUE,
  created_at bigint NOT NULL,           -- microseconds since 1970, like every time of the server
  removed_at bigint,
  revision   bigint NOT NULL            -- greater than that of any change before it
);
CREATE INDEX devices_by_revision ON devices (revision);

CREATE TABLE tokens (
  hash        bytea PRIMARY KEY,        -- SHA-256
  device      bigint NOT NULL REFERENCES devices (number),
  created_at  bigint NOT NULL,
  replaced_at bigint                    -- when it was rotated
);
CREATE INDEX tokens_by_device ON tokens (device);

-- Every packet as it arrived, with any verdict. A partition is a day of arrival.
CREATE TABLE messages (
  device      bigint NOT NULL,
  received_at bigint NOT NULL,
  hash        bigint NOT NULL,          -- XXH3 of the canonical form, the 64 bits as a signed number
  ordinal     integer NOT NULL,         -- place in its request
  transport   smallint NOT NULL,        -- core/packet/message.h
  verdict     smallint NOT NULL,        -- 0 accepted, 1 duplicate, 2 conflict, 3 invalid
  reason      text,
  content     bytea NOT NULL,           -- the original bytes
  PRIMARY KEY (device, received_at, ordinal)
) PARTITION BY RANGE (received_at);
CREATE INDEX messages_not_accepted ON messages (device, verdict, received_at, ordinal) WHERE verdict <> 0;

-- Accepted track packets; the key decides which one is accepted. A partition is a month of device time.
CREATE TABLE fixes (
  device      bigint NOT NULL,
  lat         double precision NOT NULL,
  lon         double precision NOT NULL,
  altitude    double precision,
  accuracy    double precision,
  received_at bigint NOT NULL,
  hash        bigint NOT NULL,
  timestamp   integer NOT NULL,         -- device time: seconds since 1970
  status      smallint NOT NULL,
  PRIMARY KEY (device, timestamp)
) PARTITION BY RANGE (timestamp);

-- Accepted activity packets.
CREATE TABLE samples (
  device      bigint NOT NULL,
  received_at bigint NOT NULL,
  hash        bigint NOT NULL,
  timestamp   integer NOT NULL,
  steps       integer NOT NULL,
  activity    smallint NOT NULL,        -- 0 sleep, 1 walk, 3 gallop, 6 trot, 255 steps not measured
  status      smallint NOT NULL,
  PRIMARY KEY (device, timestamp)
) PARTITION BY RANGE (timestamp);

-- What is now known of each device that was ever heard.
CREATE TABLE states (
  device           bigint PRIMARY KEY,
  lat              double precision,
  lon              double precision,
  altitude         double precision,
  accuracy         double precision,
  fix_received_at  bigint,
  last_seen        bigint,
  fixes            bigint NOT NULL,     -- messages by verdict, the accepted ones by family
  samples          bigint NOT NULL,
  duplicates       bigint NOT NULL,
  conflicts        bigint NOT NULL,
  invalid          bigint NOT NULL,
  fix_timestamp    integer,
  status_timestamp integer,
  fix_status       smallint,
  status           smallint,
  status_family    smallint             -- 1 track, 2 activity
) WITH (fillfactor = 70);               -- rows change again and again

-- Which quarters of an hour of a device's time must be analysed anew.
CREATE TABLE stale_windows (
  device       bigint NOT NULL,
  window_start integer NOT NULL,
  PRIMARY KEY (device, window_start)
);
