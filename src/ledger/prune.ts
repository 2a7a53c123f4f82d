import { FINAL_RUN_STATUSES, type RunStatus } from "../../schema/wire/run.ts";
import { DAY_MS } from "../kernel/durations.ts";
import { type Database, number, type Row } from "./sql/index.ts";
import type { Ledger, MaintenanceReport } from "./types.ts";

/** Answers to repeated calls are kept so long. */
const IDEMPOTENCY_KEPT_MS = 7 * DAY_MS;
/** Days of runs are small: this one and the same of a year before. */
const STATS_KEPT_MS = 400 * DAY_MS;
/** Jobs whose kept runs are counted in one step; the next step goes on behind them. */
const JOBS_A_STEP = 10_000;
/** Free pages are given back to the file system when there are so many, and a tenth of the file. */
const FREE_PAGES_KEPT = 1_024;

/** An order to look through an index in small steps: where the last one stopped. */
interface Place {
  atMs: number;
  seq: number;
}
const START: Place = { atMs: -1, seq: 0 };

/** Where the look at jobs with too many runs stopped: behind this run; so many of the job's runs up to it stayed. */
interface JobPlace {
  jobId: string;
  seq: number;
  stayed: number;
}
const FIRST_JOB: JobPlace = { jobId: "", seq: 0, stayed: 0 };

/** One step's work: rows it may still look at, and what it did. */
interface Step {
  left: number;
  report: MaintenanceReport;
}

/**
 * Keeps the ledger small in steps that look at `budget` rows each, however large it is. Steps remember where they
 * stopped, so rows that must stay (unsettled deliveries) never keep the ones behind them from being seen.
 */
export function createPruner(db: Database): Ledger["prune"] {
  const places = new Map<string, Place>();
  let jobPlace = FIRST_JOB;

  /** Removes a final run with all that hangs on it, if nothing about it is unsettled and its log is gone. Is it gone? */
  function removeRun(run: Row, step: Step): boolean {
    const id = String(run["id"]);
    const unsettled = db.get(
      "SELECT 1 FROM deliveries WHERE run_id = ? AND state IN ('pending', 'sending', 'unknown') LIMIT 1",
      id,
    );
    if (run["ended_at_ms"] === null || unsettled !== undefined) return false;
    const logs = db.all("SELECT attempt FROM attempts WHERE run_id = ? AND log_gone = 0", id);
    if (logs.length > 0) {
      step.report.logs.push(...logs.map((row) => ({ runId: id, attempt: Number(row["attempt"]) })));
      return false;
    }
    db.run("DELETE FROM attempts WHERE run_id = ?", id);
    step.report.deliveriesPruned += db.run("DELETE FROM deliveries WHERE run_id = ?", id);
    step.report.runsPruned += db.run("DELETE FROM runs WHERE id = ?", id);
    return true;
  }

  function runsPastAge(status: RunStatus, cutoffMs: number, step: Step): void {
    const from = places.get(status) ?? START;
    const rows = db.all(
      `SELECT seq, id, queued_at_ms, ended_at_ms FROM runs
       WHERE status = ? AND ended_at_ms IS NOT NULL AND (queued_at_ms, seq) > (?, ?) AND queued_at_ms < ?
       ORDER BY queued_at_ms, seq LIMIT ?`,
      status,
      from.atMs,
      from.seq,
      cutoffMs,
      step.left,
    );
    for (const row of rows) if (number(row, "ended_at_ms") < cutoffMs) removeRun(row, step);
    const last = rows.length === step.left ? rows.at(-1) : undefined;
    places.set(status, last === undefined ? START : { atMs: number(last, "queued_at_ms"), seq: number(last, "seq") });
    step.left -= rows.length;
  }

  function runsPastCount(runsPerJob: number, step: Step): void {
    const end = db.get(
      "SELECT job_id FROM run_counts WHERE job_id >= ? ORDER BY job_id LIMIT 1 OFFSET ?",
      jobPlace.jobId,
      JOBS_A_STEP,
    );
    const crowded = db.all(
      `SELECT job_id, kept FROM (SELECT job_id, kept FROM run_counts WHERE job_id >= ? ORDER BY job_id LIMIT ?)
       WHERE kept > ?`,
      jobPlace.jobId,
      JOBS_A_STEP,
      runsPerJob,
    );
    for (const job of crowded) {
      if (step.left <= 0) return;
      const jobId = String(job["job_id"]);
      const from = jobId === jobPlace.jobId ? jobPlace : { ...FIRST_JOB, jobId };
      const rows = db.all(
        `SELECT seq, id, ended_at_ms, ifnull(through_ms, scheduled_for_ms) AS instant_ms FROM runs
         WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
        jobId,
        from.seq,
        // Never below 0, which is no limit to SQLite: one that stayed may have gone by age since.
        Math.max(0, Math.min(number(job, "kept") - runsPerJob - from.stayed, step.left)),
      );
      const asked = step.report.logs.length;
      const gone = rows.filter((row) => removeRun(row, step));
      const stayed = from.stayed + rows.length - gone.length;
      forgetThrough(jobId, Math.max(0, ...gone.map((row) => number(row, "instant_ms"))));
      step.left -= rows.length;
      // The next step looks at the same rows when their logs were asked for: then they can go.
      const last = step.report.logs.length === asked ? rows.at(-1) : undefined;
      jobPlace = last === undefined ? from : { jobId, seq: number(last, "seq"), stayed };
    }
    if (step.left > 0) jobPlace = end === undefined ? FIRST_JOB : { ...FIRST_JOB, jobId: String(end["job_id"]) };
  }

  /** A clock that is set back must not take these instants for ones that never had a record. */
  function forgetThrough(jobId: string, instantMs: number): void {
    db.run(
      "UPDATE jobs SET forgotten_ms = ? WHERE id = ? AND ifnull(forgotten_ms, 0) < ?",
      instantMs,
      jobId,
      instantMs,
    );
  }

  /** Settled messages that no run holds any more: alerts, reports, notices. */
  function deliveriesPastAge(state: "sent" | "suppressed" | "dead", cutoffMs: number, step: Step): void {
    const from = places.get(state) ?? START;
    const rows = db.all(
      "SELECT seq, created_at_ms, run_id FROM deliveries WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?",
      state,
      from.seq,
      step.left,
    );
    const old = rows.findIndex((row) => number(row, "created_at_ms") >= cutoffMs);
    const looked = old === -1 ? rows : rows.slice(0, old);
    for (const row of looked) {
      const run = row["run_id"];
      if (run !== null && db.get("SELECT 1 FROM runs WHERE id = ?", String(run)) !== undefined) continue;
      step.report.deliveriesPruned += db.run("DELETE FROM deliveries WHERE seq = ?", number(row, "seq"));
    }
    const last = looked.length === step.left ? looked.at(-1) : undefined;
    places.set(state, last === undefined ? START : { atMs: 0, seq: number(last, "seq") });
    step.left -= looked.length;
  }

  function removePast(table: string, key: string, age: string, before: number, step: Step): void {
    const old = `(SELECT ${key} FROM ${table} WHERE ${age} < ? LIMIT ?)`;
    if (step.left > 0) step.left -= db.run(`DELETE FROM ${table} WHERE (${key}) IN ${old}`, before, step.left);
  }

  function findingsPastAge(cutoffMs: number, nowMs: number, step: Step): void {
    // What opened and closed an alert goes with it.
    const closed = "(SELECT id FROM alerts WHERE closed_at_ms < ? LIMIT ?)";
    db.run(`DELETE FROM flips WHERE alert_id IN ${closed}`, cutoffMs, step.left);
    removePast("alerts", "id", "closed_at_ms", cutoffMs, step);
    removePast("notices", "seq", "closed_at_ms", cutoffMs, step);
    removePast("run_days", "job_id, day", "day", Math.floor((nowMs - STATS_KEPT_MS) / DAY_MS), step);
    removePast("idempotency", "rowid", "created_at_ms", nowMs - IDEMPOTENCY_KEPT_MS, step);
  }

  return ({ nowMs, days, runsPerJob, budget }) => {
    const cutoffMs = nowMs - days * DAY_MS;
    const report: MaintenanceReport = { runsPruned: 0, deliveriesPruned: 0, pagesFreed: 0, logs: [], more: false };
    const step: Step = { left: budget, report };
    db.transaction(() => {
      for (const status of FINAL_RUN_STATUSES) if (step.left > 0) runsPastAge(status, cutoffMs, step);
      if (step.left > 0) runsPastCount(runsPerJob, step);
      for (const state of ["sent", "suppressed", "dead"] as const) {
        if (step.left > 0) deliveriesPastAge(state, cutoffMs, step);
      }
      if (step.left > 0) findingsPastAge(cutoffMs, nowMs, step);
    });
    report.pagesFreed = giveBackPages(db, budget);
    const passing = jobPlace !== FIRST_JOB || [...places.values()].some((place) => place !== START);
    report.more = step.left <= 0 || passing || report.pagesFreed > 0 || report.logs.length > 0;
    return report;
  };
}

/** Shrinks the file by up to `atMost` pages when much of it is free. */
function giveBackPages(db: Database, atMost: number): number {
  const free = (): number => number(db.get("PRAGMA freelist_count"), "freelist_count");
  const before = free();
  if (before < FREE_PAGES_KEPT || before * 10 < number(db.get("PRAGMA page_count"), "page_count")) return 0;
  db.exec(`PRAGMA incremental_vacuum(${Math.max(1, Math.floor(atMost))})`);
  return before - free();
}
