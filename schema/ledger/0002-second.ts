import { ACTING } from "./0002-acting.ts";
import { APPROVALS } from "./0002-approvals.ts";
import { CONDITION } from "./0002-condition.ts";
import { FACETS } from "./0002-facets.ts";
import { OBSERVED } from "./0002-native.ts";
import { NODES } from "./0002-nodes.ts";
import { NUMBERS_IN_RANGE } from "./0002-numbers.ts";
import { PROGRESS } from "./0002-progress.ts";
import { STATS } from "./0002-stats.ts";
import { STEPS } from "./0002-steps.ts";
import { FOLLOWED_UP } from "./0002-told.ts";
import type { Migration } from "./migration.ts";

/** Second shape of the ledger. `fold`, `histogram` and `histograms` are functions of the ledger's own (`src/ledger/sql/database.ts`); no index, trigger or view holds them. */
export const migration0002: Migration = {
  version: 2,
  sql: `
-- Instants of a job up to here may have lost their records to retention; a clock that goes back does not go behind it.
ALTER TABLE jobs ADD COLUMN forgotten_ms INTEGER;
-- Finds jobs that were decided by a clock that was ahead.
CREATE INDEX jobs_cursor ON jobs (cursor_ms);

-- The order by next run as a column, so that a page can go on behind a row of it.
ALTER TABLE jobs ADD COLUMN due_ms INTEGER GENERATED ALWAYS AS (ifnull(next_due_ms, 9007199254740991)) VIRTUAL;
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (due_ms, id) WHERE set_aside IS NULL;
-- Every filter of a list is a few ranges of one of these, each in the list's order.
CREATE INDEX jobs_kind_due ON jobs (enabled, schedule_kind, last_status, due_ms, id) WHERE set_aside IS NULL;
CREATE INDEX jobs_kind_updated ON jobs (enabled, schedule_kind, last_status, updated_at_ms, id) WHERE set_aside IS NULL;
CREATE INDEX jobs_kind_name ON jobs (enabled, schedule_kind, last_status, name COLLATE NOCASE, id)
  WHERE set_aside IS NULL;
-- The few that are off, of which some are to be removed one day.
CREATE INDEX jobs_disabled ON jobs (id) WHERE enabled = 0 AND set_aside IS NULL;

-- Any part of a job's id or text, without a walk. Row numbers of their own: those of jobs are not kept by a copy.
UPDATE jobs SET search = fold(search);
CREATE TABLE job_numbers (
  number INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE job_texts USING fts5(text, content='', contentless_delete=1, tokenize='trigram case_sensitive 1');
INSERT INTO job_numbers (job_id) SELECT id FROM jobs;
INSERT INTO job_texts (rowid, text)
  SELECT number, lower(id) || char(10) || search FROM jobs JOIN job_numbers ON job_numbers.job_id = jobs.id;
CREATE TRIGGER job_text_added AFTER INSERT ON jobs BEGIN
  INSERT INTO job_numbers (job_id) VALUES (NEW.id);
  INSERT INTO job_texts (rowid, text)
    SELECT number, lower(NEW.id) || char(10) || NEW.search FROM job_numbers WHERE job_id = NEW.id;
END;
CREATE TRIGGER job_text_changed AFTER UPDATE OF search ON jobs WHEN OLD.search <> NEW.search BEGIN
  UPDATE job_texts SET text = lower(NEW.id) || char(10) || NEW.search
    WHERE rowid = (SELECT number FROM job_numbers WHERE job_id = NEW.id);
END;
CREATE TRIGGER job_text_removed AFTER DELETE ON jobs BEGIN
  DELETE FROM job_texts WHERE rowid = (SELECT number FROM job_numbers WHERE job_id = OLD.id);
  DELETE FROM job_numbers WHERE job_id = OLD.id;
END;

-- By status and time: the active runs, and the runs of one job.
CREATE INDEX runs_live ON runs (status, queued_at_ms) WHERE ended_at_ms IS NULL;
CREATE INDEX runs_of_job_final ON runs (job_id, status, queued_at_ms) WHERE ended_at_ms IS NOT NULL;

${APPROVALS}
-- The round of its pool in which a run takes its turn: lower ones first.
ALTER TABLE runs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
DROP INDEX runs_queue;
CREATE INDEX runs_queue ON runs (pool, turn, ready_at_ms, seq) WHERE status = 'queued' AND awaiting = 0;
-- What waits for an instant of its own; most runs may start as soon as they are queued, and cost it nothing.
CREATE INDEX runs_waiting ON runs (ready_at_ms) WHERE status = 'queued' AND awaiting = 0 AND ready_at_ms > queued_at_ms;
DROP INDEX runs_running;
CREATE INDEX runs_running ON runs (pool, turn) WHERE status = 'running';
-- The open attempt of a run is found by its run.
DROP INDEX attempts_open;

-- Moves to and from the gateway's cron that were under way. Custody is something else: messages that the gateway has taken.
UPDATE meta SET key = 'moves' WHERE key = 'custody';

-- Answers of earlier releases hold jobs with their environment.
DELETE FROM idempotency;
${STEPS}
${FACETS}
${PROGRESS}
${OBSERVED}
${STATS}
${CONDITION}
${FOLLOWED_UP}
${ACTING}
${NODES}
${NUMBERS_IN_RANGE}
`,
};
