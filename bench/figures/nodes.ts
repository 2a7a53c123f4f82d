import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, startEngine } from "../../src/engine/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createNodeServer, createPlaces, createRunnerClient, type NodeFabric } from "../../src/runner/index.ts";
import { engineDeps } from "../../test/helpers/engine-deps.ts";
import type { Bench } from "../lib/bench.ts";
import { cpuOf } from "../lib/cpu.ts";
import { fanOut } from "../lib/fan-out.ts";
import { figure, type Recorder } from "../lib/figure.ts";
import { nextEvent } from "../lib/next-event.ts";
import { instantNodes, playedSettings } from "../lib/played-nodes.ts";
import { timed } from "../lib/repeat.ts";
import { quantile } from "../lib/stats.ts";
import { inTempDir } from "../lib/temp-dir.ts";

const NODES = 1_000;
const IDLE_MS = 10_000;
const CALLER = { label: "bench" };
const TRUE = { kind: "command" as const, argv: ["true"] };
const RARELY = { kind: "every" as const, everyMs: 86_400_000 };

/** One node whose runner is a real one, on this machine; the way to it is a copy through JSON. */
function realNode(stateDir: string, runnerFile: string): NodeFabric & { close(): Promise<void> } {
  const runner = createRunnerClient({ stateDir, runnerFile, clock: systemClock, logger: silentLogger });
  const server = createNodeServer({
    ...{ runner, clock: systemClock, version: "0", logsDir: join(stateDir, "logs") },
    localize: (spec) => ({ ...spec, cwd: stateDir, env: { PATH: process.env["PATH"] ?? "", ...spec.env } }),
  });
  return {
    list: async () => [{ id: "n0", name: "n0", connected: true, serves: true }],
    async call(_nodeId, request, { signal }) {
      const asked: unknown = JSON.parse(JSON.stringify(request));
      return JSON.parse(JSON.stringify(await server.answer(asked, { authorize() {}, signal })));
    },
    close: () => runner.close(),
  };
}

async function withEngine<T>(
  { runnerFile, fabric, nodes }: { runnerFile: string; fabric: NodeFabric; nodes: number },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  return await inTempDir("nodes", async (stateDir) => {
    const settings = playedSettings(nodes);
    const here = createRunnerClient({ stateDir, runnerFile, clock: systemClock, logger: silentLogger });
    const runner = createPlaces({ here, fabric, settings, stateDir, clock: systemClock });
    const engine = await startEngine({
      ...engineDeps(stateDir),
      ...{ runner, clock: systemClock, config: { concurrency: 1_000, nodes: settings } },
    });
    try {
      return await work(engine);
    } finally {
      await engine.stop();
    }
  });
}

export const nodes = figure({
  name: "nodes",
  title: "Commands on paired nodes",
  rows: {
    "here-p50": { label: "a run of `true` on this host, asked for until its end is told, p50", unit: "ms" },
    "node-p50": { label: "the same on a node whose runner is on this machine, p50", unit: "ms" },
    idle: { label: "1,000 nodes and a job on all of them, nothing due: processor, of one core", unit: "%" },
    decided: { label: "one occurrence on 1,000 nodes: due until the last of its runs is on record", unit: "ms" },
    "decided-cpu": { label: "the same, processor of the gateway's thread", unit: "ms" },
    hold: { label: "the longest turn of the event loop meanwhile, processor", unit: "ms" },
    started: { label: "due until the last has ended", unit: "ms" },
    "hold-all": { label: "the longest turn of the event loop until then, processor", unit: "ms" },
  },
  plots: [],
  async measure(bench: Bench, record) {
    const { runnerFile } = await bench.packed();
    // The timers of the engine keep no process alive.
    const alive = setInterval(() => {}, 1_000);
    bench.own({ close: async () => clearInterval(alive) });
    await inTempDir("node", async (nodeDir) => {
      const node = realNode(nodeDir, runnerFile);
      await withEngine({ runnerFile, fabric: node, nodes: 1 }, (engine) => measureRuns(engine, bench.quick, record));
      await node.close();
    });
    await withEngine({ runnerFile, fabric: instantNodes(NODES), nodes: NODES }, async (engine) => {
      const { job } = await engine.addJob(
        {
          ...{ name: "all", schedule: RARELY, payload: TRUE, delivery: { mode: "none" } },
          policy: { target: { tag: "all", mode: "all" } },
        },
        CALLER,
      );
      const idleMs = bench.quick ? 3_000 : IDLE_MS;
      record("idle", (100 * (await cpuOf(() => sleep(idleMs)))) / idleMs);
      // The first is of code that the machine does not know yet.
      for (let round = 0; round <= (bench.quick ? 2 : 5); round += 1) {
        const took = await fanOut(engine, job.id, NODES);
        if (round === 0) continue;
        for (const [row, value] of Object.entries(took)) record(row as keyof typeof took, value);
      }
    });
  },
});

/** Runs on this host and on the node in turn. */
async function measureRuns(engine: Engine, quick: boolean, record: Recorder<"here-p50" | "node-p50">): Promise<void> {
  const add = async (name: string, policy: object): Promise<string> => {
    const input = { name, schedule: RARELY, payload: TRUE, delivery: { mode: "none" as const }, policy };
    return (await engine.addJob(input, CALLER)).job.id;
  };
  const ids = { here: await add("here", {}), node: await add("there", { target: { node: "n0" } }) };
  const times: Record<keyof typeof ids, number[]> = { here: [], node: [] };
  for (let round = 0; round < (quick ? 10 : 60); round += 1) {
    for (const where of ["here", "node"] as const) {
      const ms = await timed(async () => {
        const ended = nextEvent(engine, "run-finished");
        await engine.runJob(ids[where], CALLER, {});
        await ended;
      });
      if (round > 2) times[where].push(ms);
    }
  }
  record("here-p50", quantile(times.here, 0.5));
  record("node-p50", quantile(times.node, 0.5));
}
