import { describe, expect, it } from "vitest";
import { nextDeliveryAttempt } from "../../../src/policy/addresses/index.ts";

const next = (attempts: number, more = {}): { atMs?: number; dead?: boolean } =>
  nextDeliveryAttempt({ attempts, nowMs: 0, random: 0, ...more });

describe("pauses between delivery attempts", () => {
  it("grow over about three days and then end", () => {
    const pauses = Array.from({ length: 10 }, (_, attempts) => (next(attempts).atMs ?? Number.NaN) / 1_000);
    expect(pauses).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(pauses.reduce((total, pause) => total + pause) / 3_600).toBeCloseTo(75.6, 0);
    expect(next(10)).toEqual({ dead: true });
  });

  it("are settable", () => {
    expect(next(1, { backoffSeconds: [0, 2], jitter: 0 })).toEqual({ atMs: 2_000 });
    expect(next(2, { backoffSeconds: [0, 2] })).toEqual({ dead: true });
  });

  it("are stretched by jitter, never shortened", () => {
    expect(next(1, { random: 0.5, jitter: 1 })).toEqual({ atMs: 7_500 });
    expect(next(1, { random: 0.999 }).atMs).toBeLessThanOrEqual(5_500);
  });

  it("honour what the receiver asks for, up to a day", () => {
    expect(next(1, { retryAfterMs: 60_000 })).toEqual({ atMs: 60_000 });
    expect(next(2, { retryAfterMs: 60_000 })).toEqual({ atMs: 300_000 });
    expect(next(1, { retryAfterMs: 1e12 })).toEqual({ atMs: 86_400_000 });
    expect(next(1, { retryAfterMs: -5 })).toEqual({ atMs: 5_000 });
  });
});
