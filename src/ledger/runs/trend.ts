import { TREND_RUNS, trendOf } from "../../policy/alerts/index.ts";
import { type Database, number } from "../sql/index.ts";

/** Writes on the job how it does of late; to be called when a run of it has succeeded. */
export function noteTrend(db: Database, jobId: string): void {
  const rows = db.all(
    `SELECT started_at_ms, ended_at_ms, attempt FROM runs
     WHERE job_id = ? AND status = 'succeeded' AND ended_at_ms IS NOT NULL ORDER BY queued_at_ms DESC LIMIT ${TREND_RUNS}`,
    jobId,
  );
  const { slow, flaky } = trendOf(
    rows.map((row) => ({
      durationMs: Math.max(0, number(row, "ended_at_ms") - number(row, "started_at_ms")),
      attempts: number(row, "attempt"),
    })),
  );
  const now = [Number(slow), Number(flaky)];
  db.run("UPDATE jobs SET slow = ?, flaky = ? WHERE id = ? AND (slow <> ? OR flaky <> ?)", ...now, jobId, ...now);
}
