import { systemClock } from "../../src/kernel/clock.ts";
import type { Ledger } from "../../src/ledger/types.ts";
import { figure, type Recorder, type RowSpec } from "../lib/figure.ts";
import { addRun, addRuns, openBenchLedger } from "../lib/fill.ts";
import { median, quantile } from "../lib/stats.ts";
import { inTempDir } from "../lib/temp-dir.ts";

const DAY_MS = 86_400_000;
const JOBS = 1_000;
/** What the service's own upkeep looks at in one step. */
const BUDGET = 100;
const COMMITS = 2_000;
const PRUNE_STEPS = 300;
const QUICK_PRUNE_STEPS = 100;

const ROWS = {
  "list-small": { label: "newest page of 50 runs, 1,000 runs in the ledger, p50", unit: "ms" },
  "list-newest": { label: "newest page of 50 runs, 1,000,000 in the ledger, p50", unit: "ms" },
  "list-job": { label: "newest page of one job's 1,000 runs, p50", unit: "ms" },
  "list-deep": { label: "page at offset 10,000, p50", unit: "ms" },
  "list-errors": { label: "newest page of failed runs (there are none), p50", unit: "ms" },
  "list-search": { label: "text that nothing has, one job's 1,000 runs, p50", unit: "ms" },
  "prune-step-p50": { label: "one step of pruning (100 rows), p50", unit: "ms" },
  "prune-step-p99": { label: "one step of pruning, p99: the longest it holds the loop", unit: "ms" },
  "prune-rate": { label: "rows pruned a second, steps back to back", unit: "/s" },
  "commit-p50": { label: "one commit of one run, p50", unit: "ms" },
  "commit-p99": { label: "one commit of one run, p99", unit: "ms" },
  "commit-max": { label: "one commit of one run, longest: the log is folded into the database", unit: "ms" },
  "insert-rate": { label: "rows written a second, in bulk", unit: "/s" },
} satisfies Record<string, RowSpec>;
type HistoryRow = keyof typeof ROWS;

export const history = figure<HistoryRow>({
  name: "history",
  title: "A million runs in the ledger",
  rows: ROWS,
  plots: [],
  async measure(bench, record) {
    await inTempDir("history", async (dir) => {
      const ledger = openBenchLedger(dir);
      try {
        measureLedger(ledger, bench.quick, record);
      } finally {
        ledger.close();
      }
    });
  },
});

function measureLedger(ledger: Ledger, quick: boolean, record: Recorder<HistoryRow>): void {
  const p50 = (query: object): number =>
    median(Array.from({ length: 30 }, () => timed(() => ledger.runs.list({ limit: 50, offset: 0, ...query }))));
  addRuns(ledger, 1_000, 10, 20 * DAY_MS);
  record("list-small", p50({}));
  const rows = quick ? 100_000 : 1_000_000;
  const fillMs = timed(() => addRuns(ledger, rows, JOBS, 60 * DAY_MS));
  record("insert-rate", rows / (fillMs / 1_000));
  for (let round = 0; round < 3; round += 1) {
    record("list-newest", p50({}));
    record("list-job", p50({ jobId: "filler-7" }));
    record("list-deep", p50({ offset: 10_000 }));
    record("list-errors", p50({ statuses: ["error"] }));
    record("list-search", p50({ jobId: "filler-7", text: "zzz" }));
  }
  for (let round = 0; round < 3; round += 1) {
    const commits = Array.from({ length: COMMITS }, (_, index) =>
      timed(() => addRun(ledger, `commit-${round}-${index}`, index % JOBS, systemClock.nowMs())),
    );
    record("commit-p50", median(commits));
    record("commit-p99", quantile(commits, 0.99));
    record("commit-max", Math.max(...commits));
  }
  for (let round = 0; round < 3; round += 1) {
    let pruned = 0;
    const steps = Array.from({ length: quick ? QUICK_PRUNE_STEPS : PRUNE_STEPS }, () =>
      timed(() => {
        const report = ledger.prune({ nowMs: systemClock.nowMs(), days: 30, runsPerJob: 2_000, budget: BUDGET });
        pruned += report.runsPruned;
      }),
    );
    record("prune-step-p50", median(steps));
    record("prune-step-p99", quantile(steps, 0.99));
    record("prune-rate", pruned / (steps.reduce((sum, ms) => sum + ms, 0) / 1_000));
  }
}

/** Not a moment more than the work, which ends in the same turn. */
function timed(work: () => unknown): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
