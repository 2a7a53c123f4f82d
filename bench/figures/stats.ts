import { join } from "node:path";
import { countRunDays } from "../../schema/ledger/0002-stats.ts";
import { createStats } from "../../src/engine/jobs/stats.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openDatabase } from "../../src/ledger/sql/index.ts";
import { medianCpuOf } from "../lib/cpu.ts";
import { figure, type RowSpec } from "../lib/figure.ts";
import { fillerId, fillJobs, openBenchLedger } from "../lib/fill.ts";
import { inTempDir } from "../lib/temp-dir.ts";

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

const tagsOf = (index: number): string[] => [
  ...(index % 2 === 0 ? ["half"] : []),
  ...(index % 2_000 === 0 ? ["few"] : []),
];

const ROWS = {
  all: { label: "1,000,000 runs: all together and the first 50 of 1,000 jobs, 30 days, CPU", unit: "ms" },
  job: { label: "1,000,000 runs: one job, a year, CPU", unit: "ms" },
  "count-control": { label: "1,000,000 runs: a plain SELECT count(*) of them, CPU", unit: "ms" },
  "tag-many": { label: "100,000 jobs: a page of a tag that half of them bear, CPU", unit: "ms" },
  "tag-few": { label: "100,000 jobs: a page of a tag that 50 bear, CPU", unit: "ms" },
  "tag-both": { label: "100,000 jobs: a page of both tags, by name, CPU", unit: "ms" },
  "tag-control": { label: "100,000 jobs: a page without a filter, CPU", unit: "ms" },
} satisfies Record<string, RowSpec>;
type StatsRow = keyof typeof ROWS;

export const stats = figure<StatsRow>({
  name: "stats",
  title: "Statistics and tags at size",
  rows: ROWS,
  plots: [],
  async measure(bench, record) {
    await inTempDir("stats", async (dir) => {
      fillJobs(dir, TAGGED_JOBS / (bench.quick ? 10 : 1), fillerId, tagsOf);
      const ended = bench.quick ? 100_000 : 1_000_000;
      fillEnded(dir, ended);
      const ledger = openBenchLedger(dir);
      const counting = openDatabase(ledger.path);
      const page = { limit: 50, offset: 0 };
      const { stats: ask } = createStats(ledger, systemClock);
      const seen = ask({ ...page, id: fillerId(7), sinceMs: 0 }).jobs[0]?.runs;
      if (seen !== ended / STATS_JOBS) throw new Error(`the fill is wrong: ${seen} runs of a job`);
      const list = (query: object) => () => ledger.jobs.list({ ...page, ...query });
      const questions: Record<StatsRow, () => unknown> = {
        all: () => ask(page),
        job: () => ask({ ...page, id: fillerId(7), sinceMs: systemClock.nowMs() - 365 * DAY_MS }),
        "count-control": () => counting.get("SELECT count(*) AS n FROM runs"),
        "tag-many": list({ tags: ["half"] }),
        "tag-few": list({ tags: ["few"] }),
        "tag-both": list({ tags: ["half", "few"], sortBy: "name" }),
        "tag-control": list({}),
      };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [row, question] of Object.entries(questions) as [StatsRow, () => unknown][]) {
          record(row, await medianCpuOf(question, TIMES));
        }
      }
      counting.close();
      ledger.close();
    });
  },
});
