import { FINAL_RUN_STATUSES } from "../../../schema/wire/run.ts";
import { fromRunRow, RUN_FIELDS } from "../rows.ts";
import {
  assignments,
  type Counters,
  type Database,
  insertion,
  LIMIT,
  maybeNumber,
  number,
  prefixEnd,
  type Row,
  SHORTEST_PREFIX,
  toColumns,
} from "../sql/index.ts";
import type { NewRun, RunRecord, RunStore } from "../types.ts";
import { listRuns } from "./list.ts";
import { latestOf, marksOf } from "./marks.ts";
import { passageOf } from "./passage.ts";
import { countRun } from "./stats.ts";
import { noteTrend } from "./trend.ts";
import { createTurns } from "./turns.ts";

/** The indexes are named so that SQLite refuses any other way to these rows. */
const QUEUED_FROM = "FROM runs INDEXED BY runs_queue WHERE status = 'queued' AND awaiting = 0";
const QUEUED_BY_AGE = "FROM runs INDEXED BY runs_live WHERE status = 'queued' AND ended_at_ms IS NULL AND awaiting = 0";
const WAITING_FROM =
  "FROM runs INDEXED BY runs_waiting WHERE status = 'queued' AND awaiting = 0 AND ready_at_ms > queued_at_ms";
const AWAITING_FROM = "FROM runs INDEXED BY runs_awaiting WHERE awaiting = 1";
const RUNNING_FROM = "FROM runs INDEXED BY runs_running WHERE status = 'running'";
const ACTIVE_FROM = "FROM runs INDEXED BY runs_active WHERE ended_at_ms IS NULL";
/** Runs listed when the start of an id fits several. */
const MATCHES_MAX = 6;
const OCCURRENCE_FROM = "FROM runs INDEXED BY runs_occurrence WHERE job_id = ? AND trigger = 'schedule'";

/** What makes a run one of a kind: its instant, with the node that it is for, or the end that it follows. */
const CLAIMS = `ON CONFLICT (job_id, scheduled_for_ms, ifnull(node, '')) WHERE trigger = 'schedule' DO NOTHING
  ON CONFLICT (caused_by_run_id, job_id) WHERE caused_by_run_id IS NOT NULL DO NOTHING`;

/** Runs that others of their job hold up; nobody has to let them go when those end. */
const HELD_UP = `(runs.exclusive = 1 AND EXISTS (SELECT 1 FROM runs AS other INDEXED BY runs_active
  WHERE other.ended_at_ms IS NULL AND other.job_id = runs.job_id AND other.node IS runs.node
    AND (other.status = 'running' OR other.seq < runs.seq)))`;

/** Each pool that has queued runs, found by one step into the index a pool, however long the queues are. */
const POOLS = `
  WITH RECURSIVE pools (pool) AS (
    SELECT min(pool) ${QUEUED_FROM}
    UNION ALL
    SELECT (SELECT min(pool) ${QUEUED_FROM} AND pool > pools.pool) FROM pools WHERE pools.pool IS NOT NULL
  )`;

/** Runs: one row an occurrence or manual start. "At most once" is two unique indexes of the schema, never a flag here. */
export function createRunStore(deps: { db: Database; counters: Counters }): RunStore {
  const { db, counters } = deps;
  const one = (row: Row | undefined): RunRecord | undefined => (row === undefined ? undefined : fromRunRow(row));
  const get = (id: string): RunRecord | undefined => one(db.get("SELECT * FROM runs WHERE id = ?", id));
  const turns = createTurns(db);

  return {
    insert(run) {
      const turn = run.status === "queued" ? { turn: turns.next(run) } : {};
      const [sql, ...values] = insertion("runs", toColumns({ ...run, ...turn, ...endOf(run) }, RUN_FIELDS));
      return db.run(`${sql} ${CLAIMS}`, ...values) > 0 ? "inserted" : "exists";
    },

    get,

    matches(text) {
      const exact = get(text);
      if (exact !== undefined) return [exact];
      if (text.length < SHORTEST_PREFIX) return [];
      return db
        .all(`SELECT * FROM runs WHERE id > ? AND id < ? ORDER BY id LIMIT ${MATCHES_MAX}`, text, prefixEnd(text))
        .map(fromRunRow);
    },

    active: (jobId) => db.all(`SELECT * ${ACTIVE_FROM} AND job_id = ? ORDER BY seq`, jobId).map(fromRunRow),

    activeOn: (jobId, node) =>
      db.all(`SELECT * ${ACTIVE_FROM} AND job_id = ? AND node IS ? ORDER BY seq`, jobId, node ?? null).map(fromRunRow),

    waitingSince: (atMs, limit) =>
      db
        .all(`SELECT * ${QUEUED_BY_AGE} AND ready_at_ms <= ? ORDER BY queued_at_ms ${LIMIT}`, atMs, limit)
        .map(fromRunRow),

    running: () => db.all(`SELECT * ${RUNNING_FROM} ORDER BY seq`).map(fromRunRow),

    ready: (nowMs, pool, limit) =>
      db
        .all(
          `SELECT * ${QUEUED_FROM} AND pool = ? AND ready_at_ms <= ? AND NOT ${HELD_UP}
           ORDER BY turn, ready_at_ms, seq ${LIMIT}`,
          pool,
          nowMs,
          limit,
        )
        .map(fromRunRow),

    queuedPools: () =>
      db.all(`${POOLS} SELECT pool FROM pools WHERE pool IS NOT NULL`).map((row) => String(row["pool"])),

    earliestReadyMs: (afterMs) =>
      maybeNumber(db.get(`SELECT min(ready_at_ms) AS at ${WAITING_FROM} AND ready_at_ms > ?`, afterMs), "at"),

    begin(id, startedAtMs) {
      // The unique index refuses a second exclusive run; the condition adds the order, and runs from before the job became exclusive.
      const begun = db.run(
        `UPDATE OR IGNORE runs SET status = 'running', attempt = attempt + 1, started_at_ms = ifnull(started_at_ms, ?),
           job_revision = ifnull((SELECT revision FROM jobs WHERE jobs.id = runs.job_id), job_revision)
         WHERE id = ? AND status = 'queued' AND awaiting = 0 AND NOT ${HELD_UP}`,
        startedAtMs,
        id,
      );
      return begun > 0 ? "started" : "conflict";
    },

    hold(id) {
      db.run("UPDATE runs SET awaiting = 1 WHERE id = ? AND status = 'queued'", id);
    },

    letGo(id, readyAtMs) {
      db.run("UPDATE runs SET awaiting = 0, ready_at_ms = ? WHERE id = ? AND awaiting = 1", readyAtMs, id);
    },

    awaitingOf: (jobId) => number(db.get(`SELECT count(*) AS n ${AWAITING_FROM} AND job_id = ?`, jobId), "n"),

    requeue(id, readyAtMs) {
      db.run("UPDATE runs SET status = 'queued', ready_at_ms = ? WHERE id = ? AND status = 'running'", readyAtMs, id);
    },

    putBack(id, readyAtMs) {
      db.transaction(() => {
        const was = db.run(
          `UPDATE runs SET status = 'queued', ready_at_ms = ?, attempt = attempt - 1,
             started_at_ms = iif(attempt > 1, started_at_ms, NULL) WHERE id = ? AND status = 'running'`,
          readyAtMs,
          id,
        );
        if (was === 0) return;
        db.run(
          "DELETE FROM attempts WHERE run_id = ? AND attempt = 1 + (SELECT attempt FROM runs WHERE id = ?)",
          id,
          id,
        );
      });
    },

    settle(id, settlement) {
      const columns = assignments(toColumns(settlement, RUN_FIELDS));
      if (
        db.run(
          `UPDATE runs SET ${columns.sql}, awaiting = 0 WHERE id = ? AND ended_at_ms IS NULL`,
          ...columns.values,
          id,
        ) === 0
      )
        return false;
      const jobId = countRun(db, id);
      if (jobId !== undefined && settlement.status === "succeeded") noteTrend(db, jobId);
      return true;
    },

    setDelivery(id, status, error) {
      db.run("UPDATE runs SET delivery_status = ?, delivery_error = ? WHERE id = ?", status, error ?? null, id);
    },

    putOff: (atMs) => db.all(`SELECT * ${QUEUED_BY_AGE} AND ready_at_ms > ? ORDER BY seq`, atMs).map(fromRunRow),

    setReady(id, readyAtMs) {
      db.run("UPDATE runs SET ready_at_ms = ? WHERE id = ? AND status = 'queued'", readyAtMs, id);
    },

    isClaimed: (jobId, atMs) =>
      db.get(`SELECT 1 ${OCCURRENCE_FROM} AND scheduled_for_ms = ?`, jobId, atMs) !== undefined,

    claimedOn: (jobId, atMs, node) =>
      one(db.get(`SELECT * ${OCCURRENCE_FROM} AND scheduled_for_ms = ? AND ifnull(node, '') = ?`, jobId, atMs, node)),

    claimed: (jobId, afterMs, throughMs) =>
      db
        .all(
          `SELECT DISTINCT scheduled_for_ms ${OCCURRENCE_FROM} AND scheduled_for_ms > ? AND scheduled_for_ms <= ?
           ORDER BY scheduled_for_ms`,
          jobId,
          afterMs,
          throughMs,
        )
        .map((row) => number(row, "scheduled_for_ms")),

    takeBack(jobId, atMs) {
      // One that ran and found nothing to do has an attempt.
      const idle = `${OCCURRENCE_FROM} AND status IN ('missed', 'skipped') AND attempt = 0 AND queued_at_ms > ?`;
      const row = db.get(
        `SELECT min(scheduled_for_ms) AS first, sum(covers * (status = 'missed')) AS missed,
           sum(covers * (status = 'skipped')) AS skipped ${idle}`,
        jobId,
        atMs,
      );
      const firstMs = maybeNumber(row, "first");
      if (firstMs !== undefined) db.run(`DELETE ${idle}`, jobId, atMs);
      return {
        missed: number(row, "missed"),
        skipped: number(row, "skipped"),
        ...(firstMs === undefined ? {} : { firstMs }),
      };
    },

    list: (query) => listRuns({ db, counters }, query),

    passage: (runId, limit) => passageOf(db, runId, limit),

    marks: (jobId, span) => marksOf(db, jobId, span),

    latest: (jobId, limit) => latestOf(db, jobId, limit),

    count: () => ({
      queued: number(db.get(`SELECT count(*) AS n ${QUEUED_FROM}`), "n"),
      awaiting: number(db.get(`SELECT count(*) AS n ${AWAITING_FROM} AND job_id >= ''`), "n"),
      running: number(db.get(`SELECT count(*) AS n ${RUNNING_FROM}`), "n"),
      total: counters.get("runs"),
    }),

    coveredCount: (jobId, afterMs, throughMs) =>
      number(
        db.get(
          `SELECT sum(n) AS n FROM (SELECT max(covers) AS n FROM runs
           WHERE job_id = ? AND trigger = 'schedule' AND scheduled_for_ms > ? AND scheduled_for_ms <= ?
             AND ifnull(through_ms, scheduled_for_ms) <= ? GROUP BY scheduled_for_ms)`,
          jobId,
          afterMs,
          throughMs,
          throughMs,
        ),
        "n",
      ),
  };
}

/** A row written with its final status has its end from the start. */
const endOf = (run: NewRun): { endedAtMs?: number } =>
  FINAL_RUN_STATUSES.includes(run.status) ? { endedAtMs: run.endedAtMs ?? run.queuedAtMs } : {};
