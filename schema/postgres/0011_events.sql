-- Events that are not fanned out yet (docs/decisions/events-and-one-outbox.md), and the notifications that they
-- become: one row per event and subscription. They replace status_outbox.
CREATE TABLE events (
  device      bigint NOT NULL,          -- whose owner is notified
  id          bigint GENERATED ALWAYS AS IDENTITY,  -- never given twice; greater for a later event of the device
  kind        text NOT NULL,
  key         text NOT NULL,            -- core/event/event.h
  device_time integer NOT NULL,
  caused_at   bigint NOT NULL,          -- when the cause reached the server
  body        text NOT NULL,            -- JSON: the facts
  PRIMARY KEY (device, id),
  UNIQUE (device, key)
);
CREATE INDEX events_by_cause ON events (caused_at);

CREATE TABLE deliveries (
  device       bigint NOT NULL,
  subscription bigint NOT NULL,
  event        bigint NOT NULL,         -- its id in `events`, which no longer has it
  kind         text NOT NULL,
  caused_at    bigint NOT NULL,
  body         text NOT NULL,
  PRIMARY KEY (device, subscription, event)
);
CREATE INDEX deliveries_by_cause ON deliveries (caused_at);

-- The deliveries of one device and subscription form a line: they are sent in the order of their events, and only the
-- first is ever being tried.
CREATE TABLE delivery_lines (
  device           bigint NOT NULL,
  subscription     bigint NOT NULL,
  due_at           bigint,              -- next attempt, or the end of a worker's lease; NULL: nothing waits
  lease            bigint NOT NULL DEFAULT 0,  -- counts the leases; only the holder of the last may settle
  event            bigint NOT NULL DEFAULT 0,  -- whose attempts follow
  attempts         integer NOT NULL DEFAULT 0,
  first_attempt_at bigint,
  PRIMARY KEY (device, subscription)
);
CREATE INDEX delivery_lines_due ON delivery_lines (due_at) WHERE due_at IS NOT NULL;

INSERT INTO events (device, kind, key, device_time, caused_at, body)
SELECT device, 'status_changed', 'status_changed:' || timestamp || ':' || from_status || ':' || to_status, timestamp,
  received_at, '{"timestamp":' || timestamp || ',"from":' || from_status || ',"to":' || to_status || ',"received_at":'
  || received_at || '}'
FROM status_outbox ORDER BY device, timestamp, received_at;
DROP TABLE status_outbox;
