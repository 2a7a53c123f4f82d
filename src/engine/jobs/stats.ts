import type { RunStats } from "../../../schema/wire/calls/runs.ts";
import type { Clock } from "../../kernel/clock.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import type { LedgerReads, RunDay } from "../../ledger/types.ts";
import { addInto, type Histogram, quantileOf } from "../../policy/alerts/index.ts";
import type { EngineApi } from "../api.ts";
import { requireJob } from "../lookup.ts";
import { paged } from "../views.ts";

/** How far back statistics look when nobody says. */
const DEFAULT_SPAN_MS = 30 * DAY_MS;

function spread(histogram: Histogram, maxMs: number): RunStats["durationMs"] {
  const [p50, p95] = [quantileOf(histogram, 0.5), quantileOf(histogram, 0.95)];
  // The middle of a bucket may lie above what was the longest in it.
  return p50 === undefined || p95 === undefined
    ? undefined
    : { p50: Math.min(p50, maxMs), p95: Math.min(p95, maxMs), max: maxMs };
}

/** The days of a job, or of all, as one. */
export function statsOf(days: readonly RunDay[]): RunStats {
  const sum = (of: (day: RunDay) => number): number => days.reduce((total, day) => total + of(day), 0);
  const most = (of: (day: RunDay) => number): number => days.reduce((peak, day) => Math.max(peak, of(day)), 0);
  const merged = (of: (day: RunDay) => Histogram): Histogram => {
    const all: Histogram = {};
    for (const day of days) addInto(all, of(day));
    return all;
  };
  const [ok, error, peakMemoryBytes] = [
    sum((day) => day.ok),
    sum((day) => day.error),
    most((day) => day.peakMemoryBytes),
  ];
  return {
    runs: sum((day) => day.runs),
    ok,
    error,
    canceled: sum((day) => day.canceled),
    skipped: sum((day) => day.skipped),
    retried: sum((day) => day.retried),
    outputBytes: sum((day) => day.outputBytes),
    cpuMs: sum((day) => day.cpuMs),
    ...present({
      okRate: ok + error === 0 ? undefined : ok / (ok + error),
      durationMs: spread(
        merged((day) => day.durations),
        most((day) => day.durationMaxMs),
      ),
      latenessMs: spread(
        merged((day) => day.lateness),
        most((day) => day.latenessMaxMs),
      ),
      peakMemoryBytes: peakMemoryBytes === 0 ? undefined : peakMemoryBytes,
    }),
    days: days.map((day) => ({
      atMs: day.atMs,
      runs: day.runs,
      error: day.error,
      ...present({ p50Ms: quantileOf(day.durations, 0.5) }),
    })),
  };
}

/** Statistics out of the days that are kept: nothing here looks at runs, so that their number does not matter. */
export function createStats(ledger: LedgerReads, clock: Pick<Clock, "nowMs">): Pick<EngineApi, "stats"> {
  return {
    stats({ id, sinceMs, untilMs, ...query }) {
      const through = untilMs ?? clock.nowMs();
      const since = Math.floor((sinceMs ?? Math.max(0, through - DEFAULT_SPAN_MS)) / DAY_MS) * DAY_MS;
      const span = { sinceMs: since, untilMs: through };
      const one = id === undefined ? undefined : requireJob(ledger, id);
      const page =
        one === undefined
          ? ledger.jobs.list({ sortBy: "name", includeDisabled: true, ...query })
          : { rows: [one], total: 1, more: false };
      const jobs = page.rows.map((job) => ({
        jobId: job.id,
        name: job.definition.name,
        enabled: job.enabled,
        ...present({ slow: job.slow === true || undefined, flaky: job.flaky === true || undefined }),
        ...statsOf(ledger.stats.days(job.id, span)),
      }));
      return {
        ...span,
        ...(one === undefined ? { all: statsOf(ledger.stats.days(undefined, span)) } : {}),
        jobs,
        ...paged(page, query),
      };
    },
  };
}
