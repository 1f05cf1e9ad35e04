-- The states of long tracks and chains of contacts on the way (core/track/track_fold.h, core/walk/chain_fold.h), so that
-- what comes late does not make them anew from their beginning; and the windows whose analysis failed.
CREATE TABLE track_states (
  device  INTEGER NOT NULL,
  to_time INTEGER NOT NULL,             -- of the last fix that is in it
  state   BLOB NOT NULL,                -- adapters/sql/state_bytes.h
  PRIMARY KEY (device, to_time)
) STRICT, WITHOUT ROWID;

CREATE TABLE chain_states (
  device_a INTEGER NOT NULL,
  device_b INTEGER NOT NULL,
  to_time  INTEGER NOT NULL,            -- the last near second that is in it
  state    BLOB NOT NULL,
  PRIMARY KEY (device_a, device_b, to_time)
) STRICT, WITHOUT ROWID;
CREATE INDEX chain_states_of_a ON chain_states (device_a, to_time);
CREATE INDEX chain_states_of_b ON chain_states (device_b, to_time);

-- A stale window that is left out while it waits.
CREATE TABLE set_aside_windows (
  device       INTEGER NOT NULL,
  window_start INTEGER NOT NULL,
  waits        INTEGER NOT NULL,        -- 1 until retry_at has come
  failures     INTEGER NOT NULL,        -- in a row
  retry_at     INTEGER NOT NULL,
  reason       TEXT NOT NULL,
  PRIMARY KEY (device, window_start)
) STRICT, WITHOUT ROWID;
