import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "../../../schema/wire/policy.ts";
import type { Outcome } from "../../../schema/wire/run.ts";
import { decideRetry, retryDelayMs } from "../../../src/policy/run/index.ts";

const decide = (policy: RetryPolicy | undefined, outcome: Outcome, exitCode: number | null = null, more = {}) =>
  decideRetry({
    policy,
    attempt: 1,
    result: { outcome, exitCode },
    firstStartedAtMs: 0,
    nowMs: 1_000,
    random: 0,
    ...more,
  });

describe("retry", () => {
  it("is off without a policy and never follows a success", () => {
    expect(decide(undefined, "exited", 1)).toEqual({ verdict: "final", reason: "no_policy" });
    expect(decide({ maxAttempts: 5 }, "exited", 0)).toEqual({ verdict: "final", reason: "succeeded" });
  });

  it("follows every failure by default, but never a cancel or a lost attempt", () => {
    const policy = { maxAttempts: 2 };
    for (const outcome of ["signaled", "timed_out", "silent", "spawn_failed"] as const) {
      expect(decide(policy, outcome)).toEqual({ verdict: "retry", atMs: 31_000 });
    }
    expect(decide(policy, "exited", 3).verdict).toBe("retry");
    for (const outcome of ["canceled", "lost"] as const) {
      expect(decide(policy, outcome)).toEqual({ verdict: "final", reason: "not_retryable" });
    }
  });

  it("follows only the listed causes", () => {
    const policy: RetryPolicy = { maxAttempts: 2, on: [75, "timed_out"] };
    expect(decide(policy, "exited", 75).verdict).toBe("retry");
    expect(decide(policy, "exited", 1).verdict).toBe("final");
    expect(decide(policy, "timed_out").verdict).toBe("retry");
    expect(decide(policy, "silent").verdict).toBe("retry");
    expect(decide(policy, "signaled").verdict).toBe("final");
    expect(decide({ maxAttempts: 2, on: ["spawn_failed"] }, "spawn_failed").verdict).toBe("retry");
  });

  it("ends with its attempts, at its deadline, and beside a living tree", () => {
    const policy: RetryPolicy = { maxAttempts: 3, delaySeconds: 10, deadlineSeconds: 60 };
    expect(decide(policy, "exited", 1, { attempt: 3 })).toEqual({ verdict: "final", reason: "attempts_used" });
    expect(decide(policy, "exited", 1, { nowMs: 50_000 })).toEqual({ verdict: "retry", atMs: 60_000 });
    expect(decide(policy, "exited", 1, { nowMs: 50_001 })).toEqual({ verdict: "final", reason: "deadline" });
    const alive = { result: { outcome: "exited", exitCode: 1, treeGone: false } };
    expect(decide(policy, "exited", 1, alive)).toEqual({ verdict: "final", reason: "tree_alive" });
  });

  it("waits longer each time, up to the maximum, less the share that is drawn", () => {
    const policy: RetryPolicy = { maxAttempts: 9, delaySeconds: 10, factor: 3, maxDelaySeconds: 100 };
    expect([1, 2, 3, 4, 90].map((attempt) => retryDelayMs(policy, attempt, 0))).toEqual([
      10_000, 30_000, 90_000, 100_000, 100_000,
    ]);
    const jittered = { ...policy, jitter: 0.5 };
    expect([0, 0.5, 1].map((random) => retryDelayMs(jittered, 1, random))).toEqual([5_000, 7_500, 10_000]);
  });
});
