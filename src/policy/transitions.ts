import type { WireStatus } from "../../schema/wire/job.ts";
import type { Outcome, RunStatus } from "../../schema/wire/run.ts";

/** The final status of a run whose last attempt ended so. Only exit code 0 is a success. */
export function toRunStatus(outcome: Outcome, exitCode: number | null): RunStatus {
  switch (outcome) {
    case "exited":
      return exitCode === 0 ? "succeeded" : "failed";
    case "signaled":
    case "spawn_failed":
      return "failed";
    case "timed_out":
    case "silent":
      return "timed_out";
    case "canceled":
      return "canceled";
    case "lost":
      return "lost";
  }
}

/** The gateway's word for a run; undefined while it has none. */
export function toWireStatus(status: RunStatus): WireStatus | undefined {
  switch (status) {
    case "queued":
    case "running":
      return undefined;
    case "succeeded":
      return "ok";
    case "failed":
    case "timed_out":
    case "canceled":
    case "lost":
      return "error";
    case "skipped":
    case "missed":
      return "skipped";
  }
}

export interface EndedAttempt {
  outcome: Outcome;
  exitCode: number | null;
  signal: string | null;
  error?: { message: string };
  canceledBy?: string;
}

/** Why an attempt is an error, in one short line; undefined for a success. */
export function outcomeError(ended: EndedAttempt): string | undefined {
  switch (ended.outcome) {
    case "exited":
      if (ended.exitCode === 0) return undefined;
      return ended.exitCode === null ? "command failed" : `command exited with code ${ended.exitCode}`;
    case "timed_out":
      return "command timed out";
    case "silent":
      return "command produced no output in time";
    case "signaled":
      return ended.signal === null ? "command stopped by a signal" : `command stopped by signal ${ended.signal}`;
    case "canceled":
      return ended.canceledBy === undefined ? "command canceled" : `command canceled by ${ended.canceledBy}`;
    case "spawn_failed":
      return `command failed to start: ${ended.error?.message ?? "unknown reason"}`;
    case "lost":
      return `command lost: ${ended.error?.message ?? "its process ended without a witness"}`;
  }
}
