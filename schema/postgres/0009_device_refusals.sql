-- The last refusal or invalid packet of each device, for the operator.
CREATE TABLE device_refusals (
  device bigint PRIMARY KEY,
  at     bigint NOT NULL,               -- microseconds since 1970
  door   text NOT NULL,
  reason text NOT NULL
);
