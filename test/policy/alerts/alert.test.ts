import { describe, expect, it } from "vitest";
import {
  type AlertQuestion,
  causeKey,
  DEFAULT_ALERT,
  type OpenIncident,
  outcomeWords,
} from "../../../src/policy/alerts/alert.ts";
import { type AlertRun, alertSettings, decideAlert } from "../../../src/policy/alerts/index.ts";
import { alertAbout, alertText, maskLikelySecrets, recoveryText } from "../../../src/policy/text/index.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 21, 6);
const exit = (code: number): AlertRun => ({
  status: code === 0 ? "succeeded" : "failed",
  outcome: "exited",
  exitCode: code,
});
const decide = (
  run: AlertRun,
  consecutiveErrors: number,
  open: OpenIncident[] = [],
  more: Partial<AlertQuestion> = {},
) => decideAlert({ settings: DEFAULT_ALERT, open, run, consecutiveErrors, nowMs: NOW, ...more });

describe("alerts", () => {
  it("say one thing about ten failures and one about the recovery", () => {
    const open: OpenIncident[] = [];
    const said: string[] = [];
    const runs = [...Array.from({ length: 10 }, () => exit(1)), exit(0), exit(0)];
    runs.forEach((run, index) => {
      const nowMs = NOW + index * 5 * HOUR;
      const decision = decide(run, run.status === "failed" ? index + 1 : 0, open, { nowMs });
      if (decision.verdict === "open")
        open.push({ cause: decision.cause, ...(decision.notify ? { notifiedAtMs: nowMs } : {}) });
      if (decision.verdict === "close") open.length = 0;
      if (decision.verdict !== "none" && decision.notify) said.push(`${index}: ${decision.verdict}`);
    });
    expect(said).toEqual(["1: open", "10: close"]);
  });

  it("wait for the threshold", () => {
    expect(decide(exit(1), 1)).toEqual({ verdict: "none" });
    expect(decide(exit(1), 2)).toEqual({ verdict: "open", cause: "exit:1", notify: true });
    expect(decide(exit(1), 1, [], { settings: { ...DEFAULT_ALERT, after: 1 } }).verdict).toBe("open");
  });

  it("count repeats of an open incident without a word", () => {
    const open = [{ cause: "exit:1", notifiedAtMs: NOW - 100 * HOUR }];
    expect(decide(exit(1), 3, open)).toEqual({ verdict: "repeat", cause: "exit:1", notify: false });
  });

  it("hold the message about a further cause back until the cooldown is over", () => {
    const first = { cause: "exit:1", notifiedAtMs: NOW - HOUR / 2 };
    expect(decide(exit(2), 3, [first])).toEqual({ verdict: "open", cause: "exit:2", notify: false });
    const both = [first, { cause: "exit:2" }];
    expect(decide(exit(2), 4, both)).toEqual({ verdict: "repeat", cause: "exit:2", notify: false });
    expect(decide(exit(2), 5, both, { nowMs: NOW + HOUR })).toEqual({
      verdict: "repeat",
      cause: "exit:2",
      notify: true,
    });
    expect(decide(exit(2), 3, [{ ...first, notifiedAtMs: NOW - HOUR }])).toMatchObject({
      verdict: "open",
      notify: true,
    });
    // Told at this very instant, and told later than now: the clock has been set back since.
    expect([0, 1].map((ms) => decide(exit(2), 3, [{ ...first, notifiedAtMs: NOW + ms }]))).toMatchObject([
      { notify: false },
      { notify: true },
    ]);
  });

  it("are repeated once when a silence is over, and not when nobody asked for one or the failure is taken note of", () => {
    const told = { cause: "exit:1", notifiedAtMs: NOW - 9 * HOUR };
    const again = (incident: Partial<OpenIncident>, snoozedUntilMs?: number) => {
      const decision = decide(exit(1), 3, [{ ...told, ...incident }], { snoozedUntilMs });
      return decision.verdict === "repeat" && decision.notify;
    };
    expect(again({ snoozedUntilMs: NOW })).toBe(true);
    expect(again({ snoozedUntilMs: NOW + 1 })).toBe(false);
    expect(again({ snoozedUntilMs: NOW - 9 * HOUR })).toBe(false);
    expect(again({ snoozedUntilMs: NOW, ackedAtMs: NOW })).toBe(false);
    expect(again({ snoozedUntilMs: NOW }, NOW + 1)).toBe(false);
    expect(again({ snoozedUntilMs: NOW }, NOW)).toBe(true);
  });

  it("close every incident with a success and tell of it only where a failure was told", () => {
    const open = [{ cause: "exit:1", notifiedAtMs: NOW }, { cause: "timed_out" }];
    expect(decide(exit(0), 0, open)).toEqual({ verdict: "close", causes: ["exit:1", "timed_out"], notify: true });
    expect(decide(exit(0), 0, [{ cause: "exit:1" }])).toMatchObject({ verdict: "close", notify: false });
    expect(decide(exit(0), 0, open, { settings: undefined })).toMatchObject({ verdict: "close", notify: false });
    expect(decide(exit(0), 0)).toEqual({ verdict: "none" });
  });

  it("look at skipped occurrences only where asked to, in a count of their own", () => {
    const skipped: AlertRun = { status: "skipped", reason: "overlap" };
    expect(decide(skipped, 5, [], { consecutiveSkipped: 5 })).toEqual({ verdict: "none" });
    const settings = { ...DEFAULT_ALERT, includeSkipped: true };
    expect(decide(skipped, 5, [], { settings, consecutiveSkipped: 1 })).toEqual({ verdict: "none" });
    expect(decide(skipped, 0, [], { settings, consecutiveSkipped: 2 })).toMatchObject({ cause: "skipped:overlap" });
  });

  it("say nothing about a canceled or unfinished run, or when switched off", () => {
    for (const status of ["canceled", "queued", "running"] as const) {
      expect(decide({ status }, 9)).toEqual({ verdict: "none" });
    }
    expect(decide(exit(1), 9, [], { settings: undefined })).toEqual({ verdict: "none" });
  });
});

describe("alert settings", () => {
  it("are the job's, then the config's, then the gateway's defaults", () => {
    expect(alertSettings(undefined, undefined)).toEqual({ after: 2, cooldownMs: HOUR, includeSkipped: false });
    expect(alertSettings({ after: 5 }, { after: 3, cooldownMs: 10 })).toEqual({
      after: 5,
      cooldownMs: 10,
      includeSkipped: false,
    });
    expect(alertSettings(false, { after: 3 })).toBeUndefined();
  });
});

describe("causes", () => {
  it.each<[AlertRun, cause: string, words: string]>([
    [exit(1), "exit:1", "exit 1"],
    [exit(2), "exit:2", "exit 2"],
    [{ status: "failed", outcome: "exited" }, "exit:unknown", "exit ?"],
    [{ status: "failed", outcome: "signaled", signal: "SIGKILL" }, "signal:SIGKILL", "SIGKILL"],
    [{ status: "failed", outcome: "signaled" }, "signal:unknown", "ended by a signal"],
    [
      { status: "failed", outcome: "spawn_failed", errorCode: "PROGRAM_NOT_FOUND" },
      "start:PROGRAM_NOT_FOUND",
      "not started",
    ],
    [{ status: "failed", outcome: "spawn_failed" }, "start:unknown", "not started"],
    [{ status: "failed", outcome: "verify_failed" }, "verify_failed", "failed"],
    [{ status: "failed", outcome: "status_failed" }, "status_failed", "not well"],
    [{ status: "timed_out", outcome: "timed_out" }, "timed_out", "timed out"],
    [{ status: "timed_out", outcome: "silent" }, "no_output", "no output"],
    [{ status: "timed_out", outcome: "stalled" }, "no_progress", "no progress"],
    [{ status: "timed_out" }, "timed_out", "timed out"],
    [{ status: "lost", outcome: "lost" }, "lost", "lost"],
    [{ status: "failed" }, "failed", "failed"],
    [{ status: "skipped", reason: "overlap" }, "skipped:overlap", "skipped: overlap"],
    [{ status: "skipped" }, "skipped:unknown", "skipped: no reason known"],
    [{ status: "missed", reason: "misfire_policy" }, "missed:misfire_policy", "missed: misfire_policy"],
  ])("of %o is %s, in words: %s", (run, cause, words) => {
    expect([causeKey(run), outcomeWords(run)]).toEqual([cause, words]);
  });
});

describe("alert texts", () => {
  const facts = {
    jobId: "3f2a",
    jobName: "Queue depth\nprobe",
    cause: "command exited with code 7",
    times: 3,
    startedAtMs: NOW - 5_000,
    durationMs: 4_200,
    hostName: "web-1",
    outcome: "exit 7",
    runId: "77aa",
    nextAtMs: NOW + 5 * 60_000,
    lastOkAtMs: NOW - 2 * HOUR,
    text: "one\n\ntwo\nthree\nfour\nfive\nsix password=hunter2\n",
    nowMs: NOW,
    tz: "Europe/Berlin",
  };

  it("say what, where and how often first, then why, the last words, what comes next and where to look", () => {
    const { text, code, brief } = alertText(facts);
    expect(text.slice(...code)).toBe("two\nthree\nfour\nfive\nsix password=***");
    expect(brief).toBe(text.replace(/Last words:\n(.*\n){5}/, ""));
    expect(text).toBe(
      [
        "✗ Queue depth probe on web-1 · exit 7 · 3rd in a row",
        "Cause: command exited with code 7",
        "Last run: 2026-11-21 06:59:55 +01:00, 4.2 s long",
        "Last words:",
        "two",
        "three",
        "four",
        "five",
        "six password=***",
        "Last good run: 2026-11-21 05:00:00 +01:00, 2 h ago",
        "Next try: 07:05",
        "Log: openclaw command-cron logs 77aa",
      ].join("\n"),
    );
  });

  it("leave out what is not known", () => {
    const { hostName: _host, runId: _run, startedAtMs: _at, lastOkAtMs: _ok, nextAtMs: _next, ...known } = facts;
    const { text, code } = alertText({ ...known, outcome: "skipped: overlap", times: 1, text: "" });
    expect(text.slice(...code)).toBe("");
    expect(text.split("\n")).toEqual([
      "✗ Queue depth probe · skipped: overlap",
      "Cause: command exited with code 7",
      "Last good run: none so far",
      "Next try: none is to come",
      "Look closer: openclaw command-cron runs 3f2a",
    ]);
  });

  it.each([
    [1, "exit 7"],
    [2, "exit 7 · 2nd in a row"],
    [11, "exit 7 · 11th in a row"],
    [21, "exit 7 · 21st in a row"],
    [112, "exit 7 · 112th in a row"],
  ])("count %i", (times, words) => {
    expect(alertAbout({ outcome: "exit 7", times })).toBe(words);
  });

  it("tell of a recovery in one line", () => {
    const recovery = { jobName: "probe", hostName: "web-1", openedAtMs: NOW - HOUR, nowMs: NOW };
    expect(recoveryText({ ...recovery, failures: 10 })).toBe(
      "✓ probe on web-1 · well again · after 10 failed runs · open for 1 h",
    );
    expect(recoveryText({ ...recovery, failures: 1 })).toContain("after 1 failed run ·");
  });

  it("hide what looks like a secret", () => {
    const masked = maskLikelySecrets(
      'API_KEY=abc123 token: "x y z" Authorization: Bearer abcdefgh12345 https://bob:pw@host/ sk-abcdefghijklmnop ok=1',
    );
    for (const secret of ["abc123", "x y z", "abcdefgh12345", ":pw@", "abcdefghijklmnop"])
      expect(masked).not.toContain(secret);
    expect(masked).toContain("ok=1");
    expect(masked).toContain("https://bob:***@host/");
  });
});
