const DAY_MS = 86_400_000;

/** So many runs are counted while a start waits: a second or two. */
const NEWEST_RUNS = 200_000;

/** The days of each job and of all jobs, out of the newest runs that are kept; what attempts used is not looked up. */
export const countRunDays = (newest = NEWEST_RUNS): string => `
INSERT INTO run_days (job_id, day, runs, ok, error, canceled, skipped, retried, duration_max_ms, lateness_max_ms, durations, lateness)
  SELECT job_id, ended_at_ms / ${DAY_MS}, count(*), sum(status = 'succeeded'), sum(status IN ('failed', 'timed_out', 'lost')),
    sum(status = 'canceled'), sum(status = 'skipped'), sum(status = 'succeeded' AND attempt > 1),
    max(max(0, ended_at_ms - started_at_ms)), max(0, ifnull(max(started_at_ms - scheduled_for_ms), 0)),
    histogram(ended_at_ms - started_at_ms), histogram(started_at_ms - scheduled_for_ms)
  FROM runs WHERE ended_at_ms IS NOT NULL AND started_at_ms IS NOT NULL AND seq > (SELECT max(seq) FROM runs) - ${newest} GROUP BY 1, 2;
INSERT INTO run_days (job_id, day, runs, ok, error, canceled, skipped, retried, duration_max_ms, lateness_max_ms, durations, lateness)
  SELECT '', day, sum(runs), sum(ok), sum(error), sum(canceled), sum(skipped), sum(retried), max(duration_max_ms), max(lateness_max_ms),
    histograms(durations), histograms(lateness)
  FROM run_days GROUP BY day;`;

/**
 * What statistics are made of: a row a job and day (UTC) in which runs of it ended, and a row a day for all jobs together,
 * job_id ''. Written in the transaction that ends a run; kept longer than the runs.
 */
export const STATS = `
CREATE TABLE run_days (
  job_id TEXT NOT NULL,
  day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 100000000),
  runs INTEGER NOT NULL DEFAULT 0,
  ok INTEGER NOT NULL DEFAULT 0,
  error INTEGER NOT NULL DEFAULT 0,
  canceled INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  retried INTEGER NOT NULL DEFAULT 0,
  duration_max_ms INTEGER NOT NULL DEFAULT 0,
  lateness_max_ms INTEGER NOT NULL DEFAULT 0,
  output_bytes INTEGER NOT NULL DEFAULT 0,
  cpu_ms INTEGER NOT NULL DEFAULT 0,
  peak_memory_bytes INTEGER NOT NULL DEFAULT 0,
  -- How many runs fell into each bucket.
  durations TEXT NOT NULL DEFAULT '{}',
  lateness TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (job_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_days_age ON run_days (day);
CREATE TRIGGER run_days_removed AFTER DELETE ON jobs BEGIN
  DELETE FROM run_days WHERE job_id = OLD.id;
END;
${countRunDays()}
`;
