/**
 * Measures the ledger by itself: cycles a second, the due query at 100,000 jobs, pages at 1,000,000 runs, pruning,
 * opening, and how long a commit holds the event loop. Prints one JSON line a measurement.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/kernel/clock.ts";
import { silentLogger } from "../src/kernel/logger.ts";
import { openLedger } from "../src/ledger/index.ts";
import type { JobDefinition, Ledger, NewRun } from "../src/ledger/types.ts";

const JOBS = Number(process.env["BENCH_JOBS"] ?? 100_000);
const RUNS = Number(process.env["BENCH_RUNS"] ?? 1_000_000);
const START_MS = 1_700_000_000_000;

const dir = mkdtempSync(join(tmpdir(), "cc-bench-"));
const open = (): Ledger => openLedger({ dir, clock: systemClock, logger: silentLogger });
const nothing = new Uint8Array();
let serial = 0;

const id = (): string => {
  serial += 1;
  return `${((serial * 2_654_435_761) >>> 0).toString(16).padStart(8, "0")}-${serial}`;
};

const definition: JobDefinition = {
  name: "nightly export",
  description: "Writes the export and sends it on.",
  schedule: { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin" },
  payload: { kind: "command", argv: ["/usr/local/bin/export", "--all", "--to", "/var/exports"], timeoutSeconds: 600 },
  delivery: { mode: "announce", channel: "last" },
};

function newRun(jobId: string, change: Partial<NewRun> = {}): NewRun {
  return {
    id: id(),
    jobId,
    jobName: definition.name,
    jobRevision: 1,
    trigger: "manual",
    status: "queued",
    pool: "default",
    exclusive: true,
    queuedAtMs: START_MS + serial,
    readyAtMs: START_MS + serial,
    ...change,
  };
}

function timed<T>(what: string, times: number, work: (turn: number) => T): T | undefined {
  const each: number[] = [];
  let last: T | undefined;
  for (let turn = 0; turn < times; turn += 1) {
    const from = performance.now();
    last = work(turn);
    each.push(performance.now() - from);
  }
  each.sort((a, b) => a - b);
  const at = (share: number): number => Number((each[Math.floor((each.length - 1) * share)] ?? 0).toFixed(3));
  const sum = each.reduce((total, ms) => total + ms, 0);
  console.log(
    JSON.stringify({
      what,
      times,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
      perSecond: Math.round((times / sum) * 1_000),
    }),
  );
  return last;
}

/** How long some work takes, and the longest time it holds the event loop in one go. */
async function blocks(what: string, work: () => Promise<unknown>): Promise<void> {
  let longest = 0;
  let tick = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - tick);
    tick = performance.now();
  }, 1);
  const from = performance.now();
  await work();
  clearInterval(pulse);
  console.log(JSON.stringify({ what, ms: Math.round(performance.now() - from), longestBlockMs: Math.round(longest) }));
}

const end = {
  stdout: { bytes: 200, head: nothing, tail: new Uint8Array(200) },
  stderr: { bytes: 0, head: nothing, tail: nothing },
};

function settleOne(ledger: Ledger, run: NewRun): void {
  ledger.attempts.end(run.id, 1, {
    endedAtMs: START_MS,
    outcome: "exited",
    exitCode: 0,
    ...end,
    actionLines: [],
    log: { bytes: 200, droppedBytes: 0 },
  });
  ledger.runs.settle(run.id, {
    status: "succeeded",
    endedAtMs: START_MS + serial,
    outcome: "exited",
    exitCode: 0,
    deliveryStatus: "pending",
    summary: "exported 120 rows",
  });
  ledger.deliveries.insert({
    id: id(),
    lane: "announce:last",
    kind: "result",
    required: true,
    jobId: run.jobId,
    runId: run.id,
    destination: { mode: "announce", channel: "last" },
    content: { text: "exported 120 rows" },
    createdAtMs: START_MS + serial,
  });
  ledger.jobs.patchState(run.jobId, {
    lastRunId: run.id,
    lastStatus: "ok",
    lastRunAtMs: START_MS,
    consecutiveErrors: 0,
    addTotals: { runs: 1, ok: 1 },
  });
}

function beginOne(ledger: Ledger, run: NewRun): void {
  ledger.runs.begin(run.id, START_MS + serial);
  ledger.attempts.begin({
    runId: run.id,
    attempt: 1,
    jobId: run.jobId,
    owner: "bench",
    startedAtMs: START_MS + serial,
  });
}

let ledger = open();
const jobIds = Array.from({ length: JOBS }, id);
const fillFrom = performance.now();
ledger.transaction(() => {
  jobIds.forEach((jobId, index) => {
    ledger.jobs.insert({
      id: jobId,
      origin: "plugin",
      definition: { ...definition, name: `job ${index}` },
      enabled: true,
      createdAtMs: START_MS,
      cursorMs: START_MS,
      nextDueMs: START_MS + 60_000 + index * 10,
    });
  });
});
console.log(JSON.stringify({ what: `fill ${JOBS} jobs`, ms: Math.round(performance.now() - fillFrom) }));
ledger.checkpoint();

timed("due: 50 of all jobs", 500, () => ledger.jobs.due(START_MS + 60_000 + JOBS * 10, 50));
timed("due: none", 2_000, () => ledger.jobs.due(START_MS, 50));
timed("earliestDueMs", 2_000, () => ledger.jobs.earliestDueMs());
timed("count jobs", 2_000, () => ledger.jobs.count());
timed("list jobs by next run, first page", 300, () => ledger.jobs.list({ limit: 50, offset: 0 }));
timed("list jobs by name, first page", 300, () => ledger.jobs.list({ limit: 50, offset: 0, sortBy: "name" }));
timed("list jobs, text that fits none", 5, () => ledger.jobs.list({ limit: 50, offset: 0, text: "no such text" }));

const cycles = Array.from({ length: 3_000 }, (_, index) => newRun(jobIds[index % JOBS] ?? ""));
timed("cycle alone: 3 transactions (insert; begin+attempt; settle+delivery)", cycles.length, (turn) => {
  const run = cycles[turn];
  if (run === undefined) return;
  ledger.transaction(() => ledger.runs.insert(run));
  ledger.transaction(() => beginOne(ledger, run));
  ledger.transaction(() => settleOne(ledger, run));
});
const groups = Array.from({ length: 60 }, (_, group) =>
  Array.from({ length: 50 }, (_, index) => newRun(jobIds[(group * 50 + index) % JOBS] ?? "")),
);
timed("50 cycles grouped: 3 transactions", groups.length, (turn) => {
  const group = groups[turn] ?? [];
  ledger.transaction(() => group.map((run) => ledger.runs.insert(run)));
  ledger.transaction(() => group.map((run) => beginOne(ledger, run)));
  ledger.transaction(() => group.map((run) => settleOne(ledger, run)));
});
await blocks("2,000 cycles, each settled one made durable", async () => {
  for (let turn = 0; turn < 2_000; turn += 1) {
    const run = newRun(jobIds[turn % JOBS] ?? "");
    ledger.transaction(() => ledger.runs.insert(run));
    ledger.transaction(() => beginOne(ledger, run));
    ledger.transaction(() => settleOne(ledger, run));
    await ledger.durable();
  }
});

const bulkFrom = performance.now();
for (let from = 0; from < RUNS; from += 100_000) {
  ledger.transaction(() => {
    for (let index = from; index < Math.min(RUNS, from + 100_000); index += 1) {
      ledger.runs.insert(
        newRun(jobIds[index % 500] ?? "", {
          status: index % 100 === 0 ? "missed" : "skipped",
          trigger: "schedule",
          scheduledForMs: START_MS + index * 1_000,
          queuedAtMs: START_MS + index * 1_000,
          endedAtMs: START_MS + index * 1_000,
          reason: "overlap",
        }),
      );
    }
  });
  ledger.checkpoint();
}
console.log(
  JSON.stringify({
    what: `fill ${RUNS} runs`,
    ms: Math.round(performance.now() - bulkFrom),
    fileMB: Math.round(statSync(ledger.path).size / 1e6),
  }),
);

const page = { limit: 50, offset: 0 };
timed("list runs: all, first page", 300, () => ledger.runs.list(page));
timed("list runs: all, page at 10,000", 50, () => ledger.runs.list({ limit: 50, offset: 10_000 }));
timed("list runs: one job", 300, () => ledger.runs.list({ ...page, jobId: jobIds[7] ?? "" }));
timed("list runs: status skipped (nearly all)", 100, () => ledger.runs.list({ ...page, statuses: ["skipped"] }));
timed("list runs: status error (none)", 100, () => ledger.runs.list({ ...page, statuses: ["error"] }));
timed("list runs: an hour a year ago", 100, () =>
  ledger.runs.list({ ...page, sinceMs: START_MS + 5e8, untilMs: START_MS + 5e8 + 3_600_000 }),
);
timed("list runs: since the beginning", 100, () => ledger.runs.list({ ...page, sinceMs: START_MS }));
timed("list runs: text that fits none", 20, () => ledger.runs.list({ ...page, text: "no such text" }));
timed("count runs", 1_000, () => ledger.runs.count());
timed("counts of deliveries", 1_000, () => ledger.deliveries.counts());
timed("heads", 300, () => ledger.deliveries.heads());
timed("coveredCount over a day", 300, () => ledger.runs.coveredCount(jobIds[7] ?? "", START_MS, START_MS + 86_400_000));
const later = Array.from({ length: 1_000 }, (_, index) => newRun(jobIds[index % JOBS] ?? ""));
timed("cycle alone at full size", later.length, (turn) => {
  const run = later[turn];
  if (run === undefined) return;
  ledger.transaction(() => ledger.runs.insert(run));
  ledger.transaction(() => beginOne(ledger, run));
  ledger.transaction(() => settleOne(ledger, run));
});
timed("prune step, by age, budget 100", 100, () =>
  ledger.prune({ nowMs: START_MS + RUNS * 500, days: 0, runsPerJob: 1e9, budget: 100 }),
);
timed("prune step, by count, budget 100", 100, () =>
  ledger.prune({ nowMs: START_MS, days: 1e4, runsPerJob: 100, budget: 100 }),
);
timed("prune step, nothing to do", 100, () =>
  ledger.prune({ nowMs: START_MS, days: 1e4, runsPerJob: 1e9, budget: 100 }),
);
timed("check", 1, () => ledger.check());
await blocks("check in a thread", () => ledger.checkAside());
await blocks("backup", () => ledger.backup(join(dir, "backup.sqlite")));
timed("close and open", 3, () => {
  ledger.close();
  ledger = open();
});
ledger.close();
rmSync(dir, { recursive: true, force: true });
