import { describe, expect, it } from "vitest";
import { trendOf } from "../../../src/policy/alerts/index.ts";

const runs = (...seconds: number[]) => seconds.map((each) => ({ durationMs: each * 1_000, attempts: 1 }));

describe("how a job does of late", () => {
  it.each<[string, number[], boolean]>([
    ["half as long again", [15, 15, 15, 15, 15, 10, 10, 10, 10, 10], true],
    ["not quite", [14, 14, 14, 14, 14, 10, 10, 10, 10, 10], false],
    ["less than a second more", [0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1], false],
    ["one long run among five", [100, 10, 10, 10, 10, 10, 10, 10, 10, 10], false],
    ["too few before to tell", [90, 90, 90, 90, 90, 10, 10, 10, 10], false],
    ["no run", [], false],
  ])("%s: slow is %o", (_what, seconds, slow) => {
    expect(trendOf(runs(...seconds))).toEqual({ slow, flaky: false });
  });

  it("is flaky with a retry among the last ten, whose duration says nothing", () => {
    const retried = { durationMs: 900_000, attempts: 2 };
    const good = runs(...Array.from({ length: 12 }, () => 10));
    expect(trendOf([...good.slice(0, 9), retried, ...good])).toEqual({ slow: false, flaky: true });
    expect(trendOf([...good.slice(0, 10), retried, ...good])).toEqual({ slow: false, flaky: false });
    expect(trendOf([retried, retried, retried, ...good])).toEqual({ slow: false, flaky: true });
  });
});
