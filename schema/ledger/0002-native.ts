import { inRange } from "./migration.ts";

/** What is observed of the gateway's own jobs: how each stands, and a row for each end. */
export const OBSERVED = `
CREATE TABLE observed_jobs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  main INTEGER NOT NULL,
  told_by_gateway INTEGER NOT NULL,
  schedule TEXT NOT NULL,
  timeout_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  next_due_ms INTEGER,
  running_at_ms INTEGER,
  last_run_at_ms INTEGER,
  last_status TEXT,
  last_error TEXT,
  last_duration_ms INTEGER,
  last_ok_at_ms INTEGER,
  last_delivery_status TEXT,
  consecutive_ok INTEGER NOT NULL DEFAULT 0,
  consecutive_errors INTEGER NOT NULL DEFAULT 0,
  consecutive_skipped INTEGER NOT NULL DEFAULT 0,
  totals TEXT NOT NULL,
  CHECK (${inRange(["created_at_ms", "updated_at_ms", "next_due_ms", "running_at_ms", "last_run_at_ms", "last_duration_ms", "last_ok_at_ms", "timeout_ms"])})
) STRICT, WITHOUT ROWID;

CREATE TABLE observed_runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  job_name TEXT NOT NULL,
  run_id TEXT NOT NULL,
  status TEXT NOT NULL,
  enqueued INTEGER NOT NULL,
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  covers INTEGER NOT NULL DEFAULT 1,
  said TEXT,
  completion_status TEXT,
  delivery_status TEXT,
  delivery_error TEXT,
  error TEXT,
  summary TEXT,
  source TEXT NOT NULL,
  CHECK (${inRange(["began_ms", "ended_ms", "covers"])})
) STRICT;
-- One row a run, whichever way it was heard of.
CREATE UNIQUE INDEX observed_runs_of_job ON observed_runs (job_id, began_ms, status = 'missed');
CREATE INDEX observed_runs_ended ON observed_runs (ended_ms, seq);
`;
