import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, NonEmpty, oneOf } from "./common.ts";
import { DeliveryEntry, Destination } from "./delivery.ts";
import { Job, JobState } from "./job.ts";
import { ProgressEntry } from "./progress.ts";
import { Cleanup, FINAL_RUN_STATUSES, OUTCOMES, RunEntry } from "./run.ts";
import { FOLLOW_ON } from "./schedule.ts";
import { AlertEntry } from "./told.ts";

const Count = Type.Integer({ minimum: 0 });

/** Where a page stands among the others, in the gateway's words and ours. */
const page = {
  total: Count,
  offset: Count,
  limit: Type.Integer({ minimum: 1 }),
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([Count, Type.Null()]),
  nextCursor: Type.Optional(
    Type.String({
      minLength: 1,
      description: "The next page, without repeats or losses while rows come and go; absent at the end.",
    }),
  ),
  partial: Type.Optional(
    Type.Literal(true, { description: "The search was cut, `nextCursor` goes on; or `total` is a lower bound." }),
  ),
};
const Page = Type.Object(page);
export type Paged = Static<typeof Page>;

export const Instant = Type.Object({
  atMs: InstantMs,
  utc: Type.String(),
  local: Type.String({ description: "Wall clock of the schedule's zone." }),
  offset: Type.String({ description: "Local time minus UTC." }),
  change: Type.Optional(Type.String({ description: "What the zone's clock does there." })),
});
export type Instant = Static<typeof Instant>;

export const Warning = Type.Object({ code: NonEmpty, field: NonEmpty, message: NonEmpty });
export type Warning = Static<typeof Warning>;
export const FieldChange = Type.Object({
  field: NonEmpty,
  from: Type.Optional(
    Type.String({ description: "As JSON; absent where there was nothing, or what may be a secret." }),
  ),
  to: Type.Optional(Type.String()),
});
export type FieldChange = Static<typeof FieldChange>;
/** Beside a job that was stored, or with `dryRun` would be. */
const stored = {
  warnings: Type.Array(Warning, { description: "What will keep it from doing what was meant." }),
  dryRun: Type.Optional(Type.Literal(true)),
  changes: Type.Optional(Type.Array(FieldChange, { description: "With `dryRun`: what differs from the stored job." })),
};
export const AddResult = Type.Union([
  Type.Object({ ...Job.properties, next: Type.Array(Instant), ...stored }),
  Type.Object({ created: Type.Boolean(), updated: Type.Boolean(), job: Job, next: Type.Array(Instant), ...stored }),
]);
export const UpdateResult = Type.Object({ ...Job.properties, next: Type.Optional(Type.Array(Instant)), ...stored });
export const TestResult = Type.Object({
  status: oneOf(["ok", "error", "skipped"]),
  runStatus: oneOf(FINAL_RUN_STATUSES),
  outcome: oneOf(OUTCOMES),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  signal: Type.Union([Type.String(), Type.Null()]),
  error: Type.Optional(Type.String()),
  durationMs: Count,
  stdout: Type.String(),
  stderr: Type.String(),
  stdoutBytes: Count,
  stderrBytes: Count,
  cleanup: Cleanup,
  to: Type.Array(Destination, { description: "Where the result would go." }),
  text: Type.Optional(Type.String({ description: "What would be sent." })),
  silent: Type.Optional(Type.String({ description: "Why nothing would be." })),
  warnings: Type.Array(Warning),
});
export type TestResult = Static<typeof TestResult>;
export const RemoveResult = Type.Object({
  ok: Type.Boolean(),
  removed: Type.Boolean(),
  runningRunId: Type.Optional(NonEmpty),
  disabled: Type.Optional(Type.Array(NonEmpty, { description: "With `cascade`: the followers that are off now." })),
});
export const ListResult = Type.Object({ jobs: Type.Array(Job), ...page });
export const RunResult = Type.Object({
  ok: Type.Boolean(),
  enqueued: Type.Boolean(),
  runId: Type.Optional(NonEmpty),
  runIds: Type.Optional(
    Type.Array(NonEmpty, { description: "Of a job that runs on each of several nodes: one for each." }),
  ),
  reason: Type.Optional(Type.String()),
});
export type RunResult = Static<typeof RunResult>;
export const RunsResult = Type.Object({ entries: Type.Array(RunEntry), ...page });
export const CancelResult = Type.Object({ canceled: Type.Array(Type.Object({ runId: NonEmpty, left: Count })) });
export const LogResult = Type.Object({
  runId: NonEmpty,
  attempt: Type.Integer({ minimum: 1 }),
  attempts: Type.Integer({ minimum: 1, description: "How many attempts there were so far." }),
  chunks: Type.Array(
    Type.Object({
      stream: oneOf(["stdout", "stderr"]),
      atMs: InstantMs,
      offset: Count,
      dataBase64: Type.String(),
    }),
  ),
  nextOffset: Count,
  endOffset: Count,
  droppedBytes: { ...Count, description: "Left out between chunks because the log's budget was used up." },
  running: Type.Boolean(),
  progress: Type.Optional(ProgressEntry),
  cut: Type.Optional(Type.String({ description: "Why the log is not complete." })),
  gone: Type.Optional(
    Type.Boolean({ description: "It, or its end, was removed: for the budget of all logs, or by somebody else." }),
  ),
  unstarted: Type.Optional(Type.String({ description: "Why no process was made." })),
});
export type LogResult = Static<typeof LogResult>;
/** Which ends of which job a follower waits for. */
const Link = {
  on: oneOf(FOLLOW_ON),
  delaySeconds: Type.Optional(Type.Number({ minimum: 0 })),
  minGapSeconds: Type.Optional(Type.Number({ minimum: 0 })),
  match: Type.Optional(Type.String()),
};
export const NextResult = Type.Object({
  instants: Type.Array(Instant),
  timeZone: Type.String(),
  after: Type.Optional(
    Type.Object(
      { jobId: NonEmpty, jobName: Type.Optional(Type.String({ description: "Absent when it is gone." })), ...Link },
      { description: "Of a follower, which has no instants of its own: what it waits for." },
    ),
  ),
});
export type NextResult = Static<typeof NextResult>;
export const TreeResult = Type.Object({
  jobs: Type.Array(
    Type.Object({
      jobId: NonEmpty,
      name: Type.Optional(Type.String({ description: "Absent when the job is gone and others still follow it." })),
      level: Type.Integer({ minimum: 0, description: "0 for the first job of a chain." }),
      parentId: Type.Optional(NonEmpty),
      ...Link,
      on: Type.Optional(Link.on),
      enabled: Type.Optional(Type.Boolean()),
      lastRunStatus: Type.Optional(JobState.properties.lastRunStatus),
      lastRunAtMs: Type.Optional(InstantMs),
      nextRunAtMs: Type.Optional(InstantMs),
      runningAtMs: Type.Optional(InstantMs),
    }),
    { description: "Each behind its parent, in the order they are drawn." },
  ),
  more: Type.Boolean({ description: "There are more jobs than are answered." }),
});
export type TreeResult = Static<typeof TreeResult>;
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
          throughMs: Type.Optional(Type.Integer({ description: "Absent while it goes on." })),
        }),
      ),
      next: Type.Array(InstantMs, { description: "Instants to come within the span, one a slot at most." }),
      latest: Type.Array(
        Type.Object({
          runId: NonEmpty,
          status: RunEntry.properties.runStatus,
          atMs: InstantMs,
          durationMs: Type.Optional(Count),
        }),
        { description: "The newest runs, newest first, whenever they were." },
      ),
    }),
  ),
});
export type TimelineResult = Static<typeof TimelineResult>;
/** An incident, whose it is, and where its messages go now; without a route nobody is told. */
export const AlertsResult = Type.Object({ alerts: Type.Array(AlertEntry), ...page });
export const AlertsChanged = Type.Object({ alerts: Type.Array(AlertEntry) });
export const DoctorResult = Type.Object({
  findings: Type.Array(
    Type.Object({
      check: Type.String(),
      level: oneOf(["ok", "warn", "error"]),
      detail: Type.String(),
      action: Type.Optional(Type.String()),
    }),
  ),
});
export type DoctorResult = Static<typeof DoctorResult>;
export const DeliveriesResult = Type.Object({ deliveries: Type.Array(DeliveryEntry), ...page });
export const RetryResult = Type.Object({ retried: Count, deliveries: Type.Array(DeliveryEntry) });
export const ReportResult = Type.Object({
  text: Type.String(),
  deliveryId: Type.Optional(NonEmpty),
  wouldSendFirst: Type.Optional(NonEmpty),
});
export type ReportResult = Static<typeof ReportResult>;

/** One scheduled job, ours or the gateway's own, on one line. */
export const SummaryEntry = Type.Object({
  jobId: NonEmpty,
  name: Type.String(),
  source: oneOf(["command", "gateway"]),
  kind: Type.String({ description: "What it does, in the gateway's word: `command`, `agentTurn`, `systemEvent`, …" }),
  enabled: Type.Boolean(),
  state: oneOf(["running", "disabled", "ok", "error", "skipped", "idle"]),
  schedule: Type.Unknown({ description: "As it is stored where the job lives." }),
  nextRunAtMs: Type.Optional(InstantMs),
  runningAtMs: Type.Optional(InstantMs),
  lastRunAtMs: Type.Optional(InstantMs),
  lastStatus: Type.Optional(oneOf(["ok", "error", "skipped"])),
  lastError: Type.Optional(Type.String()),
  lastDurationMs: Type.Optional(Count),
  lastOkAtMs: Type.Optional(InstantMs),
  lastDeliveryStatus: Type.Optional(Type.String()),
  enqueuedOnly: Type.Optional(
    Type.Boolean({ description: "Its success says that the main session was told, not that anything was done." }),
  ),
  consecutiveOk: Type.Integer({ minimum: 0, description: "Good runs in a row; of ours up to 100." }),
  consecutiveErrors: Count,
  totals: Type.Object({ runs: Count, ok: Count, error: Count, skipped: Count, missed: Count }),
  okRate: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: "Good among good and failed, percent." }),
  ),
});
export type SummaryEntry = Static<typeof SummaryEntry>;

export const SummaryResult = Type.Object({
  jobs: Type.Array(SummaryEntry, { description: "By name." }),
  ...page,
});
