import type { Migration } from "./migration.ts";

/** First shape of the ledger. Never edited after release: changes come as a new numbered migration. */
export const migration0001: Migration = {
  version: 1,
  sql: `
-- Totals that would otherwise need a walk over every row. Kept by the triggers below, verified by \`check\`.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES
  ('jobs', 0), ('jobs_enabled', 0), ('runs', 0), ('log_bytes', 0),
  ('deliveries_pending', 0), ('deliveries_sending', 0), ('deliveries_sent', 0),
  ('deliveries_suppressed', 0), ('deliveries_dead', 0), ('deliveries_unknown', 0);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  declaration_key TEXT UNIQUE,
  name TEXT NOT NULL,
  origin TEXT NOT NULL,
  definition TEXT NOT NULL,
  -- Lower-case text that a search looks through: name, description, agent, argv.
  search TEXT NOT NULL,
  revision INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  schedule_kind TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  cursor_ms INTEGER NOT NULL,
  next_due_ms INTEGER,
  consecutive_errors INTEGER NOT NULL DEFAULT 0,
  consecutive_skipped INTEGER NOT NULL DEFAULT 0,
  backoff_until_ms INTEGER,
  auto_disabled TEXT,
  last_run_id TEXT,
  last_run_at_ms INTEGER,
  last_status TEXT,
  last_error TEXT,
  last_duration_ms INTEGER,
  last_ok_at_ms INTEGER,
  last_delivery_status TEXT,
  last_delivery_error TEXT,
  last_delivered_text TEXT,
  runs_total INTEGER NOT NULL DEFAULT 0,
  runs_ok INTEGER NOT NULL DEFAULT 0,
  runs_error INTEGER NOT NULL DEFAULT 0,
  runs_skipped INTEGER NOT NULL DEFAULT 0,
  runs_missed INTEGER NOT NULL DEFAULT 0,
  set_aside TEXT
) STRICT;
-- Serves the timer and the list by next run: a job with nothing to come sorts last.
CREATE INDEX jobs_due ON jobs (ifnull(next_due_ms, 9007199254740991), id) WHERE set_aside IS NULL;
CREATE INDEX jobs_name ON jobs (name COLLATE NOCASE, id);
CREATE INDEX jobs_updated ON jobs (updated_at_ms, id);
CREATE INDEX jobs_set_aside ON jobs (id) WHERE set_aside IS NOT NULL;
CREATE TRIGGER jobs_added AFTER INSERT ON jobs WHEN NEW.set_aside IS NULL BEGIN
  UPDATE counters SET value = value + 1 WHERE name = 'jobs';
  UPDATE counters SET value = value + NEW.enabled WHERE name = 'jobs_enabled';
END;
CREATE TRIGGER jobs_removed AFTER DELETE ON jobs WHEN OLD.set_aside IS NULL BEGIN
  UPDATE counters SET value = value - 1 WHERE name = 'jobs';
  UPDATE counters SET value = value - OLD.enabled WHERE name = 'jobs_enabled';
END;
CREATE TRIGGER jobs_counted AFTER UPDATE OF enabled, set_aside ON jobs
WHEN OLD.enabled <> NEW.enabled OR (OLD.set_aside IS NULL) <> (NEW.set_aside IS NULL) BEGIN
  UPDATE counters SET value = value + (NEW.set_aside IS NULL) - (OLD.set_aside IS NULL) WHERE name = 'jobs';
  UPDATE counters SET value = value + (NEW.set_aside IS NULL AND NEW.enabled) - (OLD.set_aside IS NULL AND OLD.enabled)
    WHERE name = 'jobs_enabled';
END;

CREATE TABLE runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL,
  job_name TEXT NOT NULL,
  job_revision INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  requested_by TEXT,
  scheduled_for_ms INTEGER,
  through_ms INTEGER,
  covers INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL,
  reason TEXT,
  pool TEXT NOT NULL,
  exclusive INTEGER NOT NULL,
  queued_at_ms INTEGER NOT NULL,
  ready_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  ended_at_ms INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  exit_code INTEGER,
  signal TEXT,
  error TEXT,
  summary TEXT,
  delivery_status TEXT NOT NULL DEFAULT 'not-requested',
  delivery_error TEXT,
  suppression TEXT,
  -- A run has an end exactly when its status is final.
  CHECK ((ended_at_ms IS NULL) = (status IN ('queued', 'running')))
) STRICT;
-- One claim per occurrence: the heart of "never twice".
CREATE UNIQUE INDEX runs_occurrence ON runs (job_id, scheduled_for_ms) WHERE trigger = 'schedule';
-- One running tree per job unless its policy allows more.
CREATE UNIQUE INDEX runs_exclusive ON runs (job_id) WHERE status = 'running' AND exclusive = 1;
CREATE INDEX runs_queue ON runs (pool, ready_at_ms, seq) WHERE status = 'queued';
CREATE INDEX runs_running ON runs (started_at_ms) WHERE status = 'running';
CREATE INDEX runs_active ON runs (job_id, status) WHERE ended_at_ms IS NULL;
CREATE INDEX runs_of_job ON runs (job_id, seq);
CREATE INDEX runs_final ON runs (status, queued_at_ms) WHERE ended_at_ms IS NOT NULL;

-- How many runs of a job are kept: for page totals and for pruning by count.
CREATE TABLE run_counts (
  job_id TEXT PRIMARY KEY,
  kept INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER runs_added AFTER INSERT ON runs BEGIN
  UPDATE counters SET value = value + 1 WHERE name = 'runs';
  INSERT INTO run_counts (job_id, kept) VALUES (NEW.job_id, 1)
    ON CONFLICT (job_id) DO UPDATE SET kept = kept + 1;
END;
CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN
  UPDATE counters SET value = value - 1 WHERE name = 'runs';
  UPDATE run_counts SET kept = kept - 1 WHERE job_id = OLD.job_id;
  DELETE FROM run_counts WHERE job_id = OLD.job_id AND kept <= 0;
END;

CREATE TABLE attempts (
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  pid INTEGER,
  start_time TEXT,
  boot_id TEXT,
  ended_at_ms INTEGER,
  outcome TEXT,
  exit_code INTEGER,
  signal TEXT,
  error_code TEXT,
  error TEXT,
  canceled_by TEXT,
  stdout_bytes INTEGER NOT NULL DEFAULT 0,
  stdout_head BLOB,
  stdout_tail BLOB,
  stderr_bytes INTEGER NOT NULL DEFAULT 0,
  stderr_head BLOB,
  stderr_tail BLOB,
  action_lines TEXT,
  cleanup TEXT,
  resources TEXT,
  log_bytes INTEGER NOT NULL DEFAULT 0,
  log_dropped_bytes INTEGER NOT NULL DEFAULT 0,
  log_cut TEXT,
  log_gone INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, attempt)
) STRICT;
CREATE INDEX attempts_open ON attempts (run_id) WHERE ended_at_ms IS NULL;
CREATE INDEX attempts_logs ON attempts (ended_at_ms) WHERE log_bytes > 0 AND log_gone = 0;
CREATE TRIGGER logs_changed AFTER UPDATE OF log_bytes, log_gone ON attempts BEGIN
  UPDATE counters SET value = value + NEW.log_bytes * (1 - NEW.log_gone) - OLD.log_bytes * (1 - OLD.log_gone)
    WHERE name = 'log_bytes';
END;
CREATE TRIGGER logs_removed AFTER DELETE ON attempts WHEN OLD.log_bytes > 0 AND OLD.log_gone = 0 BEGIN
  UPDATE counters SET value = value - OLD.log_bytes WHERE name = 'log_bytes';
END;

CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  required INTEGER NOT NULL,
  job_id TEXT,
  run_id TEXT,
  alert_id TEXT,
  destination TEXT NOT NULL,
  content TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  next_attempt_at_ms INTEGER,
  custody TEXT,
  reason TEXT,
  receipt TEXT,
  settled_by TEXT
) STRICT;
-- What a lane still has to do, oldest first. A message in the gateway's custody is not ours to send any more.
CREATE INDEX deliveries_lane ON deliveries (lane, seq) WHERE state IN ('pending', 'sending') AND custody IS NULL;
CREATE INDEX deliveries_state ON deliveries (state, seq);
CREATE INDEX deliveries_run ON deliveries (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX deliveries_job ON deliveries (job_id, seq) WHERE job_id IS NOT NULL;
CREATE TRIGGER deliveries_added AFTER INSERT ON deliveries BEGIN
  UPDATE counters SET value = value + 1 WHERE name = 'deliveries_' || NEW.state;
END;
CREATE TRIGGER deliveries_removed AFTER DELETE ON deliveries BEGIN
  UPDATE counters SET value = value - 1 WHERE name = 'deliveries_' || OLD.state;
END;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
  UPDATE counters SET value = value - 1 WHERE name = 'deliveries_' || OLD.state;
  UPDATE counters SET value = value + 1 WHERE name = 'deliveries_' || NEW.state;
END;

CREATE TABLE lanes (
  lane TEXT PRIMARY KEY,
  paused_at_ms INTEGER,
  disabled_at_ms INTEGER,
  reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL,
  cause TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  occurrences INTEGER NOT NULL,
  notified_at_ms INTEGER
) STRICT, WITHOUT ROWID;
-- One incident per cause at a time.
CREATE UNIQUE INDEX alerts_open ON alerts (job_id, cause) WHERE closed_at_ms IS NULL;
CREATE INDEX alerts_of_job ON alerts (job_id, opened_at_ms, id);
CREATE INDEX alerts_opened ON alerts (opened_at_ms, id);
CREATE INDEX alerts_open_since ON alerts (opened_at_ms, id) WHERE closed_at_ms IS NULL;
CREATE INDEX alerts_closed ON alerts (closed_at_ms) WHERE closed_at_ms IS NOT NULL;

CREATE TABLE flips (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  alert_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  run_id TEXT
) STRICT;
CREATE INDEX flips_of_alert ON flips (alert_id, seq);

CREATE TABLE notices (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL,
  key TEXT NOT NULL,
  message TEXT NOT NULL,
  first_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  times INTEGER NOT NULL,
  closed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX notices_open ON notices (code, key) WHERE closed_at_ms IS NULL;
CREATE INDEX notices_closed ON notices (closed_at_ms) WHERE closed_at_ms IS NOT NULL;

CREATE TABLE idempotency (
  method TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  result TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (method, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at_ms);

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
