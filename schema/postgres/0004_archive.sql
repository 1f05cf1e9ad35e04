-- The state of the archive (docs/decisions/archive-in-clickhouse.md).

-- Committed messages that may not be in the archive yet: written by ingest with the messages, in the same
-- transaction, and deleted when the archive has them. Empty where no archive is configured.
CREATE TABLE unarchived (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  first    bigint NOT NULL,             -- received_at of the first of them
  last     bigint NOT NULL,             -- and of the last; others may lie between
  messages integer NOT NULL
);

-- The messages of each day of arrival that went to the archive.
CREATE TABLE archived_days (
  day              integer PRIMARY KEY, -- days since 1970
  copied_at        bigint NOT NULL,     -- the last time
  dropping         boolean NOT NULL DEFAULT false,  -- somebody began to drop its partition
  dropped_messages bigint NOT NULL DEFAULT 0,
  dropped_hash     bigint NOT NULL DEFAULT 0  -- of what was dropped here: ports/archive.h
);

-- One row: messages that arrived before `until` may be only in the archive. Empty if none was dropped here.
CREATE TABLE archived_only (until bigint);
INSERT INTO archived_only VALUES (NULL);
