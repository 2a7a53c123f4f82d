import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, NonEmpty } from "./common.ts";
import { DeliveryEntry, Destination } from "./delivery.ts";
import { Job, JobState } from "./job.ts";
import { Cleanup, FINAL_RUN_STATUSES, OUTCOMES, RunEntry } from "./run.ts";
import { FOLLOW_ON } from "./schedule.ts";

const Count = Type.Integer({ minimum: 0 });

/** The gateway's paging. */
const page = {
  total: Count,
  offset: Count,
  limit: Type.Integer({ minimum: 1 }),
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([Count, Type.Null()]),
  nextCursor: Type.Optional(NonEmpty),
  partial: Type.Optional(Type.Literal(true)),
};

export const Instant = Type.Object({
  atMs: InstantMs,
  utc: Type.String(),
  local: Type.String({ description: "Wall clock of the schedule's zone." }),
  offset: Type.String({ description: "Local time minus UTC." }),
  change: Type.Optional(Type.String({ description: "What the zone's clock does there." })),
});

export const Warning = Type.Object({ code: NonEmpty, field: NonEmpty, message: NonEmpty });
export const FieldChange = Type.Object({
  field: NonEmpty,
  from: Type.Optional(
    Type.String({ description: "As JSON; absent where there was nothing, or what may be a secret." }),
  ),
  to: Type.Optional(Type.String()),
});
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
  status: Type.Union([Type.Literal("ok"), Type.Literal("error"), Type.Literal("skipped")]),
  runStatus: Type.Union(FINAL_RUN_STATUSES.map((word) => Type.Literal(word))),
  outcome: Type.Union(OUTCOMES.map((word) => Type.Literal(word))),
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
  reason: Type.Optional(Type.String()),
});
export const RunsResult = Type.Object({ entries: Type.Array(RunEntry), ...page });
export const CancelResult = Type.Object({ canceled: Type.Array(Type.Object({ runId: NonEmpty, left: Count })) });
export const LogResult = Type.Object({
  runId: NonEmpty,
  attempt: Type.Integer({ minimum: 1 }),
  attempts: Type.Integer({ minimum: 1, description: "How many attempts there were so far." }),
  chunks: Type.Array(
    Type.Object({
      stream: Type.Union([Type.Literal("stdout"), Type.Literal("stderr")]),
      atMs: InstantMs,
      offset: Count,
      dataBase64: Type.String(),
    }),
  ),
  nextOffset: Count,
  endOffset: Count,
  droppedBytes: Count,
  running: Type.Boolean(),
  cut: Type.Optional(Type.String()),
  gone: Type.Optional(Type.Boolean({ description: "The log, or its end, was removed." })),
  unstarted: Type.Optional(Type.String({ description: "Why no process was made." })),
});
/** Which ends of which job a follower waits for. */
const Link = {
  on: Type.Union(FOLLOW_ON.map((word) => Type.Literal(word))),
  delaySeconds: Type.Optional(Type.Number({ minimum: 0 })),
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
export const AlertEntry = Type.Object({
  id: NonEmpty,
  jobId: NonEmpty,
  jobName: Type.Optional(NonEmpty),
  cause: Type.String(),
  about: Type.Optional(Type.String({ description: "What is said of it in one line." })),
  openedAtMs: InstantMs,
  closedAtMs: Type.Optional(InstantMs),
  occurrences: Type.Integer({ minimum: 1 }),
  notifiedAtMs: Type.Optional(InstantMs),
  tellAtMs: Type.Optional(Type.Integer({ description: "It is told from then on, with what comes within a minute." })),
  ackedAtMs: Type.Optional(InstantMs),
  ackedBy: Type.Optional(Type.String()),
  snoozedUntilMs: Type.Optional(InstantMs),
  route: Type.Optional({ ...Destination, description: "Who is told of it; absent: nobody." }),
});
export type AlertEntry = Static<typeof AlertEntry>;
export const AlertsResult = Type.Object({ alerts: Type.Array(AlertEntry), ...page });
export const AlertsChanged = Type.Object({ alerts: Type.Array(AlertEntry) });
export const DoctorResult = Type.Object({
  findings: Type.Array(
    Type.Object({
      check: Type.String(),
      level: Type.Union([Type.Literal("ok"), Type.Literal("warn"), Type.Literal("error")]),
      detail: Type.String(),
      action: Type.Optional(Type.String()),
    }),
  ),
});
export const Lane = Type.Object({
  lane: NonEmpty,
  pending: Count,
  oldestAtMs: Type.Optional(InstantMs),
  custody: Type.Optional(
    Type.Integer({ minimum: 1, description: "How many were handed over to the gateway and have no end yet." }),
  ),
  pausedAtMs: Type.Optional(InstantMs),
  disabledAtMs: Type.Optional(InstantMs),
  reason: Type.Optional(Type.String()),
  jobs: Type.Optional({ ...Count, description: "With `all`: jobs that send there, results or bad news." }),
});
export const LanesResult = Type.Object({ lanes: Type.Array(Lane) });
export const LaneResult = Type.Object({ ok: Type.Boolean(), destination: NonEmpty, paused: Type.Boolean() });
export const StatusResult = Type.Object({
  enabled: Type.Boolean(),
  state: Type.Union([Type.Literal("running"), Type.Literal("degraded"), Type.Literal("stopped")]),
  problems: Type.Array(Type.Object({ code: NonEmpty, message: Type.String(), sinceMs: InstantMs }), {
    description: "What is wrong now.",
  }),
  version: Type.String(),
  jobs: Count,
  enabledJobs: Count,
  nextWakeAtMs: Type.Union([InstantMs, Type.Null()]),
  storePath: Type.String(),
  setAside: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), reason: Type.String() })),
  runs: Type.Object({ queued: Count, running: Count }),
  deliveries: Type.Record(Type.String(), Count),
  lanes: Type.Array(Lane),
  alerts: Count,
  notices: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      firstAtMs: InstantMs,
      lastAtMs: InstantMs,
      times: Count,
    }),
  ),
  audit: Type.Union([Type.Object({ atMs: InstantMs, jobs: Count, gaps: Count }), Type.Null()]),
  runner: Type.Object({ state: Type.String(), running: Count, draining: Count }),
  routing: Type.Object({
    mode: Type.String(),
    active: Type.Boolean(),
    detail: Type.String(),
    lostSinceMs: Type.Optional(InstantMs),
  }),
  gatewayClient: Type.Object({ mode: Type.String(), state: Type.String(), detail: Type.String() }),
  page: Type.Object({ tab: Type.Boolean(), detail: Type.String() }),
  concurrency: Count,
  pools: Type.Record(Type.String(), Count),
});
export const DeliveriesResult = Type.Object({ deliveries: Type.Array(DeliveryEntry), ...page });
export const RetryResult = Type.Object({ retried: Count, deliveries: Type.Array(DeliveryEntry) });
export const ReportResult = Type.Object({
  text: Type.String(),
  deliveryId: Type.Optional(NonEmpty),
  wouldSendFirst: Type.Optional(NonEmpty),
});
export const ExportResult = Type.Object({
  version: Type.Literal(1),
  jobs: Type.Array(Type.Unknown()),
  nextCursor: Type.Optional(NonEmpty),
});
export const ImportResult = Type.Object({
  plan: Type.Array(
    Type.Object({
      action: Type.String(),
      name: Type.String(),
      detail: Type.String(),
      at: Type.Optional(Type.String({ description: "Where the entry stands in the file." })),
      id: Type.Optional(Type.String({ description: "The stored job the entry stands for." })),
      enabled: Type.Optional(Type.Boolean({ description: "Whether the job is on afterwards." })),
      notes: Type.Optional(Type.Array(Type.String(), { description: "What is different here." })),
      holds: Type.Optional(
        Type.Array(Type.String(), { description: "What decided there and does not come along; the job is off." }),
      ),
      ends: Type.Optional(
        Type.Object(
          { what: Type.String(), how: Type.String() },
          { description: "What still starts it where it comes from, and how to end that." },
        ),
      ),
      same: Type.Optional(
        Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
          description: "Jobs that are on here and start the same command.",
        }),
      ),
      changes: Type.Optional(Type.Array(FieldChange)),
    }),
  ),
  applied: Type.Boolean(),
  absent: Type.Integer({ minimum: 0, description: "Jobs of earlier imports that the file does not name." }),
  problem: Type.Optional(Type.String({ description: "Why nothing of the file is applied." })),
});
export const MoveResult = Type.Object({
  plan: Type.Array(
    Type.Object({ action: Type.String(), id: Type.String(), name: Type.String(), detail: Type.String() }),
  ),
  applied: Type.Boolean(),
  copy: Type.Optional(Type.String({ description: "File on the gateway's host with the released jobs as they were." })),
});
export const BackupResult = Type.Object({ file: NonEmpty, bytes: Count });
export const CheckResult = Type.Object({ problems: Type.Array(Type.String()) });
