import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../../lib/bench.ts";
import { bar, figure, type Recorder, type RowSpec } from "../../lib/figure.ts";
import { fillManyJobs } from "../../lib/fill-many.ts";
import type { Host } from "../../lib/host.ts";
import { median } from "../../lib/stats.ts";

const MB = 1_000_000;
const JOBS = [
  { name: "10k", jobs: 10_000, says: "10,000 jobs" },
  { name: "100k", jobs: 100_000, says: "100,000 jobs" },
  { name: "1m", jobs: 1_000_000, says: "a million jobs" },
] as const;
const NODES = [10, 100, 1_000] as const;
const FIRINGS = 10;

type JobsRow =
  `${(typeof JOBS)[number]["name"]}-${"start" | "start-cpu" | "idle" | "rss" | "late" | "add" | "list" | "find" | "runs" | "file"}`;
type NodesRow = `nodes-${(typeof NODES)[number]}-${"idle" | "decided" | "hold" | "run"}`;

const jobsRows = Object.fromEntries(
  JOBS.flatMap(({ name, says }) => [
    [`${name}-start`, { label: `${says}: start of the engine until it is ready`, unit: "ms" }],
    [`${name}-start-cpu`, { label: `${says}: the same, processor`, unit: "ms" }],
    [`${name}-idle`, { label: `${says}, none due: processor, of one core`, unit: "%" }],
    [`${name}-rss`, { label: `${says}: resident memory beyond a bare Node process`, unit: "MB" }],
    [`${name}-late`, { label: `${says}, a job each second beside them: how late it begins, p50`, unit: "ms" }],
    [`${name}-add`, { label: `${says}: add one, change it, remove it, processor each`, unit: "ms" }],
    [`${name}-list`, { label: `${says}: first page of 50, processor`, unit: "ms" }],
    [`${name}-find`, { label: `${says}: page of those with a word, processor`, unit: "ms" }],
    [`${name}-runs`, { label: `${says}: runs of \`true\` a second, 8 at a time`, unit: "/s" }],
    [`${name}-file`, { label: `${says}: the ledger on disk`, unit: "MB" }],
  ]),
) as Record<JobsRow, RowSpec>;

const nodesRows = Object.fromEntries(
  NODES.flatMap((nodes) => {
    const says = `${nodes.toLocaleString("en")} nodes`;
    return [
      [`nodes-${nodes}-idle`, { label: `${says}, nothing due: processor, of one core`, unit: "%" }],
      [`nodes-${nodes}-decided`, { label: `${says}: one occurrence on each on record, processor`, unit: "ms" }],
      [
        `nodes-${nodes}-hold`,
        { label: `${says}: the longest turn of the event loop until all have ended`, unit: "ms" },
      ],
      [`nodes-${nodes}-run`, { label: `${says}: each run of it, from due to its end, processor`, unit: "ms" }],
    ];
  }),
) as Record<NodesRow, RowSpec>;

export const sizing = figure<JobsRow | NodesRow>({
  name: "sizing",
  title: "Sizing: what one gateway carries",
  page: "sizing.md",
  onlyNamed: true,
  rows: { ...jobsRows, ...nodesRows },
  plots: [
    {
      file: "sizing",
      title: "What grows with the number of jobs, processor in milliseconds",
      scale: "log",
      groups: (["start-cpu", "add", "list", "find"] as const).map((what) => ({
        label: {
          "start-cpu": "start",
          add: "add, change or remove one",
          list: "first page of 50",
          find: "page of those with a word",
        }[what],
        bars: JOBS.map(({ name, says }) => bar.ours(says, `sizing.${name}-${what}`)),
      })),
    },
  ],
  async measure(bench, record) {
    for (const size of JOBS) if (!bench.quick || size.name !== "1m") await measureJobs(bench, size, record);
    for (const nodes of NODES) await measureNodes(bench, nodes, record);
  },
});

async function idlePercent(host: Host, quick: boolean): Promise<number> {
  const forMs = quick ? 3_000 : 10_000;
  const before = await host.ask("cpu", {});
  await sleep(forMs);
  return (100 * ((await host.ask("cpu", {})) - before)) / forMs;
}

async function measureJobs(
  bench: Bench,
  { name, jobs, says }: (typeof JOBS)[number],
  record: Recorder<JobsRow>,
): Promise<void> {
  bench.say(says);
  const host = await bench.host({ memory: true });
  await host.offline((dir) => fillManyJobs(dir, jobs));
  record(`${name}-start`, host.ready.startMs);
  record(`${name}-start-cpu`, host.ready.startCpuMs);
  record(`${name}-rss`, (host.ready.startedRss - host.ready.emptyRss) / MB);
  record(`${name}-file`, statSync(join(host.stateDir, "ledger", "ledger.sqlite")).size / MB);
  // What it does once after its start is over.
  await sleep(5_000);
  record(`${name}-idle`, await idlePercent(host, bench.quick));
  const cpu = async (method: string, params: object): Promise<number> =>
    median((await host.ask("read", { method, params, times: 20 })).cpuMs);
  record(`${name}-list`, await cpu("list", { limit: 50 }));
  record(`${name}-find`, await cpu("list", { limit: 50, query: "filler 99" }));
  const before = await host.ask("cpu", {});
  await host.ask("churn", { count: 50 });
  record(`${name}-add`, ((await host.ask("cpu", {})) - before) / 150);
  const { totalMs } = await host.ask("manyRuns", { count: 200, parallel: 8 });
  record(`${name}-runs`, 200 / (totalMs / 1_000));
  const id = await host.ask("add", { argv: ["true"], everyMs: 1_000 });
  await sleep((FIRINGS + 1) * 1_000);
  const { entries } = await host.ask("runs", { id });
  record(`${name}-late`, median(entries.map(({ latenessMs }) => latenessMs).filter((late) => late >= 0)));
  await host.close();
}

async function measureNodes(bench: Bench, nodes: (typeof NODES)[number], record: Recorder<NodesRow>): Promise<void> {
  bench.say(`${nodes} nodes`);
  const host = await bench.host({ nodes, concurrency: 1_000 });
  const took = await host.ask("fanOut", { nodes });
  record(`nodes-${nodes}-decided`, took["decided-cpu"]);
  record(`nodes-${nodes}-hold`, took["hold-all"]);
  record(`nodes-${nodes}-run`, took.eachCpu);
  await sleep(2_000);
  record(`nodes-${nodes}-idle`, await idlePercent(host, bench.quick));
  await host.close();
}
