import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonEmpty, oneOf, PageParams } from "./common.ts";
import { JobFilterParams } from "./job.ts";
import { Progress, ProgressEntry } from "./progress.ts";
import { NodeRef } from "./target.ts";

/** The final ones come after `running`; exactly one is ever recorded. `awaiting_approval`: a person has to decide first. */
export const RUN_STATUSES = [
  "queued",
  "awaiting_approval",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "canceled",
  "skipped",
  "missed",
  "lost",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const FINAL_RUN_STATUSES: readonly RunStatus[] = RUN_STATUSES.slice(3);

/** How one attempt ended; the first cause wins. */
export const OUTCOMES = [
  "exited",
  "signaled",
  "timed_out",
  "silent",
  "stalled",
  "canceled",
  "spawn_failed",
  "verify_failed",
  "status_failed",
  "lost",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a run exists. */
export const RUN_TRIGGERS = ["schedule", "manual", "after"] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** The zero-survivor statement of one attempt. */
export const Cleanup = Type.Object({
  method: Type.Array(Type.String(), {
    description: "Layers used, in order: group, session, descent, cookie, cgroup, taskkill.",
  }),
  found: Type.Integer({
    minimum: 0,
    description: "Processes still alive when the command's own process had ended or was told to.",
  }),
  ended: Type.Integer({ minimum: 0 }),
  left: Type.Array(Type.Object({ pid: Type.Integer(), command: Type.String() })),
  foundCommands: Type.Optional(Type.Array(Type.String())),
});
export type Cleanup = Static<typeof Cleanup>;

export const Resources = Type.Object({
  cpuMs: Type.Optional(Type.Integer({ minimum: 0 })),
  peakMemoryBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  source: oneOf(["cgroup", "sampled"]),
});
export type Resources = Static<typeof Resources>;

/** The check of an attempt. */
export const VerifyEntry = Type.Object({
  command: Type.String({ description: "What was run, in one short line." }),
  passed: Type.Boolean(),
  attempts: Type.Integer({ minimum: 0, description: "How often it was tried." }),
  outcome: oneOf(OUTCOMES),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  signal: Type.Union([Type.String(), Type.Null()]),
  error: Type.Optional(Type.String()),
  lastLine: Type.Optional(Type.String()),
  startedAtMs: InstantMs,
  endedAtMs: InstantMs,
});
export type VerifyEntry = Static<typeof VerifyEntry>;

/** What became of the state that an attempt left. */
export const StateEntry = Type.Object({
  version: Type.Optional(Type.Integer({ minimum: 1, description: "As which version it is kept." })),
  problem: Type.Optional(Type.String({ description: "Why it is not kept; the old state stays." })),
});
export type StateEntry = Static<typeof StateEntry>;

export const AttemptEntry = Type.Object({
  attempt: Type.Integer({ minimum: 1 }),
  outcome: Type.Optional(oneOf(OUTCOMES)),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  signal: Type.Union([Type.String(), Type.Null()]),
  error: Type.Optional(Type.String()),
  startedAtMs: InstantMs,
  endedAtMs: Type.Optional(InstantMs),
  pid: Type.Optional(Type.Integer()),
  node: Type.Optional(NodeRef),
  verify: Type.Optional(VerifyEntry),
  state: Type.Optional(StateEntry),
  progress: Type.Optional(Progress),
  cleanup: Type.Optional(Cleanup),
  resources: Type.Optional(Resources),
});
export type AttemptEntry = Static<typeof AttemptEntry>;

/** One run as `cron.command.runs` answers it; the gateway's words where it has them. */
export const RunEntry = Type.Object({
  ts: InstantMs,
  runId: NonEmpty,
  jobId: NonEmpty,
  jobName: Type.Optional(Type.String()),
  requestedBy: Type.Optional(
    Type.String({ description: "Who asked for it, where somebody did: `cli`, `telegram:777`." }),
  ),
  action: oneOf(["finished", "started", "queued"]),
  status: Type.Optional(oneOf(["ok", "error", "skipped"])),
  runStatus: oneOf(RUN_STATUSES),
  completionStatus: Type.Optional(oneOf(["succeeded", "failed", "unknown"])),
  trigger: oneOf(RUN_TRIGGERS),
  source: Type.Optional(Type.Literal("gateway", { description: "It is of one of the gateway's own jobs." })),
  enqueued: Type.Optional(
    Type.Boolean({ description: "The main session was told; whether anything was done is not known." }),
  ),
  causedByRunId: Type.Optional(Type.String({ description: "The run of the parent that this one follows." })),
  configRevision: Type.Optional(
    Type.String({ description: "Of the job as the latest attempt ran it; before the first, as it was then." }),
  ),
  node: Type.Optional(
    Type.Object({
      ...Type.Partial(NodeRef).properties,
      name: Type.String(),
      outOfReachSinceMs: Type.Optional({
        ...InstantMs,
        description: "Since when nothing is heard of it, or it is waited for; the run goes on there, or has not begun.",
      }),
    }),
  ),
  outcome: Type.Union([...OUTCOMES.map((word) => Type.Literal(word)), Type.Null()]),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  signal: Type.Union([Type.String(), Type.Null()]),
  error: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String({ description: "Why a run was skipped, missed, canceled or lost." })),
  summary: Type.Optional(Type.String()),
  scheduledForMs: Type.Union([InstantMs, Type.Null()]),
  coversThroughMs: Type.Optional(InstantMs),
  coversCount: Type.Optional(Type.Integer({ minimum: 1 })),
  runAtMs: Type.Optional(InstantMs),
  endedAtMs: Type.Optional(InstantMs),
  durationMs: Type.Optional(Type.Integer({ minimum: 0 })),
  latenessMs: Type.Optional(Type.Integer()),
  nextRunAtMs: Type.Optional(InstantMs),
  delivered: Type.Optional(Type.Boolean()),
  deliveryStatus: oneOf(["delivered", "not-delivered", "unknown", "not-requested", "pending"]),
  deliveryError: Type.Optional(Type.String()),
  deliverySuppressionReason: Type.Optional(Type.String()),
  stdout: Type.String(),
  stderr: Type.String(),
  stdoutBytes: Type.Integer({ minimum: 0 }),
  stderrBytes: Type.Integer({ minimum: 0 }),
  truncated: Type.Boolean(),
  attempts: Type.Array(AttemptEntry),
  progress: Type.Optional(ProgressEntry),
  cleanup: Type.Optional(Cleanup),
  resources: Type.Optional(Resources),
});
export type RunEntry = Static<typeof RunEntry>;

const Whole = (description?: string) =>
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

const Spread = Type.Object({ p50: Whole(), p95: Whole(), max: Whole() });

/** What runs that started did, in the days asked for. */
export const RunStats = Type.Object({
  runs: Whole("Runs that started and have ended."),
  ok: Whole(),
  error: Whole("Failed, timed out or lost."),
  canceled: Whole(),
  skipped: Whole("Ended with an exit code that means so."),
  retried: Whole("Succeeded only after a retry."),
  okRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: "Share of ok among ok and error." })),
  durationMs: Type.Optional(Spread),
  latenessMs: Type.Optional(Spread),
  outputBytes: Whole(),
  cpuMs: Whole(),
  peakMemoryBytes: Type.Optional(Whole("The most that one attempt had at once.")),
  days: Type.Array(Type.Object({ atMs: InstantMs, runs: Whole(), error: Whole(), p50Ms: Type.Optional(Whole()) }), {
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
  total: Whole(),
  offset: Whole(),
  limit: Whole(),
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([Whole(), Type.Null()]),
  nextCursor: Type.Optional(Type.String()),
  partial: Type.Optional(Type.Literal(true)),
});
