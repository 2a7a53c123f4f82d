import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { countRunDays } from "../../../schema/ledger/0002-stats.ts";
import type { RunStatus } from "../../../schema/wire/run.ts";
import { statsOf } from "../../../src/engine/jobs/stats.ts";
import { addHistograms } from "../../../src/ledger/sql/histograms.ts";
import { createTestLedger, newJob, newRun, type TestLedger } from "../../helpers/ledger.ts";

const DAY_MS = 86_400_000;
const nothing = new Uint8Array();
let test: TestLedger;
let serial = 0;
beforeEach(() => {
  test = createTestLedger();
  for (const id of ["a", "b"]) test.ledger.jobs.insert(newJob(id));
});

interface Ran {
  status?: RunStatus;
  attempts?: number;
  dueMs?: number;
  bytes?: number;
  cpuMs?: number;
  peakMemoryBytes?: number;
}

/** A run from its row to its end, as the engine writes it. */
function ran(
  jobId: string,
  startMs: number,
  tookMs: number,
  { status = "succeeded", attempts = 1, dueMs, ...used }: Ran = {},
): void {
  const { runs, attempts: store } = test.ledger;
  serial += 1;
  const id = `r-${serial}`;
  const scheduled = dueMs === undefined ? {} : { scheduledForMs: dueMs, trigger: "schedule" as const };
  runs.insert(newRun(id, jobId, { queuedAtMs: startMs, readyAtMs: startMs, ...scheduled }));
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) runs.requeue(id, startMs);
    runs.begin(id, startMs);
    store.begin({ runId: id, attempt, jobId, owner: "o", startedAtMs: startMs });
    store.end(id, attempt, {
      endedAtMs: startMs + tookMs,
      outcome: "exited",
      stdout: { bytes: used.bytes ?? 0, head: nothing, tail: nothing },
      stderr: { bytes: 1, head: nothing, tail: nothing },
      actionLines: [],
      resources: { source: "sampled", cpuMs: used.cpuMs ?? 0, peakMemoryBytes: used.peakMemoryBytes ?? 0 },
      log: { bytes: 0, droppedBytes: 0 },
    });
  }
  for (let attempt = 1; attempt <= attempts; attempt += 1) store.markLogGone(id, attempt);
  runs.settle(id, { status, endedAtMs: startMs + tookMs, deliveryStatus: "not-requested" });
}

const span = { sinceMs: 0, untilMs: 100 * DAY_MS };
const stats = (jobId?: string, over = span) => statsOf(test.ledger.stats.days(jobId, over));

describe("the days of runs", () => {
  it("count every end once, for its job and for all, by the day it ended on", () => {
    ran("a", DAY_MS - 500, 1_000, { dueMs: DAY_MS - 700, bytes: 99, cpuMs: 40, peakMemoryBytes: 5_000 });
    ran("a", DAY_MS + 5_000, 2_000, { status: "failed", bytes: 9, peakMemoryBytes: 9_000 });
    ran("a", 2 * DAY_MS, 4_000, { attempts: 3, cpuMs: 10 });
    ran("b", 2 * DAY_MS, 8_000, { status: "timed_out" });
    ran("b", 2 * DAY_MS + 9_000, 1, { status: "canceled" });
    ran("b", 2 * DAY_MS + 10_000, 1, { status: "skipped" });
    expect(stats("a")).toMatchObject({
      ...{ runs: 3, ok: 2, error: 1, canceled: 0, skipped: 0, retried: 1, okRate: 2 / 3 },
      ...{ outputBytes: 99 + 9 + 5, cpuMs: 70, peakMemoryBytes: 9_000 },
      durationMs: { max: 4_000 },
      latenessMs: { max: 200 },
      days: [
        { atMs: DAY_MS, runs: 2, error: 1 },
        { atMs: 2 * DAY_MS, runs: 1, error: 0 },
      ],
    });
    expect(stats()).toMatchObject({ runs: 6, ok: 2, error: 2, canceled: 1, skipped: 1, okRate: 0.5 });
    expect(stats("a", { sinceMs: 2 * DAY_MS, untilMs: 3 * DAY_MS }).runs).toBe(1);
    expect(stats("nobody")).toMatchObject({ runs: 0, days: [] });
    expect(stats("nobody")).not.toHaveProperty("okRate");
  });

  it("are what an earlier ledger's runs say, and outlive the runs", () => {
    for (let n = 0; n < 40; n += 1) {
      const at = DAY_MS + n * 7_000_000;
      ran(n % 3 === 0 ? "a" : "b", at, (n * 37) % 5_000, {
        ...(n % 2 === 0 ? { dueMs: at - n } : {}),
        status: n % 5 === 0 ? "failed" : "succeeded",
      });
    }
    const ends = (jobId?: string) => {
      const { outputBytes: _bytes, cpuMs: _cpu, peakMemoryBytes: _memory, ...rest } = stats(jobId);
      return rest;
    };
    const before = [ends("a"), ends("b"), ends()];
    const db = new DatabaseSync(test.ledger.path);
    addHistograms(db);
    db.exec(`DELETE FROM run_days; ${countRunDays()}`);
    db.close();
    expect([ends("a"), ends("b"), ends()]).toEqual(before);
    const rule = { nowMs: 300 * DAY_MS, days: 1, runsPerJob: 1, budget: 1_000 };
    for (let step = 0; step < 5; step += 1) test.ledger.prune(rule);
    expect(test.ledger.runs.count().total).toBe(0);
    expect([ends("a"), ends("b"), ends()]).toEqual(before);
    for (let step = 0; step < 5; step += 1) test.ledger.prune({ ...rule, nowMs: 500 * DAY_MS });
    expect(stats().runs, "days of more than a year ago").toBe(0);
  });

  it("say nothing of runs that never started, and go with their job", () => {
    test.ledger.runs.insert(newRun("waiting", "a"));
    test.ledger.runs.settle("waiting", { status: "canceled", endedAtMs: 5, deliveryStatus: "not-requested" });
    expect(stats("a").runs).toBe(0);
    ran("a", DAY_MS, 5);
    test.ledger.jobs.remove("a");
    expect([stats("a").runs, stats().runs]).toEqual([0, 1]);
  });

  it("are no obstacle where a row is damaged", () => {
    ran("a", DAY_MS, 5);
    const db = new DatabaseSync(test.ledger.path);
    db.exec("UPDATE run_days SET durations = '{', lateness = '[1]'");
    db.close();
    ran("a", DAY_MS + 10, 5);
    expect(stats("a")).toMatchObject({ runs: 2, durationMs: { max: 5 } });
  });
});
