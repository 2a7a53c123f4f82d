import type { Clock } from "../../src/kernel/clock.ts";

export interface FakeClock extends Clock {
  /** Moves both clocks on and fires what comes due, in order, letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an operator or NTP would. */
  setWall(ms: number): void;
  timers(): number;
}

/** Real time may pass only while the disk is busy, and not for ever. */
const DISK_MAX_MS = 60_000;

/** What Node calls requests to the disk: a file handle is closed by one of another name. */
const DISK = /^(FSReq|CloseReq)/;

/** Lets everything that was resolved run, and waits for what libuv's thread pool is still writing. */
export async function settle(turns = 5): Promise<void> {
  const untilMs = performance.now() + DISK_MAX_MS;
  for (let quiet = 0; quiet < turns && performance.now() < untilMs; ) {
    await new Promise((done) => setImmediate(done));
    const busy = process.getActiveResourcesInfo().some((resource) => DISK.test(resource));
    quiet = busy ? 0 : quiet + 1;
  }
}

/** A clock that stands still until it is told to move. */
export function createFakeClock(startMs = Date.UTC(2027, 0, 4, 12)): FakeClock {
  let wall = startMs;
  let mono = 0;
  let order = 0;
  const timers = new Map<number, { dueMs: number; fn: () => void }>();

  return {
    nowMs: () => wall,
    monotonicMs: () => mono,
    setTimer(fn, delayMs) {
      order += 1;
      const id = order;
      timers.set(id, { dueMs: mono + Math.max(0, delayMs), fn });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const end = mono + ms;
      for (;;) {
        await settle();
        const next = [...timers].sort((a, b) => a[1].dueMs - b[1].dueMs || a[0] - b[0])[0];
        if (next === undefined || next[1].dueMs > end) break;
        const step = Math.max(0, next[1].dueMs - mono);
        mono += step;
        wall += step;
        timers.delete(next[0]);
        next[1].fn();
      }
      wall += end - mono;
      mono = end;
      await settle();
    },
    setWall(ms) {
      wall = ms;
    },
    timers: () => timers.size,
  };
}

/** Every wait is over at once, and has taken its time all the same. */
export function createImpatientClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(fn, delayMs) {
      nowMs += delayMs;
      queueMicrotask(fn);
      return () => {};
    },
  };
}
