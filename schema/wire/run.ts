import { type Static, Type } from "@sinclair/typebox";
import { RUN_STATUSES } from "../limits.ts";
import { InstantMs, NonEmpty, nullable, oneOf, optional, Whole } from "./common.ts";
import { Progress, ProgressEntry } from "./progress.ts";
import { NodeRef } from "./target.ts";

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
  ended: Whole,
  left: Type.Array(Type.Object({ pid: Type.Integer(), command: Type.String() })),
  foundCommands: optional(Type.Array(Type.String())),
});
export type Cleanup = Static<typeof Cleanup>;

export const Resources = Type.Object({
  cpuMs: optional(Whole),
  peakMemoryBytes: optional(Whole),
  source: oneOf(["cgroup", "sampled"]),
});
export type Resources = Static<typeof Resources>;

/** How a process ended, and why where that is no code and no signal. */
export const end = {
  exitCode: nullable(Type.Integer()),
  signal: nullable(Type.String()),
  error: optional(Type.String()),
};

/** The check of an attempt. */
export const VerifyEntry = Type.Object({
  command: Type.String({ description: "What was run, in one short line." }),
  passed: Type.Boolean(),
  attempts: Type.Integer({ minimum: 0, description: "How often it was tried." }),
  outcome: oneOf(OUTCOMES),
  ...end,
  lastLine: optional(Type.String()),
  startedAtMs: InstantMs,
  endedAtMs: InstantMs,
});
export type VerifyEntry = Static<typeof VerifyEntry>;

/** What became of the state that an attempt left. */
export const StateEntry = Type.Object({
  version: optional(Type.Integer({ minimum: 1 }), "As which version it is kept."),
  problem: optional(Type.String(), "Why it is not kept; the old state stays."),
});
export type StateEntry = Static<typeof StateEntry>;

export const AttemptEntry = Type.Object({
  attempt: Type.Integer({ minimum: 1 }),
  outcome: optional(oneOf(OUTCOMES)),
  ...end,
  startedAtMs: InstantMs,
  endedAtMs: optional(InstantMs),
  pid: optional(Type.Integer()),
  node: optional(NodeRef),
  verify: optional(VerifyEntry),
  state: optional(StateEntry),
  progress: optional(Progress),
  cleanup: optional(Cleanup),
  resources: optional(Resources),
});
export type AttemptEntry = Static<typeof AttemptEntry>;

/** Whether what a run said has arrived. */
export const DELIVERY_STATUSES = ["delivered", "not-delivered", "unknown", "not-requested", "pending"] as const;

/** One run as `cron.command.runs` answers it; the gateway's words where it has them. */
export const RunEntry = Type.Object({
  ts: InstantMs,
  runId: NonEmpty,
  jobId: NonEmpty,
  jobName: optional(Type.String()),
  requestedBy: optional(Type.String(), "Who asked for it, where somebody did: `cli`, `telegram:777`."),
  action: oneOf(["finished", "started", "queued"]),
  status: optional(oneOf(["ok", "error", "skipped"])),
  runStatus: oneOf(RUN_STATUSES),
  completionStatus: optional(oneOf(["succeeded", "failed", "unknown"])),
  trigger: oneOf(RUN_TRIGGERS),
  source: optional(Type.Literal("gateway"), "It is of one of the gateway's own jobs."),
  enqueued: optional(Type.Boolean(), "The main session was told; whether anything was done is not known."),
  causedByRunId: optional(Type.String(), "The run of the parent that this one follows."),
  configRevision: optional(Type.String(), "Of the job as the latest attempt ran it; before the first, as it was then."),
  node: optional(
    Type.Object({
      ...Type.Partial(NodeRef).properties,
      name: Type.String(),
      outOfReachSinceMs: optional(
        InstantMs,
        "Since when nothing is heard of it, or it is waited for; the run goes on there, or has not begun.",
      ),
    }),
  ),
  outcome: Type.Union([...OUTCOMES.map((word) => Type.Literal(word)), Type.Null()]),
  ...end,
  reason: optional(Type.String(), "Why a run was skipped, missed, canceled or lost."),
  summary: optional(Type.String()),
  scheduledForMs: nullable(InstantMs),
  coversThroughMs: optional(InstantMs),
  coversCount: optional(Type.Integer({ minimum: 1 })),
  runAtMs: optional(InstantMs),
  endedAtMs: optional(InstantMs),
  durationMs: optional(Whole),
  latenessMs: optional(Type.Integer()),
  nextRunAtMs: optional(InstantMs),
  delivered: optional(Type.Boolean()),
  deliveryStatus: oneOf(DELIVERY_STATUSES),
  deliveryError: optional(Type.String()),
  deliverySuppressionReason: optional(Type.String()),
  stdout: Type.String(),
  stderr: Type.String(),
  stdoutBytes: Whole,
  stderrBytes: Whole,
  truncated: Type.Boolean(),
  attempts: Type.Array(AttemptEntry),
  progress: optional(ProgressEntry),
  cleanup: optional(Cleanup),
  resources: optional(Resources),
});
export type RunEntry = Static<typeof RunEntry>;
