-- Events that are not fanned out yet (docs/decisions/events-and-one-outbox.md), and the notifications that they
-- become: one row per event and subscription. They replace status_outbox.
CREATE TABLE events (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice; greater for a later event of the device
  device      INTEGER NOT NULL,         -- whose owner is notified
  kind        TEXT NOT NULL,
  key         TEXT NOT NULL,            -- core/event/event.h
  device_time INTEGER NOT NULL,
  caused_at   INTEGER NOT NULL,         -- when the cause reached the server
  body        TEXT NOT NULL,            -- JSON: the facts
  UNIQUE (device, key)
) STRICT;
CREATE INDEX events_by_device ON events (device, id);
CREATE INDEX events_by_cause ON events (caused_at);

CREATE TABLE deliveries (
  device       INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  event        INTEGER NOT NULL,        -- its id in `events`, which no longer has it
  kind         TEXT NOT NULL,
  caused_at    INTEGER NOT NULL,
  body         TEXT NOT NULL,
  PRIMARY KEY (device, subscription, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_cause ON deliveries (caused_at);

-- The deliveries of one device and subscription form a line: they are sent in the order of their events, and only the
-- first is ever being tried.
CREATE TABLE delivery_lines (
  device           INTEGER NOT NULL,
  subscription     INTEGER NOT NULL,
  due_at           INTEGER,             -- next attempt, or the end of a worker's lease; NULL: nothing waits
  lease            INTEGER NOT NULL DEFAULT 0,  -- counts the leases; only the holder of the last may settle
  event            INTEGER NOT NULL DEFAULT 0,  -- whose attempts follow
  attempts         INTEGER NOT NULL DEFAULT 0,
  first_attempt_at INTEGER,
  PRIMARY KEY (device, subscription)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_lines_due ON delivery_lines (due_at) WHERE due_at IS NOT NULL;

INSERT INTO events (device, kind, key, device_time, caused_at, body)
SELECT device, 'status_changed', 'status_changed:' || timestamp || ':' || from_status || ':' || to_status, timestamp,
  received_at, '{"timestamp":' || timestamp || ',"from":' || from_status || ',"to":' || to_status || ',"received_at":'
  || received_at || '}'
FROM status_outbox ORDER BY device, timestamp, received_at;
DROP TABLE status_outbox;
