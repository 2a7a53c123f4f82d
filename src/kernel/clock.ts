/** The only door to time. Rooms take a Clock so that tests can steer it. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump either way. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary origin. Never goes back; may stand still while the host sleeps. */
  monotonicMs(): number;
  /** Calls `fn` once after `delayMs`; returns the cancel function. The timer never keeps the process alive. */
  setTimer(fn: () => void, delayMs: number): () => void;
}

/** Node timers overflow past 2^31-1 ms and then fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(fn, delayMs) {
    const handle = setTimeout(fn, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    handle.unref();
    return () => clearTimeout(handle);
  },
};

/** What the work comes to; where it has not within `ms`, what `late` answers then. */
export function within<T, L>(
  clock: Pick<Clock, "setTimer">,
  ms: number,
  work: Promise<T>,
  late: () => L | Promise<L>,
): Promise<T | L> {
  const over = Promise.withResolvers<L>();
  const cancel = clock.setTimer(() => over.resolve(late()), ms);
  return Promise.race([work, over.promise]).finally(cancel);
}

/** Resolves after `ms` by the clock's timers. */
export const delay = (clock: Pick<Clock, "setTimer">, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(resolve, ms);
  });
