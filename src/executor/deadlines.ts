import { type Clock, MAX_TIMER_MS } from "../kernel/clock.ts";

/** Watches the two time limits of an attempt. */
export interface Deadlines {
  /** The command has written something. */
  heard(): void;
  stop(): void;
}

/** Calls `onPassed` once, for the limit that passes first. A limit of 0 never passes. */
export function watchDeadlines(options: {
  clock: Clock;
  timeoutMs: number;
  noOutputTimeoutMs: number;
  onPassed(which: "timed_out" | "silent"): void;
}): Deadlines {
  const { clock } = options;
  let heardAtMs = clock.monotonicMs();
  const startedAtMs = heardAtMs;
  const cancels = new Set<() => void>();

  function stop(): void {
    for (const cancel of cancels) cancel();
    cancels.clear();
  }

  /**
   * On a busy host a timer may fire before output and end of the command, which came in time, have been looked at: they
   * get their turn first.
   */
  function look(judge: () => void): void {
    let turn = setImmediate(() => {
      turn = setImmediate(() => {
        cancels.delete(cancel);
        judge();
      });
    });
    const cancel = (): void => clearImmediate(turn);
    cancels.add(cancel);
  }

  /** Output only moves a mark; the timer looks at it when it fires. Long limits take several timers. */
  function watch(which: "timed_out" | "silent", limitMs: number, sinceMs: () => number): void {
    if (limitMs <= 0) return;
    const arm = (delayMs: number): void => {
      const cancel = clock.setTimer(
        () => {
          cancels.delete(cancel);
          look(() => {
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
  return {
    heard() {
      heardAtMs = clock.monotonicMs();
    },
    stop,
  };
}
