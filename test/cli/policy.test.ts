import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../schema/wire/policy.ts";
import { policyFacts } from "../../src/cli/render/policy.ts";

const fact = (policy: JobPolicy | undefined, label: string): string | undefined =>
  policyFacts(policy === undefined ? {} : { policy }).find(([name]) => name === label)?.[1];

describe("the policies in force", () => {
  it("are marked where the config says them and the job does not", () => {
    const job = { policy: { overlap: "buffer_one" as const, ttlDays: 2, leftovers: "report" as const } };
    const facts = Object.fromEntries(policyFacts({ ...job, fromDefaults: ["policy.overlap", "policy.ttlDays"] }));
    expect(facts["overlap"]).toBe("buffer_one (default of the config)");
    expect(facts["removed"]).toBe("when it has been off for 2 days (default of the config)");
    expect(facts["leftovers"]).toBe("report");
  });

  it("are the defaults when a job has none", () => {
    expect(Object.fromEntries(policyFacts({}))).toEqual({
      overlap: "skip",
      missed: "run_once within 1 d",
      retries: "no",
      failing: "pause 30 s, 1 min, 5 min, 15 min, 1 h; disabled after 10, one trial after 1 h",
      stopping: "SIGTERM, SIGKILL after 5.0 s",
      leftovers: "kill",
      "gateway exit": "continue",
      environment: "minimal",
      speaks: "always, auto, as code",
      "told when":
        "missed if rarer than hourly, not started 10 min after it is due, longer than three times its usual time",
      pool: undefined,
      "limited to": undefined,
      removed: undefined,
    });
  });

  it.each<[JobPolicy, string, string]>([
    [{ misfire: { mode: "skip" } }, "missed", "skip"],
    [{ misfire: { mode: "run_all", windowSeconds: 60 } }, "missed", "run_all within 1 min, at most 10"],
    [{ retry: { maxAttempts: 1 } }, "retries", "no"],
    [
      { retry: { maxAttempts: 4, jitter: 0.25, on: [2, "timed_out"], deadlineSeconds: 60 } },
      "retries",
      "up to 4 attempts on 2, timed_out; 30 s x 2, at most 1 h, 25 % jitter, none later than 1 min",
    ],
    [{ backoff: false, autoDisable: false }, "failing", "no pause; never disabled"],
    [
      { backoff: { seconds: [5] }, autoDisable: { after: 3, trialSeconds: 0 } },
      "failing",
      "pause 5.0 s; disabled after 3",
    ],
    [{ stopSignal: "SIGINT", stopGraceSeconds: 60 }, "stopping", "SIGINT, SIGKILL after 1 min"],
    [
      { env: { inherit: "gateway", pass: ["A", "B"], secrets: { KEY: { source: "env", provider: "p", id: "i" } } } },
      "environment",
      "gateway and A, B, secrets KEY",
    ],
    [
      { deliver: { on: "change", match: "x", stream: "stderr" } },
      "speaks",
      'change, stderr, as code, text matching "x"',
    ],
    [{ pool: "heavy" }, "pool", "heavy"],
    [
      { progress: {} },
      "progress",
      "told of while it runs, a new message every 30 min; an incident after 1 h without a step",
    ],
    [
      { progress: { reportEverySeconds: 0, stallSeconds: 60, onStall: "end" } },
      "progress",
      "not told of; ended after 1 min without a step",
    ],
    [{ progress: { reportEverySeconds: 0, stallSeconds: 0 } }, "progress", "not told of; may stand still"],
    [{ limits: { nice: 5, openFiles: 64 } }, "limited to", "nice 5, openFiles 64"],
  ])("%j reads in one line", (policy, label, text) => {
    expect(fact(policy, label)).toBe(text);
  });
});
