const DAY_MS = 86_400_000;

/** One row for each `owner` and day out of the runs that are kept; what attempts used is not looked up. */
const counted = (owner: string): string => `
INSERT INTO run_days (job_id, day, runs, ok, error, canceled, skipped, retried, duration_max_ms, lateness_max_ms, durations, lateness)
  SELECT totals.owner, totals.day, runs, ok, error, canceled, skipped, retried, duration_max_ms, lateness_max_ms,
    ifnull(durations.counts, '{}'), ifnull(lateness.counts, '{}')
  FROM (
    SELECT ${owner} AS owner, ended_at_ms / ${DAY_MS} AS day, count(*) AS runs, sum(status = 'succeeded') AS ok,
      sum(status IN ('failed', 'timed_out', 'lost')) AS error, sum(status = 'canceled') AS canceled,
      sum(status = 'skipped') AS skipped, sum(status = 'succeeded' AND attempt > 1) AS retried,
      max(max(0, ended_at_ms - started_at_ms)) AS duration_max_ms,
      max(0, ifnull(max(started_at_ms - scheduled_for_ms), 0)) AS lateness_max_ms
    FROM runs WHERE ended_at_ms IS NOT NULL AND started_at_ms IS NOT NULL GROUP BY 1, 2
  ) AS totals
  LEFT JOIN (
    SELECT owner, day, json_group_object(bucket, n) AS counts FROM (
      SELECT ${owner} AS owner, ended_at_ms / ${DAY_MS} AS day, bucket(ended_at_ms - started_at_ms) AS bucket, count(*) AS n
      FROM runs WHERE ended_at_ms IS NOT NULL AND started_at_ms IS NOT NULL GROUP BY 1, 2, 3
    ) GROUP BY 1, 2
  ) AS durations ON durations.owner = totals.owner AND durations.day = totals.day
  LEFT JOIN (
    SELECT owner, day, json_group_object(bucket, n) AS counts FROM (
      SELECT ${owner} AS owner, ended_at_ms / ${DAY_MS} AS day, bucket(started_at_ms - scheduled_for_ms) AS bucket, count(*) AS n
      FROM runs WHERE ended_at_ms IS NOT NULL AND started_at_ms IS NOT NULL AND scheduled_for_ms IS NOT NULL GROUP BY 1, 2, 3
    ) GROUP BY 1, 2
  ) AS lateness ON lateness.owner = totals.owner AND lateness.day = totals.day;`;

/** The days of each job and of all jobs, out of the runs that are kept. */
export const COUNT_RUN_DAYS = `${counted("job_id")}${counted("''")}`;

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
${COUNT_RUN_DAYS}
`;
