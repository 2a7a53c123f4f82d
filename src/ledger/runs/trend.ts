import { canBeSlow, FLAKY_RUNS, TREND_RUNS, trendOf } from "../../policy/alerts/index.ts";
import { type Database, LIMIT, number } from "../sql/index.ts";

const LATEST = `SELECT job_id, started_at_ms, ended_at_ms, attempt FROM runs
  WHERE job_id = (SELECT job_id FROM runs WHERE id = ?) AND status = 'succeeded' AND ended_at_ms IS NOT NULL
  ORDER BY queued_at_ms DESC ${LIMIT}`;

/** Writes on the job of a run that has succeeded how it does of late. */
export function noteTrend(db: Database, runId: string): void {
  const latest = (limit: number) =>
    db.all(LATEST, runId, limit).map((row) => ({
      jobId: String(row["job_id"]),
      durationMs: Math.max(0, number(row, "ended_at_ms") - number(row, "started_at_ms")),
      attempts: number(row, "attempt"),
    }));
  const few = latest(FLAKY_RUNS);
  const { slow, flaky } = trendOf(canBeSlow(few) ? latest(TREND_RUNS) : few);
  const given = [few[0]?.jobId ?? null, Number(slow), Number(flaky)];
  // Hardly ever; and to find that out by an update takes several times as long.
  if (db.get("SELECT 1 FROM jobs WHERE id = ? AND (slow <> ? OR flaky <> ?)", ...given) === undefined) return;
  db.run("UPDATE jobs SET slow = ?2, flaky = ?3 WHERE id = ?1", ...given);
}
