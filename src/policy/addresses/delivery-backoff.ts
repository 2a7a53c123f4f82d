import { DAY_MS, SECOND_MS } from "../../kernel/durations.ts";

/** Pauses before the 1st, 2nd, … attempt at a delivery: ten attempts over about three days, as Standard Webhooks suggests. */
export const DEFAULT_DELIVERY_BACKOFF_SECONDS: readonly number[] = [
  0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
];
const DEFAULT_DELIVERY_JITTER = 0.1;

interface DeliveryAttemptQuestion {
  /** Attempts made so far. */
  attempts: number;
  nowMs: number;
  /** What the receiver asked for, from now; a day at most is granted. */
  retryAfterMs?: number | undefined;
  backoffSeconds?: readonly number[] | undefined;
  /** Share of the pause that is added at random. */
  jitter?: number | undefined;
  /** Uniform in [0, 1). */
  random: number;
}

/** When a delivery that failed is tried again; `dead` when its attempts are used up. Never earlier than the schedule says. */
export function nextDeliveryAttempt(
  question: DeliveryAttemptQuestion,
): { atMs: number; dead?: never } | { dead: true } {
  const { attempts, nowMs, retryAfterMs = 0, random } = question;
  const pause = (question.backoffSeconds ?? DEFAULT_DELIVERY_BACKOFF_SECONDS)[attempts];
  if (pause === undefined) return { dead: true };
  const jitter = question.jitter ?? DEFAULT_DELIVERY_JITTER;
  const pauseMs = Math.round(pause * SECOND_MS * (1 + jitter * random));
  return { atMs: nowMs + Math.max(pauseMs, Math.min(Math.max(0, retryAfterMs), DAY_MS)) };
}
