import type { WireStatus } from "../../../schema/wire/job.ts";
import type { Outcome, RunStatus, VerifyEntry } from "../../../schema/wire/run.ts";
import type { ExitCodes, ExitMeaning } from "../../../schema/wire/steps.ts";

/** What an exit code means: the job's own word for it, else 0 is `ok` and all others `fail`. */
export const meaningOf = (exitCode: number | null, exitCodes: ExitCodes | undefined): ExitMeaning =>
  namedMeaning(exitCode, exitCodes) ?? (exitCode === 0 ? "ok" : "fail");

/** The job's own word for an exit code. */
export const namedMeaning = (exitCode: number | null, exitCodes: ExitCodes = {}): ExitMeaning | undefined =>
  Object.hasOwn(exitCodes, String(exitCode)) ? exitCodes[String(exitCode)] : undefined;

const OF_MEANING: Record<ExitMeaning, RunStatus> = {
  ok: "succeeded",
  fail: "failed",
  retry: "failed",
  skip: "skipped",
};
const OF_OUTCOME: Record<Exclude<Outcome, "exited">, RunStatus> = {
  signaled: "failed",
  spawn_failed: "failed",
  verify_failed: "failed",
  status_failed: "failed",
  timed_out: "timed_out",
  silent: "timed_out",
  stalled: "timed_out",
  canceled: "canceled",
  lost: "lost",
};

/** The final status of a run whose last attempt ended so. Without the job's own words only exit code 0 is a success. */
export const toRunStatus = (outcome: Outcome, exitCode: number | null, exitCodes?: ExitCodes): RunStatus =>
  outcome === "exited" ? OF_MEANING[meaningOf(exitCode, exitCodes)] : OF_OUTCOME[outcome];

const WIRE: Partial<Record<RunStatus, WireStatus>> = {
  succeeded: "ok",
  failed: "error",
  timed_out: "error",
  canceled: "error",
  lost: "error",
  skipped: "skipped",
  missed: "skipped",
};

/** The gateway's word for a run; undefined while it has none. */
export const toWireStatus = (status: RunStatus): WireStatus | undefined => WIRE[status];

interface EndedAttempt {
  outcome: Outcome;
  exitCode: number | null;
  signal: string | null;
  error?: { message: string };
  canceledBy?: string;
  verify?: VerifyEntry;
}

/** Why an attempt is an error, in one short line; undefined for one that is none. */
export function outcomeError(ended: EndedAttempt, exitCodes?: ExitCodes): string | undefined {
  switch (ended.outcome) {
    case "exited":
      if (["ok", "skip"].includes(meaningOf(ended.exitCode, exitCodes))) return undefined;
      return ended.exitCode === null ? "command failed" : `command exited with code ${ended.exitCode}`;
    case "timed_out":
      return "command timed out";
    case "silent":
      return "command produced no output in time";
    case "stalled":
      return "command made no progress in time";
    case "signaled":
      return ended.signal === null ? "command stopped by a signal" : `command stopped by signal ${ended.signal}`;
    case "canceled":
      return ended.canceledBy === undefined ? "command canceled" : `command canceled by ${ended.canceledBy}`;
    case "spawn_failed":
      return `command failed to start: ${ended.error?.message ?? "unknown reason"}`;
    case "verify_failed":
      return verifyError(ended);
    case "status_failed":
      return ended.error?.message ?? "neither running nor completed";
    case "lost":
      return `command lost: ${ended.error?.message ?? "its process ended without a witness"}`;
  }
}

/** Names the check, how it ended and what it said last. */
function verifyError({ verify, error }: EndedAttempt): string {
  if (verify === undefined) return `check failed: ${error?.message ?? "nobody knows how it ended"}`;
  const how = outcomeError({ ...verify, error: { message: verify.error ?? "unknown reason" } }) ?? verify.error;
  const tries = verify.attempts > 1 ? `, ${verify.attempts} tries` : "";
  const said = verify.lastLine === undefined ? "" : `: ${verify.lastLine}`;
  return `check failed: ${verify.command} (${(how ?? "").replace(/^command /, "")}${tries})${said}`;
}
