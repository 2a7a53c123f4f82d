import {
  assignments,
  both,
  type Condition,
  condition,
  type Database,
  type Fields,
  fromRow,
  given,
  insertion,
  number,
  plain,
  prefixEnd,
  type Row,
  SHORTEST_PREFIX,
  toColumns,
} from "../sql/index.ts";
import type { RunMark } from "../types.ts";
import type { ObservedJob, ObservedQuery, ObservedRun, ObservedStore } from "./types.ts";

const JOB: Fields<ObservedJob> = {
  ...plain("id", "name", "kind", "timeoutMs", "createdAtMs", "updatedAtMs", "nextDueMs", "runningAtMs"),
  ...plain("lastRunAtMs", "lastStatus", "lastError", "lastDurationMs", "lastOkAtMs", "lastDeliveryStatus"),
  ...plain("consecutiveOk", "consecutiveErrors", "consecutiveSkipped"),
  enabled: "flag",
  main: "flag",
  toldByGateway: "flag",
  schedule: "json",
  totals: "json",
};

const RUN: Fields<ObservedRun> = {
  ...plain("seq", "jobId", "jobName", "runId", "status", "beganMs", "endedMs", "covers", "said", "completionStatus"),
  ...plain("deliveryStatus", "deliveryError", "error", "summary", "source"),
  enqueued: "flag",
};

const EMPTY = { runs: 0, ok: 0, error: 0, skipped: 0, missed: 0 };
const MATCHES = 5;

/** A row that was damaged in its JSON is a job without a schedule or without totals, and no more. */
const toJob = (row: Row): ObservedJob => {
  const job = fromRow<ObservedJob>(row, JOB);
  return { ...job, schedule: job.schedule ?? { kind: "unknown" }, totals: { ...EMPTY, ...job.totals } };
};
const toRun = (row: Row): ObservedRun => fromRow(row, RUN);

function filterOf({ jobId, sinceMs, untilMs, statuses }: ObservedQuery): Condition {
  return both([
    ...given("job_id = ?", jobId),
    ...given("ended_ms >= ?", sinceMs),
    ...given("ended_ms <= ?", untilMs),
    ...(statuses === undefined
      ? []
      : [condition(`status IN (${statuses.map(() => "?").join(", ") || "NULL"})`, ...statuses)]),
  ]);
}

export function createObservedStore(db: Database): ObservedStore {
  return {
    jobs: () => db.all("SELECT * FROM observed_jobs ORDER BY id").map(toJob),
    job(id) {
      const row = db.get("SELECT * FROM observed_jobs WHERE id = ?", id);
      return row === undefined ? undefined : toJob(row);
    },
    matches(text) {
      const exact = this.job(text);
      if (exact !== undefined) return [exact];
      const named = db.all("SELECT * FROM observed_jobs WHERE name = ? LIMIT ?", text, MATCHES);
      const rows =
        named.length > 0 || text.length < SHORTEST_PREFIX
          ? named
          : db.all("SELECT * FROM observed_jobs WHERE id > ? AND id < ? LIMIT ?", text, prefixEnd(text), MATCHES);
      return rows.map(toJob);
    },
    put(job) {
      const columns = toColumns(job, JOB);
      // What is not known any more is cleared.
      for (const name of ["next_due_ms", "running_at_ms", "last_error"]) columns[name] ??= null;
      const [sql, ...values] = insertion("observed_jobs", columns);
      const { sql: change, values: changed } = assignments(columns);
      db.run(`${sql} ON CONFLICT (id) DO UPDATE SET ${change}`, ...values, ...changed);
    },
    forget: (id) => void db.run("DELETE FROM observed_jobs WHERE id = ?", id),

    add(run) {
      const [sql, ...values] = insertion("observed_runs", toColumns(run, RUN));
      return db.run(`${sql} ON CONFLICT DO NOTHING`, ...values) > 0 ? "added" : "exists";
    },
    has: (jobId, beganMs) =>
      db.get("SELECT 1 FROM observed_runs WHERE job_id = ? AND began_ms = ? AND status <> 'missed'", jobId, beganMs) !==
      undefined,
    begins: (jobId, sinceMs, throughMs) =>
      db
        .all(
          `SELECT began_ms FROM observed_runs WHERE job_id = ? AND began_ms BETWEEN ? AND ? AND status <> 'missed'
           ORDER BY began_ms`,
          jobId,
          sinceMs,
          throughMs,
        )
        .map((row) => number(row, "began_ms")),
    runs(query) {
      const { sql, values } = filterOf(query);
      const dir = query.sortDir === "asc" ? "ASC" : "DESC";
      const rows = db.all(
        `SELECT * FROM observed_runs WHERE ${sql} ORDER BY ended_ms ${dir}, seq ${dir} LIMIT ? OFFSET ?`,
        ...values,
        query.limit,
        query.offset,
      );
      const total = number(db.get(`SELECT count(*) AS n FROM observed_runs WHERE ${sql}`, ...values), "n");
      return { rows: rows.map(toRun), total };
    },
    marks: (jobId, { sinceMs, untilMs, slotMs }) =>
      db
        .all(
          `SELECT status, sum(covers) AS n, min(began_ms) AS from_ms, max(ended_ms) AS through_ms, max(run_id) AS run_id
           FROM observed_runs WHERE job_id = ? AND began_ms <= ? AND ended_ms >= ?
           GROUP BY status, began_ms / cast(? AS INTEGER) ORDER BY from_ms`,
          jobId,
          untilMs,
          sinceMs,
          slotMs,
        )
        .map(
          (row): RunMark => ({
            runId: String(row["run_id"]),
            status: String(row["status"]) as RunMark["status"],
            runs: number(row, "n"),
            fromMs: number(row, "from_ms"),
            throughMs: number(row, "through_ms"),
          }),
        ),
    latest: (jobId, limit) =>
      db
        .all("SELECT * FROM observed_runs WHERE job_id = ? ORDER BY began_ms DESC LIMIT ?", jobId, limit)
        .map(toRun)
        .map(({ runId, status, beganMs, endedMs }) => ({
          runId,
          status,
          atMs: beganMs,
          ...(status === "missed" || status === "skipped" ? {} : { durationMs: Math.max(0, endedMs - beganMs) }),
        })),
    prune({ beforeMs, runsPerJob, budget }) {
      const old = db.run(
        "DELETE FROM observed_runs WHERE seq IN (SELECT seq FROM observed_runs WHERE ended_ms < ? ORDER BY ended_ms LIMIT ?)",
        beforeMs,
        budget,
      );
      const crowded = db.all(
        "SELECT job_id, count(*) - ? AS over FROM observed_runs GROUP BY job_id HAVING count(*) > ?",
        runsPerJob,
        runsPerJob,
      );
      return crowded.reduce(
        (gone, row) =>
          gone +
          db.run(
            "DELETE FROM observed_runs WHERE seq IN (SELECT seq FROM observed_runs WHERE job_id = ? ORDER BY began_ms LIMIT ?)",
            String(row["job_id"]),
            Math.min(budget, number(row, "over")),
          ),
        old,
      );
    },
  };
}
