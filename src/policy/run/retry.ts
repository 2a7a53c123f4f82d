import type { RetryPolicy } from "../../../schema/wire/policy.ts";
import type { Outcome } from "../../../schema/wire/run.ts";
import type { ExitCodes } from "../../../schema/wire/steps.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { meaningOf, namedMeaning } from "./transitions.ts";

export const DEFAULT_RETRY = { delaySeconds: 30, factor: 2, maxDelaySeconds: 3_600, jitter: 0 } as const;
/** For an exit code that means `retry` in a job without a retry policy. */
export const NAMED_RETRY: RetryPolicy = { maxAttempts: 3 };

type RetryDecision =
  | { verdict: "retry"; atMs: number }
  | {
      verdict: "final";
      reason: "succeeded" | "skipped" | "no_policy" | "not_retryable" | "attempts_used" | "tree_alive" | "deadline";
    };

interface RetryQuestion {
  policy: RetryPolicy | undefined;
  exitCodes?: ExitCodes | undefined;
  /** The attempt that ended, counted from 1. */
  attempt: number;
  /** `treeGone: false` when a process of the attempt may still be alive: nothing is started beside it. */
  result: { outcome: Outcome; exitCode: number | null; treeGone?: boolean };
  firstStartedAtMs: number;
  nowMs: number;
  /** Uniform in [0, 1). */
  random: number;
}

/**
 * Whether another attempt follows, and when. Without a policy none does, unless the exit code means `retry`; `lost` and
 * `canceled` are always final.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { policy: given, exitCodes, attempt, result, firstStartedAtMs, nowMs, random } = question;
  const named = result.outcome === "exited" ? namedMeaning(result.exitCode, exitCodes) : undefined;
  const meaning = result.outcome === "exited" ? meaningOf(result.exitCode, exitCodes) : "fail";
  if (meaning === "ok") return { verdict: "final", reason: "succeeded" };
  if (meaning === "skip") return { verdict: "final", reason: "skipped" };
  const policy = given ?? (named === "retry" ? NAMED_RETRY : undefined);
  if (policy === undefined) return { verdict: "final", reason: "no_policy" };
  if (named === "fail" || (named === undefined && !isRetryable(policy, result)))
    return { verdict: "final", reason: "not_retryable" };
  if (attempt >= policy.maxAttempts) return { verdict: "final", reason: "attempts_used" };
  if (result.treeGone === false) return { verdict: "final", reason: "tree_alive" };
  const atMs = nowMs + retryDelayMs(policy, attempt, random);
  const deadlineMs = firstStartedAtMs + (policy.deadlineSeconds ?? Number.POSITIVE_INFINITY) * SECOND_MS;
  return atMs > deadlineMs ? { verdict: "final", reason: "deadline" } : { verdict: "retry", atMs };
}

function isRetryable({ on }: RetryPolicy, { outcome, exitCode }: RetryQuestion["result"]): boolean {
  if (outcome === "lost" || outcome === "canceled") return false;
  if (on === undefined) return true;
  if (outcome === "exited") return on.some((cause) => cause === exitCode);
  return on.includes(outcome === "silent" || outcome === "stalled" ? "timed_out" : outcome);
}

/** Delay after the `attempt`-th attempt, milliseconds: grows by `factor` up to the maximum; `jitter` is the share drawn. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const { delaySeconds, factor, maxDelaySeconds, jitter } = { ...DEFAULT_RETRY, ...policy };
  const fullMs = Math.min(delaySeconds * factor ** (attempt - 1), maxDelaySeconds) * SECOND_MS;
  return Math.round(fullMs * (1 - jitter) + fullMs * jitter * random);
}
