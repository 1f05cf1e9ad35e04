-- Devices that were erased, or are about to be (docs/decisions/erasing-a-device.md): nothing of them is kept any more,
-- whatever still comes. Their rows in `devices` hold the numbers; ended, with ":" and the number for an id.
CREATE TABLE erased_devices (
  device      bigint PRIMARY KEY,
  begun_at    bigint NOT NULL,
  drops_noted smallint NOT NULL DEFAULT 0,  -- 1: what was dropped of it here was taken off archived_days
  ended_at    bigint                        -- nothing is left
);
