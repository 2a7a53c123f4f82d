import { describe, expect, it } from "vitest";
import type { OverlapPolicy } from "../../../schema/wire/policy.ts";
import { decideOverlap } from "../../../src/policy/run/index.ts";

const decide = (policy: OverlapPolicy, activeRuns: number, bufferedRuns = 0, catchUp = false) =>
  decideOverlap({ policy, activeRuns, bufferedRuns, catchUp }).verdict;
const POLICIES: OverlapPolicy[] = ["skip", "buffer_one", "buffer_all", "cancel_other", "allow_all"];

describe("overlap", () => {
  it("is no question while the job is idle", () => {
    for (const policy of POLICIES) expect(decide(policy, 0)).toBe("start");
  });

  it.each<[OverlapPolicy, number, string]>([
    ["skip", 0, "skip"],
    ["buffer_one", 0, "buffer"],
    ["buffer_one", 1, "skip"],
    ["buffer_all", 24, "buffer"],
    ["buffer_all", 25, "skip"],
    ["cancel_other", 0, "cancel_other"],
    ["allow_all", 3, "start"],
  ])("under %s with one active run and %i waiting: %s", (policy, buffered, verdict) => {
    expect(decide(policy, 1, buffered)).toBe(verdict);
  });

  it("does not let a start pass a run that waits already", () => {
    expect(decide("buffer_one", 0, 1)).toBe("skip");
    expect(decide("buffer_all", 0, 1)).toBe("buffer");
  });

  it("queues occurrences that are caught up together instead of dropping all but one", () => {
    for (const policy of ["skip", "buffer_one", "buffer_all"] as const)
      expect(decide(policy, 1, 30, true)).toBe("buffer");
    expect(decide("cancel_other", 1, 30, true)).toBe("cancel_other");
    expect(decide("allow_all", 1, 0, true)).toBe("start");
  });

  it("says why it skips", () => {
    expect(decideOverlap({ policy: "skip", activeRuns: 1, bufferedRuns: 0 })).toEqual({
      verdict: "skip",
      reason: "overlap",
    });
  });
});
