import { describe, expect, it } from "vitest";
import type { ExitCodes } from "../../../schema/wire/steps.ts";
import { decideRetry, farewellOf, outcomeError, toRunStatus } from "../../../src/policy/run/index.ts";
import { decideDelivery } from "../../../src/policy/text/index.ts";

const CODES: ExitCodes = { "75": "retry", "24": "ok", "100": "skip", "2": "fail" };

const retried = (exitCode: number | null, more: Partial<Parameters<typeof decideRetry>[0]> = {}) =>
  decideRetry({
    policy: undefined,
    exitCodes: CODES,
    attempt: 1,
    result: { outcome: "exited", exitCode },
    firstStartedAtMs: 0,
    nowMs: 0,
    random: 0,
    ...more,
  });

describe("exit codes with meanings", () => {
  it("decide the status of the run, and the others mean what they did", () => {
    const statuses = [0, 1, 2, 24, 75, 100, null].map((code) => toRunStatus("exited", code, CODES));
    expect(statuses).toEqual(["succeeded", "failed", "failed", "succeeded", "failed", "skipped", "failed"]);
    expect(toRunStatus("exited", 0, { "0": "skip" })).toBe("skipped");
    // A name every object has is no exit code.
    expect(toRunStatus("exited", 0, {})).toBe("succeeded");
    for (const outcome of ["signaled", "timed_out", "canceled", "lost"] as const) {
      expect(toRunStatus(outcome, 24, CODES)).toBe(toRunStatus(outcome, 24));
    }
  });

  it("leave no error where none is meant", () => {
    const error = (exitCode: number) => outcomeError({ outcome: "exited", exitCode, signal: null }, CODES);
    expect([error(24), error(100), error(75)]).toEqual([undefined, undefined, "command exited with code 75"]);
  });

  it("say whether there is another attempt, before the retry policy does", () => {
    expect(retried(75)).toEqual({ verdict: "retry", atMs: 30_000 });
    expect(retried(75, { attempt: 3 })).toEqual({ verdict: "final", reason: "attempts_used" });
    expect(retried(1)).toEqual({ verdict: "final", reason: "no_policy" });
    expect(retried(24)).toEqual({ verdict: "final", reason: "succeeded" });
    expect(retried(100)).toEqual({ verdict: "final", reason: "skipped" });
    const policy = { maxAttempts: 5, on: [1 as const], delaySeconds: 1 };
    expect(retried(75, { policy })).toEqual({ verdict: "retry", atMs: 1_000 });
    expect(retried(1, { policy }).verdict).toBe("retry");
    expect(retried(2, { policy: { maxAttempts: 5 } })).toEqual({ verdict: "final", reason: "not_retryable" });
    expect(retried(0, { exitCodes: { "0": "retry" } }).verdict).toBe("retry");
  });
});

describe("until", () => {
  const asked = (more: Partial<Parameters<typeof farewellOf>[0]>) =>
    farewellOf({ policy: { exitCode: 3 }, outcome: "exited", exitCode: 3, text: "", ...more });

  it("comes true by the exit code or by the text", () => {
    expect(asked({})).toBe("This was the job's last run: the command exited with code 3. It is disabled now.");
    expect(asked({ exitCode: 0 })).toBeUndefined();
    expect(asked({ policy: undefined })).toBeUndefined();
    expect(asked({ policy: { match: "^done" }, text: "so far\ndone 5" })).toContain("the text matches ^done");
    expect(asked({ policy: { match: "^done", exitCode: 9 }, text: "not yet" })).toBeUndefined();
  });

  it("is not for a run that was canceled or lost, or whose text takes too long to search", () => {
    for (const outcome of ["canceled", "lost"] as const) expect(asked({ outcome })).toBeUndefined();
    expect(asked({ policy: { match: "^(a+)+$" }, text: `${"a".repeat(40)}!` })).toBeUndefined();
  });

  it("lets the last message out, unless the job never speaks", () => {
    const say = (on: "failure" | "change" | "never", text: string) =>
      decideDelivery({
        deliver: { on, match: "nothing like it" },
        wireStatus: "ok",
        previousStatus: "ok",
        text,
        error: undefined,
        lastDeliveredText: "here",
        farewell: "The end.",
      });
    expect(say("failure", "here")).toMatchObject({ text: "here\n\nThe end." });
    expect(say("change", "NO_REPLY")).toMatchObject({ text: "The end." });
    expect(say("never", "here")).toEqual({ verdict: "suppress", reason: "policy" });
  });
});

it("a run that had nothing to do says nothing", () => {
  const said = decideDelivery({
    deliver: {},
    wireStatus: "skipped",
    previousStatus: "ok",
    text: "nothing new",
    error: undefined,
    lastDeliveredText: undefined,
  });
  expect(said).toEqual({ verdict: "suppress", reason: "skipped" });
});
