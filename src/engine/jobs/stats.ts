import type { RunStats } from "../../../schema/wire/calls/runs.ts";
import type { Clock } from "../../kernel/clock.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { pick, present } from "../../kernel/present.ts";
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

/** What of a day is a number. */
type Figure = { [K in keyof RunDay]: RunDay[K] extends number ? K : never }[keyof RunDay];

/** The days of a job, or of all, as one. */
export function statsOf(days: readonly RunDay[]): RunStats {
  const sum = (figure: Figure): number => days.reduce((total, day) => total + day[figure], 0);
  const most = (figure: Figure): number => days.reduce((peak, day) => Math.max(peak, day[figure]), 0);
  const merged = (name: "durations" | "lateness"): Histogram => {
    const all: Histogram = {};
    for (const day of days) addInto(all, day[name]);
    return all;
  };
  const [ok, error] = [sum("ok"), sum("error")];
  return {
    runs: sum("runs"),
    ok,
    error,
    canceled: sum("canceled"),
    skipped: sum("skipped"),
    retried: sum("retried"),
    outputBytes: sum("outputBytes"),
    cpuMs: sum("cpuMs"),
    ...present({
      okRate: ok + error === 0 ? undefined : ok / (ok + error),
      durationMs: spread(merged("durations"), most("durationMaxMs")),
      latenessMs: spread(merged("lateness"), most("latenessMaxMs")),
      peakMemoryBytes: most("peakMemoryBytes") || undefined,
    }),
    days: days.map((day) => ({
      ...pick(day, "atMs", "runs", "error"),
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
