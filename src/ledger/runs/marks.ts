import { FINAL_RUN_STATUSES, type RunStatus } from "../../../schema/wire/run.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { type Database, LIMIT, maybeNumber, number, quoted } from "../sql/index.ts";
import type { RecentRun, RunMark, RunSpan } from "./types.ts";

/** What only says that instants did not run; it may be written long after them. */
const IDLE: readonly RunStatus[] = ["missed", "skipped"];
const RAN = FINAL_RUN_STATUSES.filter((status) => !IDLE.includes(status));

const SHOWN = "iif(awaiting = 1, 'awaiting_approval', status)";
const FROM = "coalesce(started_at_ms, scheduled_for_ms, queued_at_ms)";
const FINAL = "FROM runs INDEXED BY runs_of_job_final WHERE ended_at_ms IS NOT NULL AND job_id = ?";
const ACTIVE = "FROM runs INDEXED BY runs_active WHERE ended_at_ms IS NULL AND job_id = ?";

/** A run that was queued longer before the span than this and ended in it is not found. */
const LOOK_BACK_MS = DAY_MS;

const MARKS = `
  WITH found AS (
    SELECT seq, status, 1 AS n, ${FROM} AS from_ms, ended_at_ms AS through_ms
      ${FINAL} AND status IN (${quoted(RAN)}) AND queued_at_ms BETWEEN ? AND ?
    UNION ALL
    SELECT seq, status, covers, ifnull(scheduled_for_ms, queued_at_ms), coalesce(through_ms, scheduled_for_ms, queued_at_ms)
      ${FINAL} AND status IN (${quoted(IDLE)}) AND queued_at_ms >= ?
    UNION ALL
    SELECT seq, ${SHOWN}, 1, ${FROM}, NULL ${ACTIVE}
  ), grouped AS (
    SELECT status, sum(n) AS n, min(from_ms) AS from_ms, max(through_ms) AS through_ms, max(seq) AS newest FROM found
    WHERE from_ms <= ? AND ifnull(through_ms, ?) >= ? GROUP BY status, from_ms / cast(? AS INTEGER)
  )
  SELECT grouped.*, runs.id AS id FROM grouped CROSS JOIN runs ON runs.seq = grouped.newest ORDER BY grouped.from_ms`;

/** Runs of a job in a span of time; those of one status that began within one slot are one mark. */
export const marksOf = (db: Database, jobId: string, { sinceMs, untilMs, slotMs }: RunSpan): RunMark[] =>
  db
    .all(
      MARKS,
      ...[jobId, sinceMs - LOOK_BACK_MS, untilMs],
      ...[jobId, sinceMs],
      ...[jobId],
      ...[untilMs, untilMs, sinceMs, slotMs],
    )
    .map((row) => {
      const throughMs = maybeNumber(row, "through_ms");
      return {
        runId: String(row["id"]),
        status: row["status"] as RunStatus,
        runs: number(row, "n"),
        fromMs: number(row, "from_ms"),
        ...(throughMs === undefined ? {} : { throughMs }),
      };
    });

/** The newest runs of a job, the newest first. */
export const latestOf = (db: Database, jobId: string, limit: number): RecentRun[] =>
  db
    .all(
      `SELECT id, ${SHOWN} AS status, ${FROM} AS at_ms, ended_at_ms - started_at_ms AS took FROM runs INDEXED BY runs_of_job
       WHERE job_id = ? ORDER BY seq DESC ${LIMIT}`,
      jobId,
      limit,
    )
    .map((row) => {
      const durationMs = maybeNumber(row, "took");
      return {
        runId: String(row["id"]),
        status: row["status"] as RunStatus,
        atMs: number(row, "at_ms"),
        ...(durationMs === undefined ? {} : { durationMs: Math.max(0, durationMs) }),
      };
    });
