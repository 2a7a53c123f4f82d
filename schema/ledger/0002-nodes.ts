/** Runs on paired nodes: the node each run of an occurrence is for, and where an attempt is and whether it can be reached. */
export const NODES = `
-- Of a job that runs on each of several nodes, the one this run is for: one run an occurrence and node, one at a time there.
ALTER TABLE runs ADD COLUMN node TEXT;
DROP INDEX runs_occurrence;
CREATE UNIQUE INDEX runs_occurrence ON runs (job_id, scheduled_for_ms, ifnull(node, '')) WHERE trigger = 'schedule';
DROP INDEX runs_exclusive;
CREATE UNIQUE INDEX runs_exclusive ON runs (job_id, ifnull(node, '')) WHERE status = 'running' AND exclusive = 1;
-- A thousand runs of one instant are in one another's way on their own node only, and each is looked for there.
DROP INDEX runs_active;
CREATE INDEX runs_active ON runs (job_id, node, status) WHERE ended_at_ms IS NULL;
-- Written before the node is asked to start anything.
ALTER TABLE attempts ADD COLUMN node TEXT;
ALTER TABLE attempts ADD COLUMN away_since_ms INTEGER;
-- An occurrence is written for many nodes a few at a time: how far it has come. A row is gone with its last run.
CREATE TABLE fan_outs (
  scheduled_for_ms INTEGER NOT NULL CHECK (scheduled_for_ms BETWEEN 0 AND 8640000000000000),
  job_id TEXT NOT NULL,
  catch_up INTEGER NOT NULL,
  after_node TEXT NOT NULL,
  PRIMARY KEY (scheduled_for_ms, job_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER fan_outs_removed AFTER DELETE ON jobs BEGIN
  DELETE FROM fan_outs WHERE job_id = OLD.id;
END;
`;
