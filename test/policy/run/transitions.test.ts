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
  const verify = {
    ...{ command: "check", outcome: "exited" as const, attempts: 1, exitCode: 2, signal: null },
    ...{ passed: false, startedAtMs: 0, endedAtMs: 0 },
  };
  it.each<[Partial<Parameters<typeof outcomeError>[0]>, string | undefined]>([
    [{ outcome: "exited", exitCode: 0 }, undefined],
    [{ outcome: "exited", exitCode: 7 }, "command exited with code 7"],
    [{ outcome: "exited" }, "command failed"],
    [{ outcome: "timed_out" }, "command timed out"],
    [{ outcome: "silent" }, "command produced no output in time"],
    [{ outcome: "stalled" }, "command made no progress in time"],
    [{ outcome: "signaled", signal: "SIGSEGV" }, "command stopped by signal SIGSEGV"],
    [{ outcome: "signaled" }, "command stopped by a signal"],
    [{ outcome: "canceled", canceledBy: "cli" }, "command canceled by cli"],
    [{ outcome: "canceled" }, "command canceled"],
    [{ outcome: "spawn_failed", error: { message: "no such program" } }, "command failed to start: no such program"],
    [{ outcome: "spawn_failed" }, "command failed to start: unknown reason"],
    [{ outcome: "verify_failed", verify }, "check failed: check (exited with code 2)"],
    [
      { outcome: "verify_failed", verify: { ...verify, attempts: 3, lastLine: "empty" } },
      "check failed: check (exited with code 2, 3 tries): empty",
    ],
    [{ outcome: "verify_failed" }, "check failed: nobody knows how it ended"],
    [{ outcome: "status_failed" }, "neither running nor completed"],
    [{ outcome: "lost" }, "command lost: its process ended without a witness"],
  ])("of %o: %s", (ended, text) => {
    expect(outcomeError({ outcome: "exited", exitCode: null, signal: null, ...ended })).toBe(text);
  });
});
