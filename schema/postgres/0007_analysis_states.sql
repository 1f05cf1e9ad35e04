-- The states of long tracks and chains of contacts on the way (core/track/track_fold.h, core/walk/chain_fold.h), so that
-- what comes late does not make them anew from their beginning; and the windows whose analysis failed.
CREATE TABLE track_states (
  device  bigint NOT NULL,
  to_time integer NOT NULL,             -- of the last fix that is in it
  state   bytea NOT NULL,                -- adapters/sql/state_bytes.h
  PRIMARY KEY (device, to_time)
);

CREATE TABLE chain_states (
  device_a bigint NOT NULL,
  device_b bigint NOT NULL,
  to_time  integer NOT NULL,            -- the last near second that is in it
  state    bytea NOT NULL,
  PRIMARY KEY (device_a, device_b, to_time)
);
CREATE INDEX chain_states_of_a ON chain_states (device_a, to_time);
CREATE INDEX chain_states_of_b ON chain_states (device_b, to_time);

-- A stale window that is left out while it waits.
CREATE TABLE set_aside_windows (
  device       bigint NOT NULL,
  window_start integer NOT NULL,
  waits        smallint NOT NULL,        -- 1 until retry_at has come
  failures     bigint NOT NULL,          -- in a row
  retry_at     bigint NOT NULL,
  reason       text NOT NULL,
  PRIMARY KEY (device, window_start)
);
