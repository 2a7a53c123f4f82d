import { describe, expect, it } from "vitest";
import type { Progress } from "../../../schema/wire/progress.ts";
import { etaOf, stallLimitMs } from "../../../src/policy/run/index.ts";

const START = Date.UTC(2027, 0, 4, 12);
const HOUR = 3_600_000;
const at = (percent: number, elapsedMs: number, more: Partial<Progress> = {}): Progress => ({
  atMs: START + elapsedMs,
  elapsedMs,
  percent,
  ...more,
});
const eta = (progress: Progress | undefined, earlierMs: number[] = []) =>
  etaOf({ progress, startedAtMs: START, earlierMs });

describe("when a run will be over", () => {
  it("is told by its pace from what was said first to what was said last", () => {
    expect(eta(at(50, HOUR))).toEqual({ etaAtMs: START + 2 * HOUR, etaFrom: "pace" });
    // It took up at 60 % where the run before had stopped.
    expect(eta(at(80, HOUR + 1_000, { first: { percent: 60, elapsedMs: 1_000 } }))).toEqual({
      etaAtMs: START + 2 * HOUR + 1_000,
      etaFrom: "pace",
    });
    expect(eta(at(100, HOUR))).toEqual({ etaAtMs: START + HOUR, etaFrom: "pace" });
  });

  it("is told by earlier runs where its pace says nothing or little", () => {
    const usual = { etaAtMs: START + 3 * HOUR, etaFrom: "history" };
    const earlier = [HOUR, 3 * HOUR, 4 * HOUR];
    expect(eta(undefined, earlier)).toEqual(usual);
    expect(eta(at(1, HOUR), earlier)).toEqual(usual);
    expect(eta(at(1, HOUR)).etaFrom).toBe("pace");
    expect(eta(undefined, [HOUR])).toEqual({});
    expect(eta(at(0, HOUR))).toEqual({});
  });

  it("follows no jump of the clock", () => {
    // The clock went a day ahead within the first half; the pace is that of the time that passed.
    const jumped = at(50, HOUR, { atMs: START + 25 * HOUR });
    expect(eta(jumped).etaAtMs).toBe(START + 26 * HOUR);
  });
});

it.each([
  ["nobody reads its progress", undefined, undefined],
  ["nothing is said about it", {}, HOUR],
  ["it is 0", { stallSeconds: 0 }, undefined],
  ["it is 90", { stallSeconds: 90 }, 90_000],
] as const)("how long a run may stand still where %s", (_, policy, limitMs) => {
  expect(stallLimitMs(policy)).toBe(limitMs);
});
