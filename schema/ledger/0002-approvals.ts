import { MAX } from "./migration.ts";

const instant = (column: string): string => `${column} INTEGER CHECK (${column} BETWEEN 0 AND ${MAX})`;

/**
 * Runs that wait for a person, and what was asked and decided about them. Such a run is a queued one that nothing may
 * start: in the first shape of the ledger a run without an end is queued or running, which no later one can change.
 */
export const APPROVALS = `
ALTER TABLE runs ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_awaiting ON runs (job_id) WHERE awaiting = 1;

-- One request for each attempt that is to be approved. Its subject is what a person is shown of the job, which may be another later. Its parts are keyed hashes: no value can be found from them.
CREATE TABLE approvals (
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  job_revision INTEGER NOT NULL,
  subject TEXT NOT NULL,
  ${instant("requested_at_ms")} NOT NULL,
  ${instant("expires_at_ms")} NOT NULL,
  ${instant("asked_at_ms")},
  hash TEXT,
  parts TEXT,
  plan TEXT,
  decision TEXT,
  ${instant("decided_at_ms")},
  decided_by TEXT,
  door TEXT,
  reason TEXT,
  PRIMARY KEY (run_id, attempt),
  CHECK ((decision IS NULL) = (decided_at_ms IS NULL))
) STRICT;
CREATE INDEX approvals_expiry ON approvals (expires_at_ms) WHERE decision IS NULL;
CREATE INDEX approvals_requested ON approvals (requested_at_ms, run_id, attempt);
CREATE INDEX approvals_of_job ON approvals (job_id, requested_at_ms, run_id, attempt);
CREATE INDEX approvals_open ON approvals (requested_at_ms, run_id, attempt) WHERE decision IS NULL;
-- A run that is over for whatever reason asks nobody any more.
CREATE TRIGGER approvals_over AFTER UPDATE OF status ON runs WHEN OLD.awaiting = 1 AND NEW.ended_at_ms IS NOT NULL BEGIN
  UPDATE approvals SET decision = 'voided', decided_at_ms = NEW.ended_at_ms, reason = NEW.reason
    WHERE run_id = NEW.id AND decision IS NULL;
END;
CREATE TRIGGER approvals_removed AFTER DELETE ON runs BEGIN
  DELETE FROM approvals WHERE run_id = OLD.id;
END;
`;
