import { type Static, Type } from "@sinclair/typebox";
import { FOLLOW_ON } from "../../limits.ts";
import { closed, InstantMs, NonEmpty, oneOf, optional, PageParams, Whole } from "../common.ts";
import { Destination } from "../delivery.ts";
import { Job, JobFilterParams, JobInput, JobState, totals } from "../job.ts";
import { Cleanup, end, FINAL_RUN_STATUSES, OUTCOMES } from "../run.ts";
import { Schedule } from "../schedule.ts";
import { FieldChange, Instant, jobRef, page, sortDir, Warning } from "./shared.ts";

const IdempotencyKey = optional(
  Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" }),
  "A repeat of the same request with the same key does nothing and answers as the first did; 7 days.",
);

const DryRun = optional(Type.Boolean(), "Answer as the call would, with `changes`; store and end nothing.");

/** `cron.command.add` takes this beside the job's own fields. */
export const AddOptions = closed({ idempotencyKey: IdempotencyKey, dryRun: DryRun });

export const AddParams = closed({ ...JobInput.properties, ...AddOptions.properties });

/** Beside a job that was stored, or with `dryRun` would be. */
const stored = {
  warnings: Type.Array(Warning, { description: "What will keep it from doing what was meant." }),
  dryRun: optional(Type.Literal(true)),
  changes: optional(Type.Array(FieldChange), "With `dryRun`: what differs from the stored job."),
};

export const AddResult = Type.Union([
  Type.Object({ ...Job.properties, next: Type.Array(Instant), ...stored }),
  Type.Object({ created: Type.Boolean(), updated: Type.Boolean(), job: Job, next: Type.Array(Instant), ...stored }),
]);

/** `patch` is checked as a job patch. */
export const UpdateParams = closed({
  ...jobRef,
  patch: Type.Object({}, { description: "The fields to change." }),
  expectedConfigRevision: optional(
    Type.String({ minLength: 1, maxLength: 128 }),
    "Refuses the patch when the job was changed since.",
  ),
  stop: optional(Type.Boolean(), "End a running run; default false: it finishes."),
  dryRun: DryRun,
});

export const UpdateResult = Type.Object({ ...Job.properties, next: optional(Type.Array(Instant)), ...stored });

export const TestResult = Type.Object({
  status: oneOf(["ok", "error", "skipped"]),
  runStatus: oneOf(FINAL_RUN_STATUSES),
  outcome: oneOf(OUTCOMES),
  ...end,
  durationMs: Whole,
  stdout: Type.String(),
  stderr: Type.String(),
  stdoutBytes: Whole,
  stderrBytes: Whole,
  cleanup: Cleanup,
  to: Type.Array(Destination, { description: "Where the result would go." }),
  text: optional(Type.String(), "What would be sent."),
  silent: optional(Type.String(), "Why nothing would be."),
  warnings: Type.Array(Warning),
});
export type TestResult = Static<typeof TestResult>;

export const RemoveParams = closed({
  ...jobRef,
  cascade: optional(
    Type.Boolean(),
    "Disable the jobs that follow it; default false: with one that is on it is refused.",
  ),
  stop: optional(Type.Boolean(), "End a running run; default false: it finishes."),
  together: optional(
    Type.Array(NonEmpty, { maxItems: 100 }),
    "Ids of jobs that are removed next; a check may go before them.",
  ),
});

export const RemoveResult = Type.Object({
  ok: Type.Boolean(),
  removed: Type.Boolean(),
  runningRunId: optional(NonEmpty),
  disabled: optional(Type.Array(NonEmpty), "With `cascade`: the followers that are off now."),
});

export const GetParams = closed(jobRef);

export const RunParams = closed({
  ...jobRef,
  mode: optional(oneOf(["force", "if-enabled", "due"])),
  alone: optional(Type.Boolean(), "Start none of the jobs that follow it; default false."),
  idempotencyKey: IdempotencyKey,
});

export const RunResult = Type.Object({
  ok: Type.Boolean(),
  enqueued: Type.Boolean(),
  runId: optional(NonEmpty),
  runIds: optional(Type.Array(NonEmpty), "Of a job that runs on each of several nodes: one for each."),
  reason: optional(Type.String()),
});
export type RunResult = Static<typeof RunResult>;

export const ListParams = closed({
  ...PageParams,
  ...JobFilterParams,
  includeDisabled: optional(Type.Boolean()),
  enabled: optional(oneOf(["all", "enabled", "disabled"])),
  query: optional(Type.String({ maxLength: 1000 }), "Text in id, names, description, agent or command."),
  scheduleKind: optional(oneOf(["all", "at", "every", "cron", "after"])),
  lastRunStatus: optional(oneOf(["all", "ok", "error", "skipped", "unknown"])),
  sortBy: optional(oneOf(["nextRunAtMs", "updatedAtMs", "name"])),
  ...sortDir,
});
export type ListParams = Static<typeof ListParams>;

export const ListResult = Type.Object({ jobs: Type.Array(Job), ...page });
export type ListResult = Static<typeof ListResult>;

/** Which of everything that is scheduled here. */
export const SummaryParams = closed({
  limit: PageParams.limit,
  offset: PageParams.offset,
  source: optional(oneOf(["all", "command", "gateway"])),
  query: optional(Type.String({ maxLength: 1_000 }), "Text in id or name."),
});

/** One scheduled job, ours or the gateway's own, on one line. */
export const SummaryEntry = Type.Object({
  jobId: NonEmpty,
  name: Type.String(),
  source: oneOf(["command", "gateway"]),
  kind: Type.String({ description: "What it does, in the gateway's word: `command`, `agentTurn`, `systemEvent`, …" }),
  enabled: Type.Boolean(),
  state: oneOf(["running", "disabled", "ok", "error", "skipped", "idle"]),
  schedule: Type.Unknown({ description: "As it is stored where the job lives." }),
  nextRunAtMs: optional(InstantMs),
  runningAtMs: optional(InstantMs),
  lastRunAtMs: optional(InstantMs),
  lastStatus: optional(oneOf(["ok", "error", "skipped"])),
  lastError: optional(Type.String()),
  lastDurationMs: optional(Whole),
  lastOkAtMs: optional(InstantMs),
  lastDeliveryStatus: optional(Type.String()),
  enqueuedOnly: optional(
    Type.Boolean(),
    "Its success says that the main session was told, not that anything was done.",
  ),
  consecutiveOk: Type.Integer({ minimum: 0, description: "Good runs in a row; of ours up to 100." }),
  consecutiveErrors: Whole,
  totals: Type.Object(totals),
  okRate: optional(Type.Integer({ minimum: 0, maximum: 100 }), "Good among good and failed, percent."),
});
export type SummaryEntry = Static<typeof SummaryEntry>;

export const SummaryResult = Type.Object({
  jobs: Type.Array(SummaryEntry, { description: "By name." }),
  ...page,
});
export type SummaryResult = Static<typeof SummaryResult>;

export const NextParams = closed({
  ...jobRef,
  schedule: optional(Schedule),
  count: optional(Type.Integer({ minimum: 1, maximum: 1000 }), "How many instants; default 10."),
  afterMs: optional(InstantMs),
});

/** Which ends of which job a follower waits for. */
const Link = {
  on: oneOf(FOLLOW_ON),
  delaySeconds: optional(Type.Number({ minimum: 0 })),
  minGapSeconds: optional(Type.Number({ minimum: 0 })),
  match: optional(Type.String()),
};

export const NextResult = Type.Object({
  instants: Type.Array(Instant),
  timeZone: Type.String(),
  after: optional(
    Type.Object({ jobId: NonEmpty, jobName: optional(Type.String(), "Absent when it is gone."), ...Link }),
    "Of a follower, which has no instants of its own: what it waits for.",
  ),
});
export type NextResult = Static<typeof NextResult>;

/** Jobs of a tree that are answered at most. */
export const MAX_TREE_JOBS = 1_000;

export const TreeParams = closed(jobRef);

export const TreeResult = Type.Object({
  jobs: Type.Array(
    Type.Object({
      jobId: NonEmpty,
      name: optional(Type.String(), "Absent when the job is gone and others still follow it."),
      level: Type.Integer({ minimum: 0, description: "0 for the first job of a chain." }),
      parentId: optional(NonEmpty),
      ...Link,
      on: optional(Link.on),
      enabled: optional(Type.Boolean()),
      lastRunStatus: optional(JobState.properties.lastRunStatus),
      lastRunAtMs: optional(InstantMs),
      nextRunAtMs: optional(InstantMs),
      runningAtMs: optional(InstantMs),
    }),
    { description: "Each behind its parent, in the order they are drawn." },
  ),
  more: Type.Boolean({ description: "There are more jobs than are answered." }),
});
export type TreeResult = Static<typeof TreeResult>;
