-- Every partition that was ever created. A lost one of fixes or samples is not created again: its keys decide verdicts.
CREATE TABLE partitions (
  name   text PRIMARY KEY,
  parent text NOT NULL,
  until  bigint NOT NULL,               -- of the column that divides the parent, excluded
  gone   text CHECK (gone IN ('detach', 'drop'))  -- what the policy decided; null: it is there
);

INSERT INTO partitions (name, parent, until)
SELECT c.relname, p.relname, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''?(-?\d+)''?\)'))[1]::bigint
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
WHERE p.oid IN ('messages'::regclass, 'fixes'::regclass, 'samples'::regclass);
