import { describe, expect, it } from "vitest";
import { median, quantile, ratios, slope, spread } from "../../bench/lib/stats.ts";

describe("statistics of rounds", () => {
  it("finds quantiles between neighbours, in any order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it("has no quantile of nothing", () => {
    expect(median([])).toBeNaN();
  });

  it("leaves its input as it was", () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("compares rounds with rounds, not medians with medians", () => {
    expect(ratios([1, 20], [10, 100])).toEqual([0.1, 0.2]);
    expect(ratios([1, 2, 3], [1])).toEqual([1]);
  });

  it("sees a drift and does not see one in even values", () => {
    expect(slope([1, 2, 3, 4])).toBeCloseTo(1);
    expect(slope([5, 5, 5])).toBe(0);
    expect(slope([5])).toBe(0);
  });
});
