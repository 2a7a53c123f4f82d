import { describe, expect, it } from "vitest";
import { decideVerdict, type VerdictQuestion } from "../../../src/outbox/lanes/verdict.ts";
import type { SendResult } from "../../../src/outbox/port.ts";

const decide = (result: SendResult, more: Partial<VerdictQuestion> = {}) =>
  decideVerdict({ mode: "announce", result, attempts: 1, nowMs: 1_000, random: 0, ...more });

describe("the verdict on an attempt", () => {
  it("calls it sent on the sender's word for it, and on nothing else", () => {
    expect(decide({ kind: "sent", messageIds: ["m1"] })).toMatchObject({
      state: "sent",
      facts: { messageIds: ["m1"] },
    });
    const others: SendResult[] = [
      { kind: "suppressed", reason: "no_visible_payload" },
      { kind: "held" },
      { kind: "failed", permanent: true, error: "x" },
      { kind: "failed", permanent: false, error: "x" },
      { kind: "unknown", error: "x" },
    ];
    expect(others.map((result) => decide(result).state)).toEqual([
      "suppressed",
      "pending",
      "dead",
      "pending",
      "unknown",
    ]);
    expect(decide({ kind: "held" })).toMatchObject({ custody: "gateway", nextAttemptAtMs: null });
    expect(decide({ kind: "failed", permanent: false, error: "x" })).not.toHaveProperty("custody");
  });

  it("ends a permanent refusal at once", () => {
    expect(decide({ kind: "failed", permanent: true, error: "HTTP 404" })).toEqual({
      state: "dead",
      nextAttemptAtMs: null,
      reason: "HTTP 404",
      disableLane: false,
    });
  });

  it("waits as the schedule says, and longer where the receiver asks for it", () => {
    const failed = { kind: "failed", permanent: false, error: "HTTP 503" } as const;
    expect(decide(failed)).toMatchObject({ state: "pending", nextAttemptAtMs: 6_000 });
    expect(decide({ ...failed, retryAfterMs: 60_000 })).toMatchObject({ nextAttemptAtMs: 61_000 });
    expect(decide({ ...failed, retryAfterMs: 10 })).toMatchObject({ nextAttemptAtMs: 6_000 });
  });

  it("gives up when the schedule is used up", () => {
    const question = { attempts: 2, backoffSeconds: [0, 5] };
    expect(decide({ kind: "failed", permanent: false, error: "HTTP 503" }, question)).toEqual({
      state: "dead",
      nextAttemptAtMs: null,
      reason: "given up after 2 attempts: HTTP 503",
      disableLane: false,
    });
  });

  it("repeats a webhook whose end nobody knows, and never a chat message", () => {
    const result = { kind: "unknown", error: "cut off" } as const;
    expect(decide(result, { mode: "webhook" }).state).toBe("pending");
    expect(decide(result, { mode: "announce" }).state).toBe("unknown");
  });

  it("keeps reasons short and on one line", () => {
    const verdict = decide({ kind: "unknown", error: `one\ntwo ${"x".repeat(10_000)}` });
    expect(verdict).toMatchObject({ reason: expect.stringMatching(/^one two x{1,500}$/) });
  });
});
