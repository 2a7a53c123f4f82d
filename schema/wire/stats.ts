import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonEmpty, PageParams } from "./common.ts";
import { JobFilterParams } from "./filter.ts";

const Count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) });

export const StatsParams = closed({
  id: Type.Optional(NonEmpty),
  jobId: Type.Optional(NonEmpty),
  sinceMs: Type.Optional({
    ...InstantMs,
    description: "The day (UTC) of this instant and later ones; default 30 days ago.",
  }),
  untilMs: Type.Optional({ ...InstantMs, description: "Days up to this one; default today." }),
  ...PageParams,
  ...JobFilterParams,
});

const Spread = Type.Object({ p50: Count(), p95: Count(), max: Count() });

/** What runs that started did, in the days asked for. */
export const RunStats = Type.Object({
  runs: Count("Runs that started and have ended."),
  ok: Count(),
  error: Count("Failed, timed out or lost."),
  canceled: Count(),
  skipped: Count("Ended with an exit code that means so."),
  retried: Count("Succeeded only after a retry."),
  okRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: "Share of ok among ok and error." })),
  durationMs: Type.Optional(Spread),
  latenessMs: Type.Optional(Spread),
  outputBytes: Count(),
  cpuMs: Count(),
  peakMemoryBytes: Type.Optional(Count("The most that one attempt had at once.")),
  days: Type.Array(Type.Object({ atMs: InstantMs, runs: Count(), error: Count(), p50Ms: Type.Optional(Count()) }), {
    description: "Days on which runs ended, oldest first.",
  }),
});
export type RunStats = Static<typeof RunStats>;

const JobStats = Type.Object({
  jobId: NonEmpty,
  name: Type.String(),
  enabled: Type.Boolean(),
  slow: Type.Optional(Type.Literal(true, { description: "Takes longer of late than it used to." })),
  flaky: Type.Optional(Type.Literal(true, { description: "Succeeded only after a retry of late." })),
  ...RunStats.properties,
});
export type JobStats = Static<typeof JobStats>;

export const StatsResult = Type.Object({
  sinceMs: InstantMs,
  untilMs: InstantMs,
  all: Type.Optional(RunStats),
  jobs: Type.Array(JobStats),
  total: Count(),
  offset: Count(),
  limit: Count(),
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([Count(), Type.Null()]),
  nextCursor: Type.Optional(Type.String()),
  partial: Type.Optional(Type.Literal(true)),
});
