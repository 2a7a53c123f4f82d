import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/kernel/clock.ts";
import { figure } from "../lib/figure.ts";
import { addRun, addRuns, openBenchLedger } from "../lib/fill.ts";
import { median, quantile } from "../lib/stats.ts";

const DAY_MS = 86_400_000;
const JOBS = 1_000;
/** What the service's own upkeep looks at in one step. */
const BUDGET = 100;
const COMMITS = 2_000;
const PRUNE_STEPS = 300;
const QUICK_PRUNE_STEPS = 100;

export const history = figure({
  name: "history",
  title: "A million runs in the ledger",
  rows: {
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
  },
  plots: [],
  async measure(bench, record) {
    const dir = await mkdtemp(join(tmpdir(), "cc-bench-history-"));
    const rows = bench.quick ? 100_000 : 1_000_000;
    const ledger = openBenchLedger(dir);
    const timed = (work: () => unknown): number => {
      const begin = performance.now();
      work();
      return performance.now() - begin;
    };
    const p50 = (work: () => unknown): number => median(Array.from({ length: 30 }, () => timed(work)));
    const page = { limit: 50, offset: 0 };
    try {
      addRuns(ledger, 1_000, 10, 20 * DAY_MS);
      const small = (): number => p50(() => ledger.runs.list(page));
      const first = small();
      const fillMs = timed(() => addRuns(ledger, rows, JOBS, 60 * DAY_MS));
      record("insert-rate", rows / (fillMs / 1_000));
      record("list-small", first);
      for (let round = 0; round < 3; round += 1) {
        record(
          "list-newest",
          p50(() => ledger.runs.list(page)),
        );
        record(
          "list-job",
          p50(() => ledger.runs.list({ ...page, jobId: "filler-7" })),
        );
        record(
          "list-deep",
          p50(() => ledger.runs.list({ ...page, offset: 10_000 })),
        );
        record(
          "list-errors",
          p50(() => ledger.runs.list({ ...page, statuses: ["error"] })),
        );
        record(
          "list-search",
          p50(() => ledger.runs.list({ ...page, jobId: "filler-7", text: "zzz" })),
        );
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
        const steps = Array.from({ length: bench.quick ? QUICK_PRUNE_STEPS : PRUNE_STEPS }, () =>
          timed(() => {
            const report = ledger.prune({ nowMs: systemClock.nowMs(), days: 30, runsPerJob: 2_000, budget: BUDGET });
            pruned += report.runsPruned;
          }),
        );
        record("prune-step-p50", median(steps));
        record("prune-step-p99", quantile(steps, 0.99));
        record("prune-rate", pruned / (steps.reduce((sum, ms) => sum + ms, 0) / 1_000));
      }
    } finally {
      ledger.close();
      await rm(dir, { recursive: true, force: true });
    }
  },
});
