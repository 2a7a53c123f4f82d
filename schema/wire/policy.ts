import { type Static, Type } from "@sinclair/typebox";
import { CONTRACTS } from "../limits.ts";
import { Bytes, Count, closed, MAX_SECONDS, NonEmpty, oneOf, optional, Seconds, SecretRef } from "./common.ts";
import { ProgressPolicy } from "./progress.ts";
import { ApprovalPolicy, ExitCodes, Risk, StatePolicy, UntilPolicy, VerifyPolicy } from "./steps.ts";
import { Target } from "./target.ts";

/** What to do with occurrences whose time passed while nothing could act on them. */
export const MisfirePolicy = closed({
  mode: optional(oneOf(["skip", "run_once", "run_all"]), "Default run_once."),
  windowSeconds: optional(Seconds(), "How far back to look; default 86400."),
  max: optional(Type.Integer({ minimum: 1, maximum: 1000 }), "run_all: at most so many; default 10."),
});

/** What to do when an occurrence comes due while a run of the job is active. Names follow Temporal's schedules. */
export const OverlapPolicy = oneOf(["skip", "buffer_one", "buffer_all", "cancel_other", "allow_all"]);
export type OverlapPolicy = Static<typeof OverlapPolicy>;

/** `buffer_all` keeps at most so many waiting runs. */
export const BUFFER_ALL_MAX = 25;

export const RetryCause = Type.Union([
  Type.Integer({ minimum: 1, maximum: 255 }),
  Type.Literal("timed_out"),
  Type.Literal("signaled"),
  Type.Literal("spawn_failed"),
  Type.Literal("verify_failed"),
  Type.Literal("status_failed"),
]);

export const RetryPolicy = closed({
  maxAttempts: Type.Integer({ minimum: 1, maximum: 100, description: "All attempts together, the first included." }),
  delaySeconds: optional(Seconds(), "Before the second attempt; default 30."),
  factor: optional(Type.Number({ minimum: 1, maximum: 100 }), "Each later delay; default 2."),
  maxDelaySeconds: optional(Seconds(), "Default 3600."),
  jitter: optional(Type.Number({ minimum: 0, maximum: 1 }), "Share of the delay drawn at random; default 0."),
  on: optional(Type.Array(RetryCause, { minItems: 1 }), "Default: every failure except cancel."),
  deadlineSeconds: optional(Seconds(), "No attempt starts later than this after the first."),
});
export type RetryPolicy = Static<typeof RetryPolicy>;

export const BackoffPolicy = closed({
  seconds: Type.Array(Seconds(), { minItems: 1, maxItems: 20 }),
});

export const AutoDisablePolicy = closed({
  after: Count({ description: "Consecutive failed scheduled runs." }),
  trialSeconds: optional(Seconds(), "After so long one trial run is allowed; success re-enables. 0 = no trial."),
});

export const Signal = oneOf(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL"]);

export const EnvPolicy = closed({
  inherit: optional(oneOf(["minimal", "gateway"]), "Default minimal."),
  pass: optional(Type.Array(NonEmpty), "Further variables of the gateway to pass, by exact name."),
  secrets: optional(Type.Record(NonEmpty, SecretRef), "Variables filled from secret references."),
});

export const Limits = closed({
  nice: optional(
    Type.Integer({ minimum: -20, maximum: 19 }),
    "Also the weight of the command's session, where Linux shares the CPU between sessions; there 10 by default.",
  ),
  cpuSeconds: optional(Type.Integer({ minimum: 1, maximum: MAX_SECONDS })),
  memoryBytes: optional(Bytes({ minimum: 1_048_576 })),
  openFiles: optional(Count({ minimum: 8 })),
  processes: optional(Count()),
});
export type Limits = Static<typeof Limits>;

export const DeliverWhen = closed({
  on: optional(oneOf(["always", "failure", "change", "recovery", "never"]), "Default always."),
  match: optional(
    Type.String({ minLength: 1, maxLength: 1000 }),
    "Deliver only text in which this JavaScript regular expression finds something.",
  ),
  stream: optional(oneOf(["auto", "stdout", "stderr", "both"]), "Default auto."),
  as: optional(
    oneOf(["text", "code", "file"]),
    "code (default): what the command printed arrives as it was printed. text: the channel renders it as Markdown. file: when it is long, as a file where the channel takes one.",
  ),
  header: optional(
    Type.Boolean(),
    "Results begin with the job's name; default where the destination has results of other jobs.",
  ),
  silent: optional(Type.Boolean(), "What went well comes without a sound, where the channel can; default false."),
  buttons: optional(Type.Boolean(), "Re-run, Tail and Disable below results, as alerts have theirs; default false."),
});
export type DeliverWhen = Static<typeof DeliverWhen>;

/** What is expected of a job in time; what is not met opens an incident. */
export const Expectations = closed({
  missed: optional(
    Type.Boolean(),
    "An instant that passes without a run is told; default for schedules rarer than hourly.",
  ),
  startWithinSeconds: optional(Seconds(), "From due to started; default 600."),
  maxSeconds: optional(
    Seconds(),
    "How long a run takes at most; default three times the 95th percentile of the last 20, and at least a minute.",
  ),
  okWithinSeconds: optional(Seconds(), "A run succeeds at least so often; default: not watched."),
});
export type Expectations = Static<typeof Expectations>;

/** Everything the gateway's job has no word for. Each field is optional; `show` prints the values in force. */
export const JobPolicy = closed({
  misfire: optional(MisfirePolicy),
  overlap: optional(OverlapPolicy),
  pool: optional(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" })),
  target: optional(Target),
  retry: optional(RetryPolicy),
  exitCodes: optional(ExitCodes),
  until: optional(UntilPolicy),
  verify: optional(VerifyPolicy),
  state: optional(StatePolicy),
  progress: optional(ProgressPolicy),
  risk: optional(Risk),
  approval: optional(ApprovalPolicy),
  contract: optional(
    oneOf(CONTRACTS),
    "status: the output is one JSON object with booleans `running` and `completed`, and is about something else than the command.",
  ),
  backoff: optional(Type.Union([Type.Literal(false), BackoffPolicy])),
  autoDisable: optional(Type.Union([Type.Literal(false), AutoDisablePolicy])),
  stopSignal: optional(Signal),
  stopGraceSeconds: optional(Seconds({ maximum: 3600 }), "Default 5."),
  leftovers: optional(oneOf(["kill", "report", "allow"]), "Default kill."),
  onGatewayExit: optional(oneOf(["continue", "stop"]), "Default continue."),
  env: optional(EnvPolicy),
  limits: optional(Limits),
  deliver: optional(DeliverWhen),
  expect: optional(Expectations),
  ttlDays: optional(
    Type.Number({ minimum: 0.04, maximum: 36_500 }),
    "A job that has been off for so long, a one-shot that is over too, is removed; default: never.",
  ),
});
export type JobPolicy = Static<typeof JobPolicy>;
