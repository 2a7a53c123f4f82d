import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countRunDays } from "../../schema/ledger/0002-stats.ts";
import { createStats } from "../../src/engine/jobs/stats.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openDatabase } from "../../src/ledger/sql/index.ts";
import type { Bench } from "../lib/bench.ts";
import { figure } from "../lib/figure.ts";
import { fillerId, openBenchLedger } from "../lib/fill.ts";
import { median } from "../lib/stats.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const STATS_JOBS = 1_000;
const SPAN_DAYS = 60;
const TAGGED_JOBS = 100_000;
const TIMES = 20;
const ROUNDS = 5;

/** Runs of some jobs over two months, of all durations, one in fifty failed; and the days they make. */
function fillEnded(dir: string, runs: number): void {
  const db = openDatabase(join(dir, "ledger.sqlite"));
  const newestMs = systemClock.nowMs() - HOUR_MS;
  db.exec(`
    BEGIN;
    INSERT INTO runs (id, job_id, job_name, job_revision, trigger, scheduled_for_ms, status, pool, exclusive, queued_at_ms,
        ready_at_ms, started_at_ms, ended_at_ms, attempt)
      WITH RECURSIVE counted (n, at_ms) AS (
        SELECT 0, ${newestMs} UNION ALL
        SELECT n + 1, ${newestMs} - CAST((n + 1) * ${(SPAN_DAYS * DAY_MS) / runs} AS INTEGER) FROM counted WHERE n + 1 < ${runs}
      )
      SELECT 'run-' || n, 'filler-' || (n % ${STATS_JOBS}), 'filler', 1, 'schedule', at_ms,
        iif(n % 50 = 0, 'failed', 'succeeded'), 'default', 1, at_ms, at_ms, at_ms + n % 90, at_ms + n % 90 + (n * 7919) % 60000, 1
      FROM counted;
    ${countRunDays(runs)}
    COMMIT;`);
  db.close();
}

function fillTagged(bench: Bench, dir: string): void {
  const ledger = openBenchLedger(dir);
  const nowMs = systemClock.nowMs();
  ledger.transaction(() => {
    for (let index = 0; index < TAGGED_JOBS / (bench.quick ? 10 : 1); index += 1) {
      ledger.jobs.insert({
        id: fillerId(index),
        origin: "plugin",
        definition: {
          name: `filler ${index}`,
          schedule: { kind: "every", everyMs: HOUR_MS },
          payload: { kind: "command", argv: ["true"] },
          delivery: { mode: "none" },
          tags: [...(index % 2 === 0 ? ["half"] : []), ...(index % 2_000 === 0 ? ["few"] : [])],
        },
        enabled: true,
        createdAtMs: nowMs,
        cursorMs: nowMs,
        nextDueMs: nowMs + HOUR_MS + index,
      });
    }
  });
  ledger.checkpoint();
  ledger.close();
}

/** Median CPU of some calls, milliseconds. */
function cpu(work: () => unknown): number {
  const each = Array.from({ length: TIMES }, () => {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1_000;
  });
  return median(each);
}

export const stats = figure({
  name: "stats",
  title: "Statistics and tags at size",
  rows: {
    all: { label: "1,000,000 runs: all together and the first 50 of 1,000 jobs, 30 days, CPU", unit: "ms" },
    job: { label: "1,000,000 runs: one job, a year, CPU", unit: "ms" },
    "count-control": { label: "1,000,000 runs: a plain SELECT count(*) of them, CPU", unit: "ms" },
    "tag-many": { label: "100,000 jobs: a page of a tag that half of them bear, CPU", unit: "ms" },
    "tag-few": { label: "100,000 jobs: a page of a tag that 50 bear, CPU", unit: "ms" },
    "tag-both": { label: "100,000 jobs: a page of both tags, by name, CPU", unit: "ms" },
    "tag-control": { label: "100,000 jobs: a page without a filter, CPU", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    const dir = await mkdtemp(join(tmpdir(), "cc-bench-stats-"));
    try {
      fillTagged(bench, dir);
      const ended = bench.quick ? 100_000 : 1_000_000;
      fillEnded(dir, ended);
      const ledger = openBenchLedger(dir);
      const counting = openDatabase(ledger.path);
      const page = { limit: 50, offset: 0 };
      const { stats: ask } = createStats(ledger, systemClock);
      const seen = ask({ ...page, id: fillerId(7), sinceMs: 0 }).jobs[0]?.runs;
      if (seen !== ended / STATS_JOBS) throw new Error(`the fill is wrong: ${seen} runs of a job`);
      const list = (query: object) => ledger.jobs.list({ ...page, ...query });
      for (let round = 0; round < ROUNDS; round += 1) {
        record(
          "all",
          cpu(() => ask(page)),
        );
        record(
          "job",
          cpu(() => ask({ ...page, id: fillerId(7), sinceMs: systemClock.nowMs() - 365 * DAY_MS })),
        );
        record(
          "count-control",
          cpu(() => counting.get("SELECT count(*) AS n FROM runs")),
        );
        record(
          "tag-many",
          cpu(() => list({ tags: ["half"] })),
        );
        record(
          "tag-few",
          cpu(() => list({ tags: ["few"] })),
        );
        record(
          "tag-both",
          cpu(() => list({ tags: ["half", "few"], sortBy: "name" })),
        );
        record(
          "tag-control",
          cpu(() => list({})),
        );
      }
      counting.close();
      ledger.close();
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
});
