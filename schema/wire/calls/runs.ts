import { type Static, Type } from "@sinclair/typebox";
import { MAX_LOG_PAGE_BYTES, RUN_STATUSES } from "../../limits.ts";
import {
  Count,
  closed,
  InstantMs,
  MAX_DURATION_MS,
  NonEmpty,
  Offset,
  oneOf,
  optional,
  PageParams,
  Whole,
} from "../common.ts";
import { JobFilterParams, JobState } from "../job.ts";
import { ProgressEntry } from "../progress.ts";
import { DELIVERY_STATUSES, RunEntry } from "../run.ts";
import { jobRef, page, sortDir } from "./shared.ts";

export const RunsParams = closed({
  ...jobRef,
  ...PageParams,
  ...JobFilterParams,
  scope: optional(oneOf(["job", "all"])),
  allCron: optional(Type.Boolean(), "Those of the gateway's own jobs as well."),
  runId: optional(NonEmpty),
  chain: optional(Type.String({ minLength: 1 }), "The passage of this run: the first run and all it caused, in order."),
  status: optional(oneOf(["all", "ok", "error", "skipped"])),
  statuses: optional(Type.Array(oneOf(["ok", "error", "skipped"]), { minItems: 1, maxItems: 3 })),
  runStatuses: optional(
    Type.Array(oneOf(RUN_STATUSES), { minItems: 1, maxItems: RUN_STATUSES.length }),
    "Our finer words.",
  ),
  deliveryStatus: optional(oneOf(DELIVERY_STATUSES)),
  deliveryStatuses: optional(Type.Array(oneOf(DELIVERY_STATUSES), { minItems: 1, maxItems: 5 })),
  query: optional(Type.String({ maxLength: 1000 }), "Text in summary or error."),
  sinceMs: optional(InstantMs),
  untilMs: optional(InstantMs),
  ...sortDir,
});
export type RunsParams = Static<typeof RunsParams>;

export const RunsResult = Type.Object({ entries: Type.Array(RunEntry), ...page });
export type RunsResult = Static<typeof RunsResult>;

/** One run by `runId`, a job's by `id`, or what a person typed. */
const runRef = {
  ...jobRef,
  runId: optional(NonEmpty),
  ref: optional(
    Type.String({ minLength: 1 }),
    "A bare word: a whole run id, else a job (id, start of one, name), else the start of a run id.",
  ),
};

export const CancelParams = closed(runRef);

export const CancelResult = Type.Object({ canceled: Type.Array(Type.Object({ runId: NonEmpty, left: Whole })) });

export const LogParams = closed({
  ...runRef,
  attempt: optional(Count(), "Default the newest."),
  offset: optional(Offset(), "Bytes into the log, as `nextOffset` of the last page."),
  limit: optional(Type.Integer({ minimum: 1, maximum: MAX_LOG_PAGE_BYTES }), "Bytes a page; default 256 KiB."),
  tailBytes: optional(Type.Integer({ minimum: 1, maximum: MAX_LOG_PAGE_BYTES }), "Start so many bytes before the end."),
});

export const LogResult = Type.Object({
  runId: NonEmpty,
  attempt: Type.Integer({ minimum: 1 }),
  attempts: Type.Integer({ minimum: 1, description: "How many attempts there were so far." }),
  chunks: Type.Array(
    Type.Object({
      stream: oneOf(["stdout", "stderr"]),
      atMs: InstantMs,
      offset: Whole,
      dataBase64: Type.String(),
    }),
  ),
  nextOffset: Whole,
  endOffset: Whole,
  droppedBytes: { ...Whole, description: "Left out between chunks because the log's budget was used up." },
  running: Type.Boolean(),
  progress: optional(ProgressEntry),
  cut: optional(Type.String(), "Why the log is not complete."),
  gone: optional(Type.Boolean(), "It, or its end, was removed: for the budget of all logs, or by somebody else."),
  unstarted: optional(Type.String(), "Why no process was made."),
});
export type LogResult = Static<typeof LogResult>;

/** A span is at most so many slots. */
export const MAX_TIMELINE_SLOTS = 2_000;

export const TimelineParams = closed({
  ids: Type.Array(NonEmpty, { minItems: 1, maxItems: 200, description: "Whole ids of jobs." }),
  sinceMs: InstantMs,
  untilMs: InstantMs,
  slotMs: optional(
    Type.Integer({ minimum: 1_000, maximum: MAX_DURATION_MS }),
    "Runs of a job and status that began within so long of time are one mark; default 300000.",
  ),
});

export const TimelineResult = Type.Object({
  jobs: Type.Array(
    Type.Object({
      jobId: NonEmpty,
      enabled: Type.Boolean(),
      state: JobState,
      marks: Type.Array(
        Type.Object({
          runId: Type.String({ description: "The newest of its runs." }),
          status: RunEntry.properties.runStatus,
          runs: Type.Integer({ minimum: 1, description: "How many runs, or instants that did not run." }),
          fromMs: InstantMs,
          throughMs: optional(Type.Integer(), "Absent while it goes on."),
        }),
      ),
      next: Type.Array(InstantMs, { description: "Instants to come within the span, one a slot at most." }),
      latest: Type.Array(
        Type.Object({
          runId: NonEmpty,
          status: RunEntry.properties.runStatus,
          atMs: InstantMs,
          durationMs: optional(Whole),
        }),
        { description: "The newest runs, newest first, whenever they were." },
      ),
    }),
  ),
});
export type TimelineResult = Static<typeof TimelineResult>;

export const StatsParams = closed({
  ...jobRef,
  sinceMs: optional(InstantMs, "The day (UTC) of this instant and later ones; default 30 days ago."),
  untilMs: optional(InstantMs, "Days up to this one; default today."),
  ...PageParams,
  ...JobFilterParams,
});

const Spread = Type.Object({ p50: Whole, p95: Whole, max: Whole });

/** What runs that started did, in the days asked for. */
export const RunStats = Type.Object({
  runs: { ...Whole, description: "Runs that started and have ended." },
  ok: Whole,
  error: { ...Whole, description: "Failed, timed out or lost." },
  canceled: Whole,
  skipped: { ...Whole, description: "Ended with an exit code that means so." },
  retried: { ...Whole, description: "Succeeded only after a retry." },
  okRate: optional(Type.Number({ minimum: 0, maximum: 1 }), "Share of ok among ok and error."),
  durationMs: optional(Spread),
  latenessMs: optional(Spread),
  outputBytes: Whole,
  cpuMs: Whole,
  peakMemoryBytes: optional(Whole, "The most that one attempt had at once."),
  days: Type.Array(Type.Object({ atMs: InstantMs, runs: Whole, error: Whole, p50Ms: optional(Whole) }), {
    description: "Days on which runs ended, oldest first.",
  }),
});
export type RunStats = Static<typeof RunStats>;

const JobStats = Type.Object({
  jobId: NonEmpty,
  name: Type.String(),
  enabled: Type.Boolean(),
  slow: optional(Type.Literal(true), "Takes longer of late than it used to."),
  flaky: optional(Type.Literal(true), "Succeeded only after a retry of late."),
  ...RunStats.properties,
});
export type JobStats = Static<typeof JobStats>;

export const StatsResult = Type.Object({
  sinceMs: InstantMs,
  untilMs: InstantMs,
  all: optional(RunStats),
  jobs: Type.Array(JobStats),
  ...page,
});
export type StatsResult = Static<typeof StatsResult>;
