-- Devices that were erased, or are about to be (docs/decisions/erasing-a-device.md): nothing of them is kept any more,
-- whatever still comes. Their rows in `devices` hold the numbers; ended, with ":" and the number for an id.
CREATE TABLE erased_devices (
  device      INTEGER PRIMARY KEY,
  begun_at    INTEGER NOT NULL,
  ended_at    INTEGER                   -- nothing is left
) STRICT;
