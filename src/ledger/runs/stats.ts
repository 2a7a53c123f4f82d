import { DAY_MS } from "../../kernel/durations.ts";
import { addInto, bucketOf, type Histogram } from "../../policy/alerts/index.ts";
import { type Database, number, type Row, readJson } from "../sql/index.ts";
import type { RunDay, StatsStore } from "../types.ts";

/** The row of all jobs together. */
const ALL = "";
/** Columns that add up over days, and those of which the largest counts. */
const SUMS = ["runs", "ok", "error", "canceled", "skipped", "retried", "output_bytes", "cpu_ms"] as const;
const PEAKS = ["duration_max_ms", "lateness_max_ms", "peak_memory_bytes"] as const;
const HISTOGRAMS = ["durations", "lateness"] as const;

const countOf = (row: Row | undefined, column: string): number => (row === undefined ? 0 : number(row, column));

/** A histogram as it is stored; what a damaged row holds counts for nothing. */
function histogramOf(row: Row | undefined, column: string): Histogram {
  const value = row === undefined ? undefined : readJson(row[column]);
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, count]) => typeof count === "number"));
}

/** What one run adds to a day. */
interface Addition {
  sums: Record<(typeof SUMS)[number], number>;
  peaks: Record<(typeof PEAKS)[number], number>;
  histograms: Record<(typeof HISTOGRAMS)[number], Histogram>;
}

function additionOf(db: Database, run: Row): Addition {
  const status = String(run["status"]);
  const [startedAtMs, endedAtMs] = [number(run, "started_at_ms"), number(run, "ended_at_ms")];
  const durationMs = Math.max(0, endedAtMs - startedAtMs);
  const latenessMs =
    run["scheduled_for_ms"] === null ? undefined : Math.max(0, startedAtMs - number(run, "scheduled_for_ms"));
  const used = db.all(
    "SELECT stdout_bytes + stderr_bytes AS bytes, resources FROM attempts WHERE run_id = ?",
    String(run["id"]),
  );
  const resources = used.map(
    (row) => (readJson(row["resources"]) ?? {}) as { cpuMs?: number; peakMemoryBytes?: number },
  );
  const is = (...words: string[]): number => Number(words.includes(status));
  return {
    sums: {
      runs: 1,
      ok: is("succeeded"),
      error: is("failed", "timed_out", "lost"),
      canceled: is("canceled"),
      skipped: is("skipped"),
      retried: status === "succeeded" && number(run, "attempt") > 1 ? 1 : 0,
      output_bytes: used.reduce((sum, row) => sum + number(row, "bytes"), 0),
      cpu_ms: resources.reduce((sum, { cpuMs = 0 }) => sum + cpuMs, 0),
    },
    peaks: {
      duration_max_ms: durationMs,
      lateness_max_ms: latenessMs ?? 0,
      peak_memory_bytes: Math.max(0, ...resources.map(({ peakMemoryBytes = 0 }) => peakMemoryBytes)),
    },
    histograms: {
      durations: { [bucketOf(durationMs)]: 1 },
      lateness: latenessMs === undefined ? {} : { [bucketOf(latenessMs)]: 1 },
    },
  };
}

const COLUMNS = [...SUMS, ...PEAKS, ...HISTOGRAMS];
const WRITE = `INSERT OR REPLACE INTO run_days (job_id, day, ${COLUMNS.join(", ")})
  VALUES (?, ?, ${COLUMNS.map(() => "?").join(", ")})`;

/** Adds a run that has ended to its day; one that was never started counts for nothing. In the caller's transaction. */
export function countRun(db: Database, run: Row): void {
  if (run["started_at_ms"] === null) return;
  const added = additionOf(db, run);
  const day = Math.floor(number(run, "ended_at_ms") / DAY_MS);
  for (const owner of [String(run["job_id"]), ALL]) {
    const row = db.get("SELECT * FROM run_days WHERE job_id = ? AND day = ?", owner, day);
    const histograms = HISTOGRAMS.map((column) => {
      const sum = histogramOf(row, column);
      addInto(sum, added.histograms[column]);
      return JSON.stringify(sum);
    });
    db.run(
      WRITE,
      owner,
      day,
      ...SUMS.map((column) => countOf(row, column) + added.sums[column]),
      ...PEAKS.map((column) => Math.max(countOf(row, column), added.peaks[column])),
      ...histograms,
    );
  }
}

const fromDayRow = (row: Row): RunDay => ({
  atMs: number(row, "day") * DAY_MS,
  runs: number(row, "runs"),
  ok: number(row, "ok"),
  error: number(row, "error"),
  canceled: number(row, "canceled"),
  skipped: number(row, "skipped"),
  retried: number(row, "retried"),
  durationMaxMs: number(row, "duration_max_ms"),
  latenessMaxMs: number(row, "lateness_max_ms"),
  outputBytes: number(row, "output_bytes"),
  cpuMs: number(row, "cpu_ms"),
  peakMemoryBytes: number(row, "peak_memory_bytes"),
  durations: histogramOf(row, "durations"),
  lateness: histogramOf(row, "lateness"),
});

/** Days of runs, for statistics. */
export const createStatsStore = (db: Database): StatsStore => ({
  days: (jobId, { sinceMs, untilMs }) =>
    db
      .all(
        "SELECT * FROM run_days WHERE job_id = ? AND day BETWEEN ? AND ? ORDER BY day",
        jobId ?? ALL,
        Math.floor(sinceMs / DAY_MS),
        Math.floor(untilMs / DAY_MS),
      )
      .map(fromDayRow),
});
