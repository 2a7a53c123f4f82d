import { describe, expect, it } from "vitest";
import { failuresOf } from "../../../page/logic/failures.ts";
import { filterJobs, inOrder, laneJob } from "../../../page/logic/filter.ts";
import { type SignFacts, signsOf } from "../../../page/logic/signs.ts";
import {
  conditionText,
  laneText,
  lastWords,
  shownStatus,
  standOf,
  statsText,
  whyAndWords,
  whyOf,
} from "../../../page/logic/states.ts";
import { job, run } from "./fixtures.ts";

describe("how a job stands", () => {
  it.each([
    [{ enabled: true, state: {} }, "has not run yet", "quiet"],
    [{ enabled: true, state: { lastRunStatus: "ok" } }, "ok", "ok"],
    [{ enabled: true, state: { lastRunStatus: "ok", lastDelivered: false } }, "ran, message not delivered", "warn"],
    [{ enabled: true, state: { lastRunStatus: "error", consecutiveErrors: 1 } }, "failed", "bad"],
    [{ enabled: true, state: { lastRunStatus: "error", consecutiveErrors: 4 } }, "failed 4 times in a row", "bad"],
    [{ enabled: true, state: { lastRunStatus: "error", consecutiveErrors: 0 } }, "stopped", "quiet"],
    [{ enabled: true, state: { lastRunStatus: "skipped" } }, "did not run", "warn"],
    [{ enabled: true, state: { lastRunStatus: "error", runningAtMs: 1 } }, "running", "live"],
    [{ enabled: false, state: { lastRunStatus: "ok" } }, "off", "quiet"],
    [
      { enabled: false, state: { autoDisabled: { reason: "consecutive-failures", atMs: 1, consecutiveErrors: 5 } } },
      "switched off after 5 failures",
      "bad",
    ],
    [
      { enabled: false, state: { autoDisabled: { reason: "until", atMs: 1, consecutiveErrors: 0 } } },
      "done, and switched off",
      "quiet",
    ],
  ] as const)("%j: %s", (facts, word, tone) => {
    expect(standOf(facts)).toMatchObject({ word, tone });
  });
});

describe("what a job's own state does not say", () => {
  const ran = job({ id: "a", state: { lastRunStatus: "ok", lastOkAtMs: 100 } });
  const signs = (facts: Partial<SignFacts>) =>
    signsOf({ nowMs: 1_020_000, approvals: [], running: [], failures: [], ...facts });
  const stand = (facts: Partial<SignFacts>, state = {}) =>
    standOf({ enabled: true, state: { ...ran.state, ...state } }, signs(facts).get("a"));
  const passed = {
    jobId: "a",
    runStatus: "missed",
    scheduledForMs: 200,
    coversThroughMs: 400,
    coversCount: 3,
  } as const;
  const missed = failuresOf([run(passed)], () => ran.state);
  const still = run({
    jobId: "a",
    runStatus: "running",
    progress: { atMs: 0, elapsedMs: 0, movedAtMs: 0, stalled: true },
  });

  it("is that it was missed, that it makes no progress, that it asks", () => {
    expect(stand({})).toMatchObject({ word: "ok" });
    expect(stand({ failures: missed })).toMatchObject({
      short: "missed 3×",
      status: "missed",
      tone: "warn",
      atMs: 400,
    });
    expect(stand({ failures: missed }, { lastRunStatus: "error", consecutiveErrors: 1 })).toMatchObject({
      word: "failed",
    });
    expect(stand({ running: [still] }, { runningAtMs: 1 })).toMatchObject({
      word: "stalled 17 min",
      status: "stalled",
    });
    expect(shownStatus(still)).toBe("stalled");
    const later = { atMs: 0, elapsedMs: 0, movedAtMs: 500_000, stalled: true } as const;
    expect(signs({ running: [still, { ...still, runId: "second", progress: later }] }).get("a")?.stalled).toEqual({
      runIds: [still.runId, "second"],
      forMs: 1_020_000,
    });
    expect(stand({ approvals: [{ jobId: "a" }] })).toMatchObject({ word: "asks to be approved", tone: "warn" });
  });

  it("stands first: who asks, what is stalled, what failed, what was missed", () => {
    const all = ["ok", "missed", "failed", "stalled", "asks"].map((id) =>
      laneJob(job({ id, state: id === "failed" ? { lastRunStatus: "error" } : { lastRunStatus: "ok" } })),
    );
    const known = signs({
      approvals: [{ jobId: "asks" }],
      running: [{ ...still, jobId: "stalled" }],
      failures: failuresOf([run({ ...passed, jobId: "missed" })], () => undefined),
    });
    const first = inOrder(all, "trouble", known);
    expect(first.map((entry) => entry.job.id)).toEqual(["asks", "stalled", "failed", "missed", "ok"]);
    const rowOf = () => undefined;
    const ids = (filter: "bad" | "look" | "here") =>
      filterJobs(first, { query: "", filter, rowOf, signs: known }).map((entry) => entry.job.id);
    expect([ids("bad"), ids("look"), ids("here")]).toEqual([
      ["failed", "missed"],
      ["asks", "stalled", "failed", "missed"],
      [],
    ]);
  });
});

describe("why a run ended as it did", () => {
  it.each([
    [{}, ""],
    [{ runStatus: "failed", error: "command exited with code 1" }, "exit code 1"],
    [{ runStatus: "failed", exitCode: 7 }, "exit code 7"],
    [{ runStatus: "failed", exitCode: null, signal: "SIGSEGV" }, "ended by SIGSEGV"],
    [{ runStatus: "timed_out", outcome: "timed_out", durationMs: 60_000 }, "time limit after 1 min"],
    [{ runStatus: "timed_out", outcome: "silent", durationMs: 60_000 }, "no output for too long after 1 min"],
    [{ runStatus: "skipped", reason: "overlap" }, "an earlier run still went on"],
    [{ runStatus: "canceled", reason: "canceled by cli" }, "canceled by cli"],
    [{ runStatus: "missed", reason: "gateway_down" }, "gateway down"],
  ] as const)("%j: %s", (change, words) => {
    expect(whyOf(run(change))).toBe(words);
  });

  it("is counted in a row, as the job counts it, since it ran well", () => {
    const at = (runId: string, ts: number, change = {}) => run({ runId, jobId: "a", ts, ...change });
    const entries = [at("3", 900), at("2", 800), at("1", 100)];
    const times = (lastOkAtMs: number, consecutiveErrors?: number) =>
      failuresOf(entries, () => ({ lastOkAtMs, ...(consecutiveErrors && { consecutiveErrors }) })).map(
        (one) => one.times,
      );
    expect([times(500), times(500, 2), times(0, 40), times(950)]).toEqual([[2], [2], [40], [3]]);
  });

  it("comes with its last words, errors first", () => {
    expect(lastWords(run({ stdout: "fine\n", stderr: "warn\n\u001b[31mbad\u001b[0m\n" }))).toBe("bad");
    expect(lastWords(run({ stdout: "fine\n" }))).toBe("fine");
  });

  it("is told once a job, what is well again last", () => {
    const missed = { runStatus: "missed", scheduledForMs: 200, coversThroughMs: 400, coversCount: 3, ts: 900 } as const;
    const entries = [
      run({ runId: "1", jobId: "a" }),
      run({ runId: "2", jobId: "b" }),
      run({ runId: "3", jobId: "a" }),
      run({ runId: "4", jobId: "c", ...missed }),
    ];
    const lastOk: Record<string, number> = { a: 1_001, b: 999, c: 399 };
    const found = failuresOf(entries, (id) => ({ lastOkAtMs: lastOk[id] ?? 0 })).map(
      ({ run: { runId }, times, well }) => [runId, times, well],
    );
    expect(found).toEqual([
      ["2", 1, false],
      ["4", 3, false],
      ["1", 2, true],
    ]);
  });
});

it("a list of runs says why, and the last words where they say more", () => {
  const failed = { runStatus: "failed", error: "command exited with code 1" } as const;
  expect(whyAndWords(run({ ...failed, stderr: "no space left\n" }))).toBe("exit code 1 — no space left");
  expect(whyAndWords(run(failed))).toBe("exit code 1");
  expect(whyAndWords(run({ runStatus: "awaiting_approval" }))).toBe("a person has to approve it");
});

it.each([
  ["announce/telegram/-100", [], "telegram -100"],
  ["announce/irc/#ops", ["@ops", "@all"], "@ops (irc #ops)"],
  ["webhook/https://x.example/hook?key=1", undefined, "https://x.example/hook"],
] as const)("the lane %s reads %s", (lane, names, said) => {
  expect(laneText(lane, names)).toBe(said);
});

it("what a command says of what it looks after", () => {
  const condition = {
    running: true,
    completed: false,
    level: "warn",
    message: "3 of 6",
    atMs: 9,
    movedAtMs: 0,
  } as const;
  expect(conditionText(condition, 0)).toMatch(/^running, warn, 3 of 6 \(since \d\d:00\)$/);
});

describe("how a job did in a month", () => {
  it("is one line, never rounded up to all", () => {
    const stats = { jobId: "1", name: "x", enabled: true, runs: 2_000, ok: 1_999, error: 1, okRate: 1_999 / 2_000 };
    const none = { canceled: 0, skipped: 0, retried: 0, outputBytes: 0, cpuMs: 0, days: [] };
    const durationMs = { p50: 4_000, p95: 12_000, max: 90_000 };
    expect(statsText({ ...stats, ...none, durationMs, slow: true })).toBe(
      "2,000 runs, 99.9 % ok, median 4.0 s, 95 % within 12 s; slower of late",
    );
    expect(statsText({ jobId: "1", name: "x", enabled: true, ...none, runs: 0, ok: 0, error: 0 })).toBe("0 runs");
  });
});
