/** What steps add: jobs that follow others and the runs that runs have caused, and how the check of an attempt ended. */
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
`;
