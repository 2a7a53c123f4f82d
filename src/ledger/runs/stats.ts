import { DAY_MS } from "../../kernel/durations.ts";
import { bucketOf, type Histogram } from "../../policy/alerts/index.ts";
import { type Database, number, type Row, readJson, type Value } from "../sql/index.ts";
import type { RunDay, StatsStore } from "../types.ts";

/** The row of all jobs together. */
const ALL = "";
/** A histogram as it is stored; what a damaged row holds counts for nothing. */
function histogramOf(stored: unknown): Histogram {
  const value = readJson(stored);
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, count]) => typeof count === "number"));
}

/** Columns that add up over days, and those of which the largest counts. */
const SUMS = ["runs", "ok", "error", "canceled", "skipped", "retried", "output_bytes", "cpu_ms"] as const;
const PEAKS = ["duration_max_ms", "lateness_max_ms", "peak_memory_bytes"] as const;
const HISTOGRAMS = ["durations", "lateness"] as const;

const USED = (how: string, path: string): string =>
  `(SELECT ${how}(iif(json_valid(resources), json_extract(resources, '$.${path}'), NULL)) FROM attempts WHERE run_id = runs.id)`;
const OF_RUN = `SELECT job_id, status, attempt, started_at_ms, ended_at_ms, scheduled_for_ms,
    (SELECT sum(stdout_bytes + stderr_bytes) FROM attempts WHERE run_id = runs.id) AS bytes,
    ${USED("sum", "cpuMs")} AS cpu_ms, ${USED("max", "peakMemoryBytes")} AS memory
  FROM runs WHERE id = ? AND started_at_ms IS NOT NULL`;

/** One more in the bucket that the new row has; a damaged histogram begins anew. */
const hit = (column: string): string => {
  const [old, path] = [
    `iif(json_valid(${column}), ${column}, '{}')`,
    `(SELECT fullkey FROM json_each(excluded.${column}))`,
  ];
  return `iif(excluded.${column} = '{}', ${column}, json_set(${old}, ${path}, 1 + ifnull(json_extract(${old}, ${path}), 0)))`;
};
const MERGED = [
  ...SUMS.map((column) => `${column} = ${column} + excluded.${column}`),
  ...PEAKS.map((column) => `${column} = max(${column}, excluded.${column})`),
  ...HISTOGRAMS.map((column) => `${column} = ${hit(column)}`),
];
const COLUMNS = [...SUMS, ...PEAKS, ...HISTOGRAMS];
const VALUES = `?2, ${COLUMNS.map((_, index) => `?${index + 3}`).join(", ")}`;
const ADD = `INSERT INTO run_days (job_id, day, ${COLUMNS.join(", ")}) VALUES (?1, ${VALUES}), ('${ALL}', ${VALUES})
  ON CONFLICT (job_id, day) DO UPDATE SET ${MERGED.join(", ")}`;

/**
 * Adds a run that has ended to its day, in the caller's transaction. Answers its job; one that was never started counts for
 * nothing, and has none.
 */
export function countRun(db: Database, runId: string): string | undefined {
  const run = db.get(OF_RUN, runId);
  if (run === undefined) return undefined;
  const jobId = String(run["job_id"]);
  const status = String(run["status"]);
  const startedAtMs = number(run, "started_at_ms");
  const durationMs = Math.max(0, number(run, "ended_at_ms") - startedAtMs);
  const latenessMs =
    run["scheduled_for_ms"] === null ? undefined : Math.max(0, startedAtMs - number(run, "scheduled_for_ms"));
  const is = (...words: string[]): number => Number(words.includes(status));
  const added: Record<(typeof COLUMNS)[number], Value> = {
    runs: 1,
    ok: is("succeeded"),
    error: is("failed", "timed_out", "lost"),
    canceled: is("canceled"),
    skipped: is("skipped"),
    retried: status === "succeeded" && number(run, "attempt") > 1 ? 1 : 0,
    output_bytes: number(run, "bytes"),
    cpu_ms: number(run, "cpu_ms"),
    duration_max_ms: durationMs,
    lateness_max_ms: latenessMs ?? 0,
    peak_memory_bytes: number(run, "memory"),
    durations: hitOf(durationMs),
    lateness: hitOf(latenessMs),
  };
  const day = Math.floor(number(run, "ended_at_ms") / DAY_MS);
  db.run(ADD, jobId, day, ...COLUMNS.map((column) => added[column]));
  return jobId;
}

const hitOf = (ms: number | undefined): string => (ms === undefined ? "{}" : JSON.stringify({ [bucketOf(ms)]: 1 }));

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
  durations: histogramOf(row["durations"]),
  lateness: histogramOf(row["lateness"]),
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
