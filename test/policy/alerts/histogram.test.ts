import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addInto, bucketOf, type Histogram, quantileOf } from "../../../src/policy/alerts/index.ts";

const histogramOf = (durations: readonly number[]): Histogram => {
  const all: Histogram = {};
  for (const ms of durations) addInto(all, { [bucketOf(ms)]: 1 });
  return all;
};

describe("a histogram of durations", () => {
  it("answers any share within five per cent of the sorted list's", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000_000), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.5, 0.95, 1),
        (all, share) => {
          const sorted = [...all].sort((a, b) => a - b);
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const got = quantileOf(histogramOf(all), share) ?? Number.NaN;
          expect(Math.abs(got - exact)).toBeLessThanOrEqual(exact * 0.05 + 0.5);
        },
      ),
    );
  });

  it("adds up to the same whatever it is added from", () => {
    const [a, b] = [
      [1, 5, 5, 900],
      [3, 5, 70_000],
    ];
    const sum = histogramOf(a);
    addInto(sum, histogramOf(b));
    expect(sum).toEqual(histogramOf([...a, ...b]));
  });

  it("knows nothing of no run, and holds what took no time", () => {
    expect(quantileOf({}, 0.5)).toBeUndefined();
    expect(quantileOf(histogramOf([0, 0, 0]), 0.95)).toBe(0);
    expect([bucketOf(0), bucketOf(-5), bucketOf(1), bucketOf(1.1)]).toEqual([0, 0, 1, 2]);
  });
});
