-- Changes of status that wait for delivery, written with the state that they lead to.
CREATE TABLE status_outbox (
  device      INTEGER NOT NULL,
  timestamp   INTEGER NOT NULL,         -- device time of the packet that told it
  from_status INTEGER NOT NULL,
  to_status   INTEGER NOT NULL,
  received_at INTEGER NOT NULL,         -- when that packet arrived
  PRIMARY KEY (device, timestamp, from_status, to_status)
) STRICT, WITHOUT ROWID;
CREATE INDEX status_outbox_by_arrival ON status_outbox (received_at);
