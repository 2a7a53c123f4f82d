import type { Clock } from "../../kernel/clock.ts";

const DELAYS_MS = [0, 500, 2_000, 10_000, 30_000];
const LIVED_WELL_MS = 60_000;

/** How long to wait before the next start: longer each time the last one did not live well. */
export function createBackoff(clock: Clock): { started(): void; nextMs(): number } {
  let startedMs = clock.monotonicMs();
  let deaths = 0;
  return {
    started() {
      startedMs = clock.monotonicMs();
    },
    nextMs() {
      if (clock.monotonicMs() - startedMs > LIVED_WELL_MS) deaths = 0;
      const delayMs = DELAYS_MS[Math.min(deaths, DELAYS_MS.length - 1)] ?? 0;
      deaths += 1;
      return delayMs;
    },
  };
}
