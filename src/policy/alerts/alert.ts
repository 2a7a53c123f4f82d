import type { Config } from "../../../schema/wire/config.ts";
import type { FailureAlert } from "../../../schema/wire/delivery.ts";
import type { Outcome, RunStatus } from "../../../schema/wire/run.ts";
import { HOUR_MS } from "../../kernel/durations.ts";
import { toWireStatus } from "../run/index.ts";

/** The gateway's defaults: after two failures, at most one alert a job and hour. */
export const DEFAULT_ALERT: AlertSettings = { after: 2, cooldownMs: HOUR_MS, includeSkipped: false };

interface AlertSettings {
  /** Failures in a row before the first message. */
  after: number;
  /** A message about a further cause, or about the next incident, waits so long after the last one. */
  cooldownMs: number;
  includeSkipped: boolean;
}

/** The settings in force for a job; undefined when it switched alerts off. */
export function alertSettings(
  job: FailureAlert | false | undefined,
  config: Config["alerts"],
): AlertSettings | undefined {
  if (job === false) return undefined;
  return {
    after: job?.after ?? config?.after ?? DEFAULT_ALERT.after,
    cooldownMs: job?.cooldownMs ?? config?.cooldownMs ?? DEFAULT_ALERT.cooldownMs,
    includeSkipped: job?.includeSkipped ?? DEFAULT_ALERT.includeSkipped,
  };
}

/** What an alert reads of a run. */
export interface AlertRun {
  status: RunStatus;
  outcome?: Outcome | undefined;
  exitCode?: number | null | undefined;
  signal?: string | null | undefined;
  /** Code of a failed start. */
  errorCode?: string | undefined;
  reason?: string | undefined;
}

/** An incident that is open now. */
export interface OpenIncident {
  cause: string;
  /** When a message about it went out; undefined: none yet. */
  notifiedAtMs?: number | undefined;
  /** Somebody knows; nothing more is said of it but its end. */
  ackedAtMs?: number | undefined;
  /** Nothing is said of it before; then it is said once more. */
  snoozedUntilMs?: number | undefined;
}

export type AlertDecision =
  | { verdict: "none" }
  /** A new incident; `notify`: a message goes out for it now. */
  | { verdict: "open"; cause: string; notify: boolean }
  /** One more failure of an open incident. `notify` only when the cooldown held its first message back. */
  | { verdict: "repeat"; cause: string; notify: boolean }
  /** The job is well: every open incident closes. `notify`: one recovery note, since somebody was told of a failure. */
  | { verdict: "close"; causes: string[]; notify: boolean };

export interface AlertQuestion {
  /** Undefined: alerts are off; open incidents still close. */
  settings: AlertSettings | undefined;
  /** The job's open incidents, at most one a cause. */
  open: readonly OpenIncident[];
  /** When a message went out about any incident of the job, closed ones included; the latest. */
  lastToldAtMs?: number | undefined;
  /** Nothing is said of the job before. */
  snoozedUntilMs?: number | undefined;
  run: AlertRun;
  /** Failures in a row, this run included. */
  consecutiveErrors: number;
  /** Skipped and missed occurrences in a row, this one included. */
  consecutiveSkipped?: number;
  nowMs: number;
}

/** What a finished run means for the job's alerts: one message per incident, one recovery note, nothing in between. */
export function decideAlert(question: AlertQuestion): AlertDecision {
  const { settings, open, run, nowMs } = question;
  const status = toWireStatus(run.status);
  if (status === "ok") {
    if (open.length === 0) return { verdict: "none" };
    const told = open.some(({ notifiedAtMs }) => notifiedAtMs !== undefined);
    return { verdict: "close", causes: open.map(({ cause }) => cause), notify: told && settings !== undefined };
  }
  if (settings === undefined || status === undefined || run.status === "canceled") return { verdict: "none" };
  if (status === "skipped" && !settings.includeSkipped) return { verdict: "none" };
  const times = status === "skipped" ? (question.consecutiveSkipped ?? 0) : question.consecutiveErrors;
  const cause = causeKey(run);
  const known = open.find((incident) => incident.cause === cause);
  if (known === undefined && times < settings.after) return { verdict: "none" };
  const told = [question.lastToldAtMs, ...open.map(({ notifiedAtMs }) => notifiedAtMs)];
  const silent = nowMs < (question.snoozedUntilMs ?? 0);
  const notify = !silent && isNews(known, nowMs) && isCooled(told, settings.cooldownMs, nowMs);
  return { verdict: known === undefined ? "open" : "repeat", cause, notify };
}

/** Not told yet, or to be told once more after a silence that was asked for. */
function isNews(known: OpenIncident | undefined, nowMs: number): boolean {
  if (known === undefined) return true;
  const { notifiedAtMs, ackedAtMs, snoozedUntilMs } = known;
  if (ackedAtMs !== undefined) return false;
  return (
    notifiedAtMs === undefined ||
    (snoozedUntilMs !== undefined && notifiedAtMs < snoozedUntilMs && snoozedUntilMs <= nowMs)
  );
}

/** Whether the last word about a job is long enough ago for another one. */
function isCooled(toldAtMs: readonly (number | undefined)[], cooldownMs: number, nowMs: number): boolean {
  const sinceToldMs = nowMs - Math.max(...toldAtMs.map((atMs) => atMs ?? Number.NEGATIVE_INFINITY));
  // Told in the future: the clock has been set back since.
  return sinceToldMs < 0 || sinceToldMs >= cooldownMs;
}

/** Names the cause of a failure: the same for the same kind of end, so that one incident gathers its repeats. */
export function causeKey(run: AlertRun): string {
  if (run.status === "skipped" || run.status === "missed") return `${run.status}:${run.reason ?? "unknown"}`;
  if (run.status === "lost" || run.outcome === undefined) return run.status;
  switch (run.outcome) {
    case "exited":
      return `exit:${run.exitCode ?? "unknown"}`;
    case "signaled":
      return `signal:${run.signal ?? "unknown"}`;
    case "spawn_failed":
      return `start:${run.errorCode ?? "unknown"}`;
    case "silent":
      return "no_output";
    case "stalled":
      return "no_progress";
    default:
      return run.outcome;
  }
}

/** An end in two or three words. */
export function outcomeWords(run: AlertRun): string {
  if (run.status === "skipped" || run.status === "missed") return `${run.status}: ${run.reason ?? "no reason known"}`;
  switch (run.outcome) {
    case "exited":
      return `exit ${run.exitCode ?? "?"}`;
    case "signaled":
      return run.signal ?? "ended by a signal";
    case "silent":
      return "no output";
    case "stalled":
      return "no progress";
    case "spawn_failed":
      return "not started";
    case "timed_out":
      return "timed out";
    case "status_failed":
      return "not well";
    default:
      return run.status === "timed_out" ? "timed out" : run.status;
  }
}
