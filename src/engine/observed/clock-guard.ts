import type { Clock } from "../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";

/** Away for less is no time down. */
const DOWN_MIN_MS = 10 * SECOND_MS;
/** A run that answers an instant of the time away began at least so soon, when the gateway was not away. */
const SOON_MS = 5 * SECOND_MS;
const JUMP_MS = MINUTE_MS;

/**
 * Knows which instants passed while nobody looked: in a time down, or because the clock jumped over them. `aliveMs`: when
 * the service was alive last before this start.
 */
export function createClockGuard(clock: Clock, aliveMs: number) {
  const upMs = clock.nowMs();
  const wasDown = upMs - aliveMs >= DOWN_MIN_MS;
  let wall = upMs;
  let monotonic = clock.monotonicMs();
  let jump: { fromMs: number; throughMs: number } | undefined;
  return {
    /** To be called at each look. */
    look(): void {
      const [wallNow, monotonicNow] = [clock.nowMs(), clock.monotonicMs()];
      const leapMs = wallNow - wall - (monotonicNow - monotonic);
      if (leapMs > JUMP_MS) jump = { fromMs: wall, throughMs: wallNow };
      wall = wallNow;
      monotonic = monotonicNow;
    },
    /** The clock jumped over it: nothing could run then, and nothing was missed. */
    isJumped: (atMs: number): boolean => jump !== undefined && atMs >= jump.fromMs && atMs <= jump.throughMs,
    /** How long after its instant a run may begin and still be that of the instant. */
    graceMs: (atMs: number, limitMs: number): number =>
      wasDown && atMs > aliveMs && atMs < upMs ? Math.max(SOON_MS, Math.min(limitMs, upMs - atMs)) : limitMs,
  };
}
export type ClockGuard = ReturnType<typeof createClockGuard>;
