import { SECOND_MS } from "../../kernel/durations.ts";
import { FLAKY_RUNS, TREND_RUNS, trendOf } from "../../policy/alerts/index.ts";
import { type Database, LIMIT, number } from "../sql/index.ts";

const GOOD = `FROM runs WHERE job_id = ? AND status = 'succeeded' AND ended_at_ms IS NOT NULL
  ORDER BY queued_at_ms DESC`;
const LATEST = `SELECT started_at_ms, ended_at_ms, attempt ${GOOD} ${LIMIT}`;
/** Of these runs none can make a job slow or flaky, whatever was before them; so it is nearly always. */
const IS_STEADY = `SELECT slow, flaky, NOT EXISTS (
    SELECT 1 FROM (SELECT ended_at_ms - started_at_ms AS took, attempt ${GOOD} LIMIT ${FLAKY_RUNS})
    WHERE took >= ${SECOND_MS} OR attempt > 1) AS steady
  FROM jobs WHERE id = ?`;

/** Writes on a job of which a run has succeeded how it does of late. */
export function noteTrend(db: Database, jobId: string): void {
  const job = db.get(IS_STEADY, jobId, jobId);
  if (job === undefined) return;
  const runs = () =>
    db.all(LATEST, jobId, TREND_RUNS).map((row) => ({
      durationMs: Math.max(0, number(row, "ended_at_ms") - number(row, "started_at_ms")),
      attempts: number(row, "attempt"),
    }));
  const { slow, flaky } = job["steady"] === 1 ? { slow: false, flaky: false } : trendOf(runs());
  // Hardly ever; and to find that out by an update takes several times as long.
  if (Number(slow) === job["slow"] && Number(flaky) === job["flaky"]) return;
  db.run("UPDATE jobs SET slow = ?, flaky = ? WHERE id = ?", Number(slow), Number(flaky), jobId);
}
