-- Of each device the last time that it was refused, or that something it sent was not valid: for its operator.
CREATE TABLE device_refusals (
  device bigint PRIMARY KEY,
  at     bigint NOT NULL,               -- microseconds since 1970
  door   text NOT NULL,
  reason text NOT NULL
);
