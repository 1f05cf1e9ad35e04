-- Changes of status that wait for delivery, written with the state that they lead to.
CREATE TABLE status_outbox (
  device      bigint NOT NULL,
  received_at bigint NOT NULL,          -- when the packet that told it arrived
  timestamp   integer NOT NULL,         -- device time of that packet
  from_status smallint NOT NULL,
  to_status   smallint NOT NULL,
  PRIMARY KEY (device, timestamp, from_status, to_status)
);
CREATE INDEX status_outbox_by_arrival ON status_outbox (received_at);
