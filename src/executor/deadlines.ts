import { type Clock, MAX_TIMER_MS } from "../kernel/clock.ts";
import { inputSeen } from "../kernel/turns.ts";

type Limit = "timed_out" | "silent" | "stalled";

/** Watches the time limits of an attempt. Calls `onPassed` once, for the limit that passes first. A limit of 0 never passes. */
export function watchDeadlines(options: {
  clock: Clock;
  timeoutMs: number;
  noOutputTimeoutMs: number;
  /** Without having moved; `movedAtMs` by the monotonic clock. */
  stallTimeoutMs?: number;
  movedAtMs?(): number;
  onPassed(which: Limit): void;
}) {
  const { clock } = options;
  let heardAtMs = clock.monotonicMs();
  const startedAtMs = heardAtMs;
  const cancels = new Set<() => void>();
  let stopped = false;

  function stop(): void {
    stopped = true;
    for (const cancel of cancels) cancel();
    cancels.clear();
  }

  /** Output only moves a mark; the timer looks at it when it fires. Long limits take several timers. */
  function watch(which: Limit, limitMs: number, sinceMs: () => number): void {
    if (limitMs <= 0) return;
    const arm = (delayMs: number): void => {
      const cancel = clock.setTimer(
        () => {
          cancels.delete(cancel);
          // Output and end of the command, when they came in time, stop it.
          void inputSeen().then(() => {
            if (stopped) return;
            const remainingMs = sinceMs() + limitMs - clock.monotonicMs();
            if (remainingMs > 0) {
              arm(Math.ceil(remainingMs));
              return;
            }
            stop();
            options.onPassed(which);
          });
        },
        Math.min(delayMs, MAX_TIMER_MS),
      );
      cancels.add(cancel);
    };
    arm(limitMs);
  }

  watch("timed_out", options.timeoutMs, () => startedAtMs);
  watch("silent", options.noOutputTimeoutMs, () => heardAtMs);
  watch("stalled", options.stallTimeoutMs ?? 0, () => Math.max(startedAtMs, options.movedAtMs?.() ?? 0));
  return {
    /** The command has written something. */
    heard(): void {
      heardAtMs = clock.monotonicMs();
    },
    stop,
  };
}
