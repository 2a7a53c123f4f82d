import { setTimeout as sleep } from "node:timers/promises";
import { OFFSET_MAX } from "../../schema/wire/common.ts";
import { present } from "../../src/kernel/present.ts";
import type { Bench } from "../lib/bench.ts";
import { figure, type Recorder, type RowSpec } from "../lib/figure.ts";
import { fillJobs, fillRuns } from "../lib/fill.ts";
import type { Host } from "../lib/host.ts";
import { repeat } from "../lib/repeat.ts";
import { median } from "../lib/stats.ts";

const DAY_MS = 86_400_000;
const JOBS = 100_000;
const RUNS = 1_000_000;
const ROUNDS = 5;
const TIMES = 20;
const PAGE_MAX = 200;
/** Upkeep begins so long after a start. */
const UPKEEP_AFTER_MS = 20_000;
const LOOK_MS = 10_000;

/** Filters that fit no job or few: the most that a list may have to look for. */
const FILTERS = [
  { lastRunStatus: "error", includeDisabled: true },
  { lastRunStatus: "unknown", sortBy: "name", sortDir: "desc" },
  { scheduleKind: "cron", enabled: "all" },
  { enabled: "disabled", sortBy: "updatedAtMs" },
  { query: "filler 77777" },
  { query: "nothing has this", includeDisabled: true },
  { query: "filler" },
] as const;
const BERLIN = "Europe/Berlin";
/** Expressions nobody has asked about before, so that nothing is remembered. */
const rare = (round: number, step: number) => ({ kind: "cron", expr: `${step} ${round} 1 1 *`, tz: BERLIN });
const never = (round: number, step: number) => ({ kind: "cron", expr: `${step} ${round} 31 * +1#1`, tz: BERLIN });

const ROWS = {
  "list-plain": { label: "100,000 jobs: first page without a filter, CPU", unit: "ms" },
  "list-filter": { label: "100,000 jobs: page with the dearest of seven filters, CPU", unit: "ms" },
  "runs-newest": { label: "1,000,000 runs: newest page, CPU", unit: "ms" },
  "runs-cursor": { label: "1,000,000 runs: page 900,000 rows deep behind a cursor, CPU", unit: "ms" },
  "runs-offset": { label: "1,000,000 runs: the dearest page by offset, 50,000 rows deep, CPU", unit: "ms" },
  "export-part": { label: "100,000 jobs: dearest part of an export, CPU in one go", unit: "ms" },
  "next-1000": { label: "1,000 instants of a yearly expression not seen before, CPU", unit: "ms" },
  "next-never": { label: "an expression not seen before that never fires, CPU", unit: "ms" },
  "upkeep-rate": { label: "rows that upkeep removes a second, of 250,000 over age", unit: "/s" },
  "upkeep-p99": { label: "event loop meanwhile, delay p99", unit: "ms" },
  "upkeep-max": { label: "event loop meanwhile, longest delay: the log is folded into the database", unit: "ms" },
  "rest-p99": { label: "event loop of the same process at rest, delay p99", unit: "ms" },
  "rest-max": { label: "event loop of the same process at rest, longest delay", unit: "ms" },
} satisfies Record<string, RowSpec>;
type ReadsRow = keyof typeof ROWS;

export const reads = figure<ReadsRow>({
  name: "reads",
  title: "Reads and upkeep at size",
  rows: ROWS,
  plots: [],
  async measure(bench, record) {
    const share = bench.quick ? 10 : 1;
    const host = await bench.host();
    await host.offline((dir) => {
      fillJobs(dir, JOBS / share);
      fillRuns(dir, RUNS / share, 1_000);
    });
    const deep = await cursorAt(host, Math.floor((RUNS / share) * 0.9));
    for (let round = 0; round < ROUNDS; round += 1) await measureReads(host, deep, round, record);
    await host.close();
    await measureUpkeep(bench, RUNS / share, record);
  },
});

async function measureReads(
  host: Host,
  deep: string | undefined,
  round: number,
  record: Recorder<ReadsRow>,
): Promise<void> {
  const cpu = async (method: string, params: object): Promise<number> =>
    median((await host.ask("read", { method, params, times: TIMES })).cpuMs);
  record("list-plain", await cpu("list", { limit: 50 }));
  const filtered = await repeat(FILTERS.length, (at) => cpu("list", { limit: 50, ...FILTERS[at] }));
  record("list-filter", Math.max(...filtered));
  record("runs-newest", await cpu("runs", { limit: 50 }));
  record("runs-offset", await cpu("runs", { limit: 50, offset: OFFSET_MAX, untilMs: Date.now() }));
  record("runs-cursor", await cpu("runs", { limit: 50, cursor: deep }));
  const parts: number[] = [];
  for (let cursor: string | undefined, part = 0; part < 20; part += 1) {
    const answer = await host.ask("read", { method: "export", params: present({ cursor }), times: 1 });
    parts.push(...answer.cpuMs);
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  record("export-part", Math.max(...parts));
  const fresh = async (schedule: (step: number) => object, count: number): Promise<number> => {
    const each = await repeat(TIMES, async (step) => {
      const params = { schedule: schedule(step), count };
      return (await host.ask("read", { method: "next", params, times: 1, mayFail: true })).cpuMs;
    });
    return median(each.flat());
  };
  record("next-1000", await fresh((step) => rare(round, step), 1_000));
  record("next-never", await fresh((step) => never(round, step), 1));
}

/** The cursor so many rows deep, page by page. */
async function cursorAt(host: Host, depth: number): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let row = 0; row < depth; row += PAGE_MAX) {
    const params = { limit: PAGE_MAX, ...present({ cursor }) };
    cursor = (await host.ask("read", { method: "runs", params, times: 1 })).nextCursor;
  }
  return cursor;
}

async function measureUpkeep(bench: Bench, runs: number, record: Recorder<ReadsRow>): Promise<void> {
  const host = await bench.host();
  // More than can be removed while it is looked at.
  await host.offline((dir) => fillRuns(dir, bench.quick ? runs : runs / 2, 1_000, 60 * DAY_MS));
  const rest = await host.ask("loop", { forMs: LOOK_MS });
  record("rest-p99", rest.p99Ms);
  record("rest-max", rest.maxMs);
  await sleep(UPKEEP_AFTER_MS - LOOK_MS);
  for (let round = 0; round < 3; round += 1) {
    const look = await host.ask("loop", { forMs: LOOK_MS });
    if (look.runsRemoved === 0) break;
    record("upkeep-rate", look.runsRemoved / (LOOK_MS / 1_000));
    record("upkeep-p99", look.p99Ms);
    record("upkeep-max", look.maxMs);
  }
  await host.close();
}
