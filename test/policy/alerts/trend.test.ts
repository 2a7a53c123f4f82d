import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLAKY_RUNS, trendOf } from "../../../src/policy/alerts/index.ts";

const runs = (...seconds: number[]) => seconds.map((each) => ({ durationMs: each * 1_000, attempts: 1 }));

describe("how a job does of late", () => {
  it.each<[string, number[], boolean]>([
    ["half as long again", [15, 15, 15, 15, 15, 10, 10, 10, 10, 10], true],
    ["not quite", [14, 14, 14, 14, 14, 10, 10, 10, 10, 10], false],
    ["less than a second more", [0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1], false],
    ["one long run among five", [100, 10, 10, 10, 10, 10, 10, 10, 10, 10], false],
    ["two long runs among five", [100, 100, 10, 10, 10, 10, 10, 10, 10, 10], false],
    ["against the lower of two in the middle", [15, 15, 15, 15, 15, 14, 14, 14, 10, 10, 10], true],
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

  it("is neither after ten runs of less than a second that were not tried again, whatever was before them", () => {
    const run = fc.record({ durationMs: fc.integer({ min: 0, max: 3_000 }), attempts: fc.constantFrom(1, 1, 1, 2) });
    const quick = run.map(({ durationMs }) => ({ durationMs: durationMs % 1_000, attempts: 1 }));
    fc.assert(
      fc.property(fc.array(quick, { maxLength: FLAKY_RUNS }), fc.array(run, { maxLength: 20 }), (latest, before) => {
        const runs = latest.length < FLAKY_RUNS ? latest : [...latest, ...before];
        expect(trendOf(runs)).toEqual({ slow: false, flaky: false });
      }),
    );
  });
});
