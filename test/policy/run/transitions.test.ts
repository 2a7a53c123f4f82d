import { describe, expect, it } from "vitest";
import { RUN_STATUSES } from "../../../schema/limits.ts";
import { FINAL_RUN_STATUSES, OUTCOMES } from "../../../schema/wire/run.ts";
import { outcomeError, toRunStatus, toWireStatus } from "../../../src/policy/run/index.ts";

describe("run statuses", () => {
  it("follow from every outcome, and only exit code 0 is a success", () => {
    const table = OUTCOMES.map((outcome) => [outcome, toRunStatus(outcome, 0), toWireStatus(toRunStatus(outcome, 0))]);
    expect(table).toEqual([
      ["exited", "succeeded", "ok"],
      ["signaled", "failed", "error"],
      ["timed_out", "timed_out", "error"],
      ["silent", "timed_out", "error"],
      ["stalled", "timed_out", "error"],
      ["canceled", "canceled", "error"],
      ["spawn_failed", "failed", "error"],
      ["verify_failed", "failed", "error"],
      ["status_failed", "failed", "error"],
      ["lost", "lost", "error"],
    ]);
    expect(toRunStatus("exited", 1)).toBe("failed");
    expect(toRunStatus("exited", null)).toBe("failed");
  });

  it("have the gateway's word once they are final", () => {
    for (const status of RUN_STATUSES)
      expect(toWireStatus(status) !== undefined).toBe(FINAL_RUN_STATUSES.includes(status));
    expect(toWireStatus("skipped")).toBe("skipped");
    expect(toWireStatus("missed")).toBe("skipped");
  });
});

describe("error texts", () => {
  it("differ for each cause", () => {
    const none = { exitCode: null, signal: null };
    expect(outcomeError({ outcome: "exited", exitCode: 0, signal: null })).toBeUndefined();
    const texts = [
      outcomeError({ outcome: "exited", exitCode: 7, signal: null }),
      outcomeError({ outcome: "timed_out", ...none }),
      outcomeError({ outcome: "silent", ...none }),
      outcomeError({ outcome: "signaled", exitCode: null, signal: "SIGSEGV" }),
      outcomeError({ outcome: "spawn_failed", ...none, error: { message: "no such program: nope" } }),
      outcomeError({ outcome: "canceled", ...none, canceledBy: "cli" }),
      outcomeError({ outcome: "canceled", ...none }),
      outcomeError({ outcome: "lost", ...none }),
      outcomeError({ outcome: "exited", ...none }),
      outcomeError({ outcome: "signaled", ...none }),
      outcomeError({ outcome: "spawn_failed", ...none }),
    ];
    expect(texts.slice(0, 6)).toEqual([
      "command exited with code 7",
      "command timed out",
      "command produced no output in time",
      "command stopped by signal SIGSEGV",
      "command failed to start: no such program: nope",
      "command canceled by cli",
    ]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
