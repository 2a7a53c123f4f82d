import { type Clock, MAX_TIMER_MS } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";

/** Never sleep longer, so that a suspended host or a changed clock is noticed (croner's rule for its own timers). */
export const MAX_SLEEP_MS = 30 * SECOND_MS;
/** Wall clock and monotonic clock may differ by so much between two wakes before we call it a jump. */
const JUMP_MS = 2 * SECOND_MS;

interface WakeTimer {
  /** Sets the timer to the earlier of `atMs` and the longest sleep. undefined: nothing known to come. */
  arm(atMs: number | undefined): void;
  stop(): void;
}

/**
 * One timer for everything. `wake` is called at the armed instant or earlier; `jumped` when the wall clock moved
 * against the monotonic one by more than two seconds (positive: forward or a sleep; negative: set back).
 */
export function createWakeTimer(clock: Clock, wake: () => void, jumped: (byMs: number) => void): WakeTimer {
  let cancel: (() => void) | undefined;
  let wallMs = clock.nowMs();
  let monoMs = clock.monotonicMs();

  function fire(): void {
    cancel = undefined;
    const wall = clock.nowMs();
    const mono = clock.monotonicMs();
    const drift = wall - wallMs - (mono - monoMs);
    wallMs = wall;
    monoMs = mono;
    if (Math.abs(drift) > JUMP_MS) jumped(Math.round(drift));
    wake();
  }

  return {
    arm(atMs) {
      cancel?.();
      const now = clock.nowMs();
      const delay = atMs === undefined ? MAX_SLEEP_MS : Math.max(1, Math.min(atMs - now, MAX_SLEEP_MS, MAX_TIMER_MS));
      cancel = clock.setTimer(fire, atMs !== undefined && atMs <= now ? 0 : delay);
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
