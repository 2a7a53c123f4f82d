import { describe, expect, it } from "vitest";
import type { SummaryEntry } from "../../../schema/wire/calls/jobs.ts";
import type { EngineApi } from "../../../src/engine/api.ts";
import { page } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

const HOUR = 3_600_000;
const totals = { runs: 4, ok: 3, error: 1, skipped: 0, missed: 0 };
const jobs: SummaryEntry[] = [
  {
    ...{ jobId: "11111111-aaaa", name: "backup", source: "command", kind: "command", enabled: true, state: "ok" },
    ...{ schedule: { kind: "every", everyMs: HOUR }, consecutiveOk: 3, consecutiveErrors: 0, totals, okRate: 75 },
    ...{ lastRunAtMs: NOW - HOUR, nextRunAtMs: NOW + HOUR, lastOkAtMs: NOW - HOUR },
  },
  {
    ...{ jobId: "22222222-bbbb", name: "news", source: "gateway", kind: "agentTurn", enabled: true, state: "error" },
    ...{ schedule: {}, consecutiveOk: 0, consecutiveErrors: 2, totals, okRate: 60, lastOkAtMs: NOW - 48 * HOUR },
  },
  {
    ...{ jobId: "33333333-cccc", name: "remind", source: "gateway", kind: "systemEvent", enabled: true, state: "ok" },
    ...{ schedule: {}, consecutiveOk: 1, consecutiveErrors: 0, totals, enqueuedOnly: true },
  },
];
const answers: Partial<EngineApi> = { summary: () => ({ jobs, ...page, total: 3 }) };

describe("summary", () => {
  it("is everything that is scheduled here on one screen", async () => {
    const { stdout, code } = await command(["summary"], { answers });
    expect(code).toBe(0);
    for (const line of [
      /^ID +Name +Kind +State +Last +Next +Streak +Ok +Last good$/m,
      /^11111111 +backup +command +ok +1 h ago +in 1 h +3 ok +75 % +1 h ago$/m,
      /^22222222 +news +agentTurn +error +- +- +2 failed +60 % +2 d ago$/m,
      /^33333333 +remind +systemEvent +ok \(enqueued\) +- +- +1 ok +- +-$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("is what `list --all-cron` shows, and asks for what was meant", async () => {
    const { stdout, asked } = await command(["list", "--all-cron", "--query", "news", "--limit", "5"], { answers });
    expect(stdout).toContain("agentTurn");
    expect(asked).toEqual([["summary", { query: "news", limit: 5 }]]);
    const { asked: narrowed } = await command(["summary", "--source", "gateway"], { answers });
    expect(narrowed).toEqual([["summary", { source: "gateway" }]]);
  });
});

it("`runs --all-cron` asks for the ends of the gateway's jobs as well, and shows what is known of them", async () => {
  const entry = {
    ...{
      ts: NOW,
      runId: "44444444-d",
      jobId: "33333333-cccc",
      jobName: "remind",
      source: "gateway",
      action: "finished",
    },
    ...{ runStatus: "succeeded", status: "ok", trigger: "schedule", outcome: null, exitCode: null, signal: null },
    ...{ scheduledForMs: null, deliveryStatus: "not-requested", enqueued: true, runAtMs: NOW - 1_000, durationMs: 20 },
  };
  const allRuns = () => ({ entries: [entry], ...page, total: 1 }) as unknown as ReturnType<EngineApi["allRuns"]>;
  const { stdout, asked } = await command(["runs", "--all-cron", "--status", "ok"], { answers: { allRuns } });
  expect(stdout).toMatch(/remind +gateway .* succeeded +enqueued/);
  expect(asked.at(-1)).toEqual(["runs", { allCron: true, status: "ok" }]);
});
