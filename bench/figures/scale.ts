import { setTimeout as sleep } from "node:timers/promises";
import { OFFSET_MAX } from "../../schema/wire/common.ts";
import type { Bench } from "../lib/bench.ts";
import { bar, figure, type Recorder, type RowSpec } from "../lib/figure.ts";
import { fillJobs } from "../lib/fill.ts";
import type { BenchGateway } from "../lib/gateway.ts";
import type { Host } from "../lib/host.ts";
import { cloneNativeJobs } from "../lib/native-store.ts";
import { repeat, timed } from "../lib/repeat.ts";
import { cpuMs } from "../lib/rss.ts";
import { median } from "../lib/stats.ts";

const SIZES = [
  { name: "1k", jobs: 1_000, says: "1,000 jobs" },
  { name: "10k", jobs: 10_000, says: "10,000 jobs" },
  { name: "100k", jobs: 100_000, says: "100,000 jobs" },
] as const;
type Size = (typeof SIZES)[number]["name"];
const NATIVE_JOBS = 10_000;
/** Jobs of one imported file. */
const IMPORTED = 5_000;
const OPS = ["add", "update", "remove", "run"] as const;
type Op = (typeof OPS)[number];

type EngineRow = `${"add" | "import" | "list" | "list-deep" | "restart" | "rss-per-job"}-${Size}`;
type GatewayRow = `ours-${Op}-${"0" | "10k"}` | `native-${Op}-${"0" | "10k"}`;
type ScaleRow = EngineRow | GatewayRow | "idle-10k" | "idle-100k" | "idle-runner" | "native-list-10k" | "ours-list-10k";

const SAYS: Record<Op, string> = {
  add: "add",
  update: "update",
  remove: "remove",
  run: "run `true` until its end",
};

const engineRows = Object.fromEntries(
  SIZES.flatMap(({ name, says }) => [
    [`add-${name}`, { label: `engine, ${says}: add one, p50`, unit: "ms" }],
    [`import-${name}`, { label: `engine, ${says}: import of a file of up to 5,000, each job`, unit: "ms" }],
    [`list-${name}`, { label: `engine, ${says}: first page of 50, p50`, unit: "ms" }],
    [`list-deep-${name}`, { label: `engine, ${says}: the last page of 50 that an offset reaches, p50`, unit: "ms" }],
    [`restart-${name}`, { label: `engine, ${says}: restart until ready`, unit: "ms" }],
    [`rss-per-job-${name}`, { label: `engine, ${says}: resident memory a job after a restart`, unit: "B" }],
  ]),
) as Record<EngineRow, RowSpec>;

const gatewayRows = Object.fromEntries(
  OPS.flatMap((op) => [
    [`ours-${op}-0`, { label: `gateway, empty store: ${SAYS[op]}, p50`, unit: "ms" }],
    [`ours-${op}-10k`, { label: `gateway, 10,000 jobs: ${SAYS[op]}, p50`, unit: "ms" }],
    [`native-${op}-0`, { label: `the gateway's own, empty store: ${SAYS[op]}, p50`, unit: "ms" }],
    [`native-${op}-10k`, { label: `the gateway's own, 10,000 jobs: ${SAYS[op]}, p50`, unit: "ms" }],
  ]),
) as Record<GatewayRow, RowSpec>;

export const scale = figure<ScaleRow>({
  name: "scale",
  title: "Scale",
  rows: {
    ...gatewayRows,
    "ours-list-10k": { label: "gateway, 10,000 jobs: first page of 50, p50", unit: "ms" },
    "native-list-10k": { label: "the gateway's own, 10,000 jobs: first page of 50, p50", unit: "ms" },
    ...engineRows,
    "idle-10k": { label: "engine, 10,000 idle hourly jobs: CPU of a core", unit: "%" },
    "idle-100k": { label: "engine, 100,000 idle hourly jobs: CPU of a core", unit: "%" },
    "idle-runner": { label: "runner, idle: CPU of a core", unit: "%" },
  },
  plots: [
    {
      file: "scale",
      title: "One operation through the gateway, p50, milliseconds",
      scale: "log",
      groups: OPS.map((op) => ({
        label: SAYS[op].replaceAll("`", ""),
        bars: [
          bar.ours("Command Cron, empty", `scale.ours-${op}-0`),
          bar.ours("Command Cron, 10,000 jobs", `scale.ours-${op}-10k`),
          bar.native("the gateway's own, empty", `scale.native-${op}-0`),
          bar.native("the gateway's own, 10,000 jobs", `scale.native-${op}-10k`),
        ],
      })),
    },
  ],
  async measure(bench, record) {
    const hosts = new Map<Size, Host>();
    const emptyRss = await rssOfEmpty(bench);
    for (const size of SIZES) {
      if (bench.quick && size.name === "100k") continue;
      hosts.set(size.name, await measureEngine(bench, size, emptyRss, record));
    }
    await Promise.all([measureIdle(hosts, bench.quick ? 10_000 : 60_000, record), measureGateway(bench, record)]);
    await Promise.all([...hosts.values()].map((host) => host.close()));
  },
});

async function rssOfEmpty(bench: Bench): Promise<number> {
  const host = await bench.host({ memory: true });
  await host.offline(() => {});
  await host.close();
  return host.ready.startedRss;
}

async function measureEngine(
  bench: Bench,
  { name, jobs }: (typeof SIZES)[number],
  emptyRss: number,
  record: Recorder<ScaleRow>,
): Promise<Host> {
  const host = await bench.host({ memory: true });
  const batch = Math.min(jobs, IMPORTED);
  await host.offline((dir) => fillJobs(dir, jobs - batch));
  record(`import-${name}`, (await host.ask("import", { count: batch })) / batch);
  for (let round = 0; round < 3; round += 1) {
    record(`add-${name}`, median((await host.ask("churn", { count: 50 })).add));
    record(`list-${name}`, median(await host.ask("list", { times: 30, offset: 0 })));
    record(`list-deep-${name}`, median(await host.ask("list", { times: 5, offset: Math.min(jobs - 50, OFFSET_MAX) })));
    await host.offline(() => {});
    record(`restart-${name}`, host.ready.startMs);
    record(`rss-per-job-${name}`, (host.ready.startedRss - emptyRss) / jobs);
  }
  return host;
}

/** CPU of processes that have nothing to do; what else the machine does meanwhile does not count against them. */
async function measureIdle(hosts: ReadonlyMap<Size, Host>, forMs: number, record: Recorder<ScaleRow>): Promise<void> {
  await Promise.all(
    (["10k", "100k"] as const).map(async (name) => {
      const host = hosts.get(name);
      if (host === undefined) return;
      const runner = (await host.ask("status", {})).runner.pid;
      const before = await host.ask("cpu", {});
      const runnerBefore = runner === undefined ? 0 : cpuMs(runner);
      await sleep(forMs);
      record(`idle-${name}`, (100 * ((await host.ask("cpu", {})) - before)) / forMs);
      if (runner !== undefined) record("idle-runner", (100 * (cpuMs(runner) - runnerBefore)) / forMs);
    }),
  );
}

async function measureGateway(bench: Bench, record: Recorder<ScaleRow>): Promise<void> {
  const gateway = await bench.gateway();
  const rounds = bench.quick ? 1 : 3;
  const listP50 = async (method: string): Promise<number> =>
    median(await repeat(20, () => timed(() => gateway.ours.client.call(method, { limit: 50 }))));
  for (let round = 0; round < rounds; round += 1) await measureOurs(gateway, "0", record);
  await measureNative(gateway, "0", 10, record);
  for (let from = 0; from < 10_000; from += 2_000) {
    await gateway.ours.importJobs(
      Array.from({ length: 2_000 }, (_, index) => ({ name: `idle ${from + index}`, argv: ["true"] })),
    );
  }
  for (let round = 0; round < rounds; round += 1) await measureOurs(gateway, "10k", record);
  record("ours-list-10k", await listP50("cron.command.list"));
  if (!bench.quick) {
    const { id } = await gateway.native.add({ argv: ["/bin/true"] });
    await gateway.offline(() => cloneNativeJobs(gateway.gateway.stateDir, id, NATIVE_JOBS));
    await measureNative(gateway, "10k", 3, record);
    record("native-list-10k", await listP50("cron.list"));
  }
  await bench.retireGateway();
}

interface Store {
  add(): Promise<string>;
  update(id: string): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  run(id: string): Promise<unknown>;
}

/** The four operations on jobs of their own, p50 of each. */
async function measureOps(
  store: Store,
  times: number,
  name: (op: Op) => GatewayRow,
  record: Recorder<ScaleRow>,
): Promise<void> {
  const ids: string[] = [];
  const measure = async (op: Op, work: (id: string) => Promise<unknown>): Promise<void> =>
    record(name(op), median(await repeat(times, (index) => timed(() => work(ids[index] ?? "")))));
  await measure("add", async () => ids.push(await store.add()));
  await measure("update", (id) => store.update(id));
  await measure("run", (id) => store.run(id));
  await measure("remove", (id) => store.remove(id));
}

function measureOurs({ ours }: BenchGateway, at: "0" | "10k", record: Recorder<ScaleRow>): Promise<void> {
  const store = {
    add: () => ours.add({ argv: ["/bin/true"] }),
    update: (id: string) => ours.update(id, { description: "changed" }),
    remove: (id: string) => ours.remove(id),
    run: (id: string) => ours.timedRun(id),
  };
  return measureOps(store, 30, (op) => `ours-${op}-${at}`, record);
}

function measureNative(
  { native }: BenchGateway,
  at: "0" | "10k",
  times: number,
  record: Recorder<ScaleRow>,
): Promise<void> {
  const store = {
    add: async () => (await native.add({ argv: ["/bin/true"] })).id,
    update: (id: string) => native.update(id, { description: "changed" }),
    remove: (id: string) => native.remove(id),
    run: (id: string) => native.run(id),
  };
  return measureOps(store, times, (op) => `native-${op}-${at}`, record);
}
