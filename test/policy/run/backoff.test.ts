import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import type { AfterRunQuestion } from "../../../src/policy/run/backoff.ts";
import { decideAfterRun } from "../../../src/policy/run/index.ts";

const NOW = 1_800_000_000_000;
const settle = (
  state: Partial<AfterRunQuestion["state"]>,
  status: AfterRunQuestion["status"],
  policy?: JobPolicy,
  more: Partial<AfterRunQuestion> = {},
) =>
  decideAfterRun({
    policy,
    trigger: "schedule",
    status,
    state: { consecutiveErrors: 0, consecutiveSkipped: 0, ...state },
    nowMs: NOW,
    ...more,
  });

describe("consecutive errors", () => {
  it("pause the job for longer and longer, as the gateway does", () => {
    const pauses = [0, 1, 2, 3, 4, 5, 8].map((errors) => {
      const result = settle({ consecutiveErrors: errors }, "error");
      expect(result.consecutiveErrors).toBe(errors + 1);
      return ((result.backoffUntilMs ?? 0) - NOW) / 1_000;
    });
    expect(pauses).toEqual([30, 60, 300, 900, 3_600, 3_600, 3_600]);
  });

  it("pause as the job says, or not at all", () => {
    expect(settle({}, "error", { backoff: { seconds: [5] } }).backoffUntilMs).toBe(NOW + 5_000);
    expect(settle({ consecutiveErrors: 7 }, "error", { backoff: { seconds: [5, 7] } }).backoffUntilMs).toBe(
      NOW + 7_000,
    );
    expect(settle({}, "error", { backoff: false }).backoffUntilMs).toBeNull();
    expect(settle({}, "error", { backoff: { seconds: [0] } }).backoffUntilMs).toBeNull();
  });

  it("end with a success, and so does the pause", () => {
    expect(settle({ consecutiveErrors: 4, consecutiveSkipped: 9 }, "ok")).toEqual({
      consecutiveErrors: 0,
      consecutiveSkipped: 0,
      backoffUntilMs: null,
    });
  });

  it("are counted apart from skipped occurrences", () => {
    expect(settle({ consecutiveErrors: 2, consecutiveSkipped: 1 }, "skipped")).toEqual({
      consecutiveErrors: 2,
      consecutiveSkipped: 2,
    });
  });

  it("by hand lengthen the streak but neither pause nor disable", () => {
    const manual = { trigger: "manual" } as const;
    expect(settle({ consecutiveErrors: 20 }, "error", {}, manual)).toEqual({
      consecutiveErrors: 21,
      consecutiveSkipped: 0,
    });
  });

  it("are left alone by a run that a person canceled", () => {
    expect(settle({ consecutiveErrors: 3, consecutiveSkipped: 2 }, "error", {}, { canceled: true })).toEqual({
      consecutiveErrors: 3,
      consecutiveSkipped: 2,
    });
  });
});

describe("automatic disabling", () => {
  it("comes with the tenth failure and sets a trial an hour later", () => {
    expect(settle({ consecutiveErrors: 8 }, "error").enabled).toBeUndefined();
    expect(settle({ consecutiveErrors: 9 }, "error")).toMatchObject({
      enabled: false,
      backoffUntilMs: null,
      autoDisabled: { reason: "consecutive-failures", atMs: NOW, consecutiveErrors: 10, trialAtMs: NOW + 3_600_000 },
    });
  });

  it("comes when the job says, with or without a trial, or never", () => {
    const set = settle({ consecutiveErrors: 1 }, "error", { autoDisable: { after: 2, trialSeconds: 0 } });
    expect(set.autoDisabled).toEqual({ reason: "consecutive-failures", atMs: NOW, consecutiveErrors: 2 });
    expect(settle({ consecutiveErrors: 99 }, "error", { autoDisable: false }).autoDisabled).toBeUndefined();
  });

  const disabled = {
    reason: "consecutive-failures",
    atMs: NOW - 3_600_000,
    consecutiveErrors: 10,
    trialAtMs: NOW,
  } as const;

  it("goes on after a failed trial, which sets the next", () => {
    const failed = settle({ consecutiveErrors: 10, autoDisabled: disabled }, "error");
    expect(failed.autoDisabled).toEqual({ ...disabled, consecutiveErrors: 11, trialAtMs: NOW + 3_600_000 });
    expect(failed.enabled).toBe(false);
  });

  it("leaves a job alone that a person has disabled", () => {
    expect(settle({ consecutiveErrors: 9, enabled: false }, "error").autoDisabled).toBeUndefined();
    expect(settle({ consecutiveErrors: 9, enabled: false }, "error").enabled).toBeUndefined();
    expect(settle({ consecutiveErrors: 9, enabled: false }, "ok").enabled).toBeUndefined();
  });

  it("ends with a success, of the trial or by hand", () => {
    for (const trigger of ["schedule", "manual"] as const) {
      const result = settle({ consecutiveErrors: 10, autoDisabled: disabled }, "ok", {}, { trigger });
      expect(result).toMatchObject({ consecutiveErrors: 0, autoDisabled: null, enabled: true });
    }
  });
});
