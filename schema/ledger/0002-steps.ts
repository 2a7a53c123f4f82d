import { MAX } from "./migration.ts";

/**
 * What steps add: jobs that follow others and the runs that runs have caused, how the check of an attempt ended, and what jobs keep
 * between their runs.
 */
export const STEPS = `
-- Whose ends a job follows; by it a job that ends finds its followers.
ALTER TABLE jobs ADD COLUMN parent_id TEXT;
CREATE INDEX jobs_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL;

-- One run of a follower for each end of its parent.
ALTER TABLE runs ADD COLUMN caused_by_run_id TEXT;
CREATE UNIQUE INDEX runs_caused ON runs (caused_by_run_id, job_id) WHERE caused_by_run_id IS NOT NULL;
-- Started by hand without its followers.
ALTER TABLE runs ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;

ALTER TABLE attempts ADD COLUMN verify TEXT;
ALTER TABLE attempts ADD COLUMN state TEXT;

-- What jobs keep between their runs, the newest versions of it.
CREATE TABLE job_states (
  job_id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version BETWEEN 1 AND ${MAX}),
  content TEXT NOT NULL,
  at_ms INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND ${MAX}),
  of_ms INTEGER NOT NULL CHECK (of_ms BETWEEN 0 AND ${MAX}),
  run_id TEXT,
  set_by TEXT,
  PRIMARY KEY (job_id, version)
) STRICT;
CREATE TRIGGER job_states_removed AFTER DELETE ON jobs BEGIN
  DELETE FROM job_states WHERE job_id = OLD.id;
END;
`;
