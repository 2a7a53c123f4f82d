import type { WireStatus } from "../../../schema/wire/job.ts";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import type { RunTrigger } from "../../../schema/wire/run.ts";
import { SECOND_MS } from "../../kernel/durations.ts";

/** The gateway's own pauses after the 1st, 2nd, … consecutive error; the last one stays. */
export const DEFAULT_BACKOFF_SECONDS: readonly number[] = [30, 60, 300, 900, 3_600];
export const DEFAULT_AUTO_DISABLE = { after: 10, trialSeconds: 3_600 } as const;

export interface AutoDisabled {
  /** `until`: the job has done what it was for; it has no trial and stays disabled. */
  reason: "consecutive-failures" | "until";
  atMs: number;
  consecutiveErrors: number;
  /** From here on one scheduled occurrence may run as a trial. */
  trialAtMs?: number;
}

/** Whether a job is off for its failures only: a trial, or a good run by hand, brings it back. */
export const awaitsTrial = (disabled: AutoDisabled | undefined): disabled is AutoDisabled =>
  disabled !== undefined && disabled.reason !== "until";

/** What a job remembers between runs. */
export interface StreakState {
  /** Absent: true. */
  enabled?: boolean;
  consecutiveErrors: number;
  consecutiveSkipped: number;
  autoDisabled?: AutoDisabled | undefined;
}

/** Fields to change on the job; absent ones stay, null clears. */
export interface AfterRun {
  consecutiveErrors: number;
  consecutiveSkipped: number;
  backoffUntilMs?: number | null;
  autoDisabled?: AutoDisabled | null;
  enabled?: boolean;
}

export interface AfterRunQuestion {
  policy: JobPolicy | undefined;
  trigger: RunTrigger;
  status: WireStatus;
  /** A person ended the run: it says nothing about the job, nothing changes. */
  canceled?: boolean;
  state: StreakState;
  /** When the run ended. */
  nowMs: number;
}

/**
 * What a finished run means for the next ones. A success ends every streak, pause and automatic disabling. A failure
 * lengthens the streak; only a scheduled one sets the pause, and only a scheduled one can disable the job. A job that a
 * person has disabled stays so.
 */
export function decideAfterRun({ policy, trigger, status, canceled, state, nowMs }: AfterRunQuestion): AfterRun {
  const { enabled = true, consecutiveErrors, consecutiveSkipped, autoDisabled } = state;
  if (canceled === true) return { consecutiveErrors, consecutiveSkipped };
  if (status === "skipped") return { consecutiveErrors, consecutiveSkipped: consecutiveSkipped + 1 };
  if (status === "ok") {
    return {
      consecutiveErrors: 0,
      consecutiveSkipped: 0,
      backoffUntilMs: null,
      ...(awaitsTrial(autoDisabled) ? { autoDisabled: null, enabled: true } : {}),
    };
  }
  const errors = consecutiveErrors + 1;
  const streak = { consecutiveErrors: errors, consecutiveSkipped: 0 };
  if (trigger === "manual") return streak;
  const byHand = !enabled && !awaitsTrial(autoDisabled);
  return {
    ...streak,
    backoffUntilMs: backoffUntil(policy?.backoff, errors, nowMs),
    ...(byHand ? {} : disabling(policy?.autoDisable, errors, autoDisabled, nowMs)),
  };
}

/** Until when occurrences are skipped after `consecutiveErrors` failures in a row; null: no pause. */
function backoffUntil(policy: JobPolicy["backoff"], consecutiveErrors: number, nowMs: number): number | null {
  if (policy === false) return null;
  const seconds = policy?.seconds ?? DEFAULT_BACKOFF_SECONDS;
  const pause = seconds[Math.min(consecutiveErrors, seconds.length) - 1] ?? 0;
  return pause === 0 ? null : nowMs + Math.round(pause * SECOND_MS);
}

function disabling(
  policy: JobPolicy["autoDisable"],
  consecutiveErrors: number,
  disabled: AutoDisabled | undefined,
  nowMs: number,
): Pick<AfterRun, "autoDisabled" | "enabled" | "backoffUntilMs"> {
  const { after, trialSeconds } = { ...DEFAULT_AUTO_DISABLE, ...(policy === false ? {} : policy) };
  const failedTrial = disabled !== undefined;
  if (!failedTrial && (policy === false || consecutiveErrors < after)) return {};
  return {
    enabled: false,
    // From now on the trial says when; a longer pause must not hold it up.
    backoffUntilMs: null,
    autoDisabled: {
      reason: "consecutive-failures",
      atMs: disabled?.atMs ?? nowMs,
      consecutiveErrors,
      ...(trialSeconds === 0 ? {} : { trialAtMs: nowMs + Math.round(trialSeconds * SECOND_MS) }),
    },
  };
}
