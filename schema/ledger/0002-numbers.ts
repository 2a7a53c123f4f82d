import { inRange, MAX } from "./migration.ts";

/** Every instant, duration, count and size, by table. None of them is ever negative. */
const NUMBERS: Record<string, readonly string[]> = {
  jobs: [
    ...["created_at_ms", "updated_at_ms", "cursor_ms", "next_due_ms", "backoff_until_ms", "last_run_at_ms"],
    "forgotten_ms",
    ...["last_duration_ms", "last_ok_at_ms", "revision", "consecutive_errors", "consecutive_skipped"],
    ...["runs_total", "runs_ok", "runs_error", "runs_skipped", "runs_missed"],
  ],
  runs: [
    ...["scheduled_for_ms", "through_ms", "queued_at_ms", "ready_at_ms", "started_at_ms", "ended_at_ms"],
    ...["covers", "attempt", "job_revision"],
  ],
  attempts: [
    ...["started_at_ms", "ended_at_ms", "attempt", "pid", "away_since_ms"],
    ...["stdout_bytes", "stderr_bytes", "log_bytes", "log_dropped_bytes"],
  ],
  deliveries: ["created_at_ms", "updated_at_ms", "next_attempt_at_ms", "attempts"],
  lanes: ["paused_at_ms", "disabled_at_ms"],
  alerts: [
    ...["opened_at_ms", "closed_at_ms", "notified_at_ms", "occurrences"],
    ...["tell_at_ms", "acked_at_ms", "snoozed_until_ms", "escalate_at_ms", "escalated"],
  ],
  flips: ["at_ms"],
  notices: ["first_at_ms", "last_at_ms", "closed_at_ms", "times"],
  idempotency: ["created_at_ms"],
};

/**
 * Brings rows that hold an unreadable number into range, then lets the table refuse such numbers. A constraint can be
 * added to a table that is there only together with a column, so it comes with a generated one that takes no room;
 * nothing is rewritten, and a million runs take two or three seconds.
 */
function bounded(table: string, columns: readonly string[]): string {
  const mended = columns.map((column) => `${column} = min(max(${column}, 0), ${MAX})`).join(", ");
  return `
UPDATE ${table} SET ${mended} WHERE NOT (${inRange(columns)});
ALTER TABLE ${table} ADD COLUMN in_range INTEGER AS (1) VIRTUAL CONSTRAINT ${table}_in_range CHECK (${inRange(columns)});`;
}

/** Mends what an earlier release could store and not read back, and refuses it from now on. */
export const NUMBERS_IN_RANGE = `
-- An instant beyond all dates names no occurrence.
UPDATE runs SET scheduled_for_ms = NULL WHERE scheduled_for_ms NOT BETWEEN 0 AND ${MAX};
-- That an earlier run of its job holds a run up was written as an instant that never comes.
UPDATE runs SET ready_at_ms = queued_at_ms WHERE status = 'queued' AND ended_at_ms IS NULL AND ready_at_ms >= ${MAX};
${Object.entries(NUMBERS)
  .map(([table, columns]) => bounded(table, columns))
  .join("")}`;
