import { ATTEMPT_FIELDS, fromAttemptRow } from "../rows.ts";
import { assignments, type Counters, type Database, insertion, toColumns } from "../sql/index.ts";
import type { AttemptStore } from "../types.ts";

/** Attempts: begun before the process exists, identified right after, ended once. */
export function createAttemptStore(deps: { db: Database; counters: Counters }): AttemptStore {
  const { db, counters } = deps;

  return {
    begin(attempt) {
      db.run(...insertion("attempts", toColumns(attempt, ATTEMPT_FIELDS)));
    },

    identify(runId, attempt, { pid, startTime, bootId }) {
      db.run(
        "UPDATE attempts SET pid = ?, start_time = ?, boot_id = ? WHERE run_id = ? AND attempt = ?",
        pid,
        startTime,
        bootId,
        runId,
        attempt,
      );
    },

    place(runId, attempt, node) {
      const json = JSON.stringify(node);
      db.run("UPDATE attempts SET node = ? WHERE run_id = ? AND attempt = ?", json, runId, attempt);
    },

    away(runId, attempt, sinceMs) {
      db.run("UPDATE attempts SET away_since_ms = ? WHERE run_id = ? AND attempt = ?", sinceMs, runId, attempt);
    },

    progress(runId, attempt, progress) {
      db.run(
        "UPDATE attempts SET progress = ? WHERE run_id = ? AND attempt = ? AND ended_at_ms IS NULL",
        JSON.stringify(progress),
        runId,
        attempt,
      );
    },

    end(runId, attempt, result) {
      const { identity, stdout, stderr, log } = result;
      const columns = assignments({
        ...toColumns(result, ATTEMPT_FIELDS),
        ...(identity === undefined
          ? {}
          : { pid: identity.pid, start_time: identity.startTime, boot_id: identity.bootId }),
        ...(stdout.bytes === 0
          ? {}
          : { stdout_bytes: stdout.bytes, stdout_head: stdout.head, stdout_tail: stdout.tail }),
        ...(stderr.bytes === 0
          ? {}
          : { stderr_bytes: stderr.bytes, stderr_head: stderr.head, stderr_tail: stderr.tail }),
        ...(result.actionLines.length === 0 ? {} : { action_lines: JSON.stringify(result.actionLines) }),
        // Also to the number that is there already it costs the total of all logs a write.
        ...(log.bytes === 0 ? {} : { log_bytes: log.bytes }),
        ...(log.droppedBytes === 0 ? {} : { log_dropped_bytes: log.droppedBytes }),
        ...(log.cut === undefined ? {} : { log_cut: log.cut }),
      });
      return (
        db.run(
          `UPDATE attempts SET ${columns.sql} WHERE run_id = ? AND attempt = ? AND ended_at_ms IS NULL`,
          ...columns.values,
          runId,
          attempt,
        ) > 0
      );
    },

    get(runId, attempt) {
      const row = db.get("SELECT * FROM attempts WHERE run_id = ? AND attempt = ?", runId, attempt);
      return row === undefined ? undefined : fromAttemptRow(row);
    },

    ofRun: (runId) => db.all("SELECT * FROM attempts WHERE run_id = ? ORDER BY attempt", runId).map(fromAttemptRow),

    open: () =>
      db
        .all(
          `SELECT attempts.* FROM runs INDEXED BY runs_running
             JOIN attempts ON attempts.run_id = runs.id AND attempts.attempt = runs.attempt
           WHERE runs.status = 'running' AND attempts.ended_at_ms IS NULL ORDER BY attempts.started_at_ms, runs.seq`,
        )
        .map(fromAttemptRow),

    logs: (limit) => ({
      rows: db
        .all(
          `SELECT run_id, attempt, log_bytes, ended_at_ms FROM attempts WHERE log_bytes > 0 AND log_gone = 0
             AND ended_at_ms IS NOT NULL ORDER BY ended_at_ms LIMIT ?`,
          limit,
        )
        .map((row) => ({
          runId: String(row["run_id"]),
          attempt: Number(row["attempt"]),
          bytes: Number(row["log_bytes"]),
          endedAtMs: Number(row["ended_at_ms"]),
        })),
      totalBytes: counters.get("log_bytes"),
    }),

    markLogGone(runId, attempt) {
      db.run("UPDATE attempts SET log_gone = 1 WHERE run_id = ? AND attempt = ?", runId, attempt);
    },
  };
}
