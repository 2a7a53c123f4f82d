import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../src/engine/index.ts";
import { cpuOf, processCpuMs, threadCpuMs } from "../lib/cpu.ts";
import { fanOut } from "../lib/fan-out.ts";
import { spawnOnce } from "../lib/floor.ts";
import { nextEvent } from "../lib/next-event.ts";
import { repeat, timed } from "../lib/repeat.ts";
import { waitingArrivals } from "./arrivals.ts";
import { startHelper } from "./helper.ts";
import { settledRss } from "./rss.ts";

const CALLER = { label: "bench" };
const HOUR_MS = 3_600_000;
/** Between two starts, so that each is seen by itself. */
const APART_MS = 4;
/** Still there when the last of them has started. */
const LASTING = ["sleep", "60"] as const;

interface OpsDeps {
  engine: Engine;
  dispatch(name: string, params: unknown, caller: typeof CALLER): Promise<unknown>;
  /** How long each hand-over to the runner held the event loop. */
  handOverMs: number[];
}

interface Read {
  method: string;
  params: object;
  times: number;
  mayFail?: boolean;
}

export type Ops = ReturnType<typeof createOps>;

const jobOf = (index: number, argv: string[]) => ({
  name: `job ${index}`,
  schedule: { kind: "every", everyMs: HOUR_MS },
  payload: { kind: "command", argv },
  delivery: { mode: "none" },
});

/** What the benchmark may ask of the engine; times are milliseconds inside this process. */
export function createOps({ engine, dispatch, handOverMs }: OpsDeps) {
  const ask = <T>(name: string, params: unknown): Promise<T> =>
    dispatch(`cron.command.${name}`, params, CALLER) as Promise<T>;

  const add = async (job: object): Promise<string> => (await ask<{ id: string }>("add", job)).id;

  const timedEach = (count: number, work: (index: number) => Promise<unknown>): Promise<number[]> =>
    repeat(count, (index) => timed(() => work(index)));

  /** Each of so many lanes takes the next when it has done one. */
  async function inTurns(count: number, lanes: number, work: (lane: number) => Promise<unknown>) {
    let next = 0;
    const begin = performance.now();
    const lane = async (_: unknown, nth: number): Promise<number[]> => {
      const eachMs: number[] = [];
      while (next++ < count) eachMs.push(await timed(() => work(nth)));
      return eachMs;
    };
    const eachMs = (await Promise.all(Array.from({ length: lanes }, lane))).flat();
    return { eachMs, totalMs: performance.now() - begin };
  }

  async function runOnce(jobId: string): Promise<void> {
    const { runId } = await ask<{ runId: string }>("run", { id: jobId });
    if (engine.getRun(runId).endedAtMs !== undefined) return;
    await nextEvent(engine, "run-finished", (ended) => ended.runId === runId);
  }

  async function startOnce(jobId: string): Promise<void> {
    const started = nextEvent(engine, "run-started");
    await ask("run", { id: jobId });
    await started;
    await sleep(APART_MS);
  }

  return {
    /** Adds jobs one by one, changes each, removes each. */
    async churn({ count }: { count: number }) {
      const ids: string[] = [];
      return {
        add: await timedEach(count, async (index) => ids.push(await add(jobOf(index, ["true"])))),
        update: await timedEach(count, (index) => ask("update", { id: ids[index], patch: { description: "changed" } })),
        remove: await timedEach(count, (index) => ask("remove", { id: ids[index] })),
      };
    },

    /** Adds one job and answers its id. */
    add({ argv, everyMs = HOUR_MS, pool }: { argv: string[]; everyMs?: number; pool?: string }) {
      const policy = pool === undefined ? {} : { policy: { pool } };
      return add({ ...jobOf(0, argv), schedule: { kind: "every", everyMs }, ...policy });
    },

    /** Brings jobs in as a file, and answers how long it took. */
    import({ count }: { count: number }) {
      const file = { version: 1, jobs: Array.from({ length: count }, (_, index) => jobOf(index, ["true"])) };
      return timed(() => ask("import", { file, apply: true }));
    },

    list: ({ times, offset }: { times: number; offset: number }) =>
      timedEach(times, () => ask("list", { limit: 50, offset })),

    /** CPU of each call of a method, and where its page goes on. A call that may be refused is measured all the same. */
    async read({ method, params, times, mayFail = false }: Read) {
      let nextCursor: string | undefined;
      const call = async (): Promise<void> => {
        try {
          nextCursor = (await ask<{ nextCursor?: string }>(method, params)).nextCursor;
        } catch (error) {
          if (!mayFail) throw error;
        }
      };
      return { cpuMs: await repeat(times, () => cpuOf(call)), nextCursor };
    },

    /** How long the event loop was held meanwhile, and how many runs upkeep has removed. */
    async loop({ forMs }: { forMs: number }) {
      const before = engine.inside.ledger.runs.count().total;
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      await sleep(forMs);
      delay.disable();
      const runsRemoved = before - engine.inside.ledger.runs.count().total;
      return { runsRemoved, p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 };
    },

    run: async ({ id }: { id: string }) => (await ask<{ runId: string }>("run", { id })).runId,

    runs: ({ id }: { id: string }) =>
      ask<{ entries: { scheduledForMs: number; latenessMs: number; runStatus: string }[] }>("runs", { id, limit: 200 }),

    cancel: ({ id }: { id: string }) => ask("cancel", { id }),

    status: (_: object) => engine.status(),

    rss: (_: object) => settledRss(),

    /** CPU milliseconds used so far. */
    cpu: (_: object) => processCpuMs(),

    /** Starts of a command that stays, one after the other: how long each hand-over took, and what events waited. */
    async starts({ count }: { count: number }) {
      const ids = await repeat(count, (index) => add(jobOf(index, [...LASTING])));
      handOverMs.length = 0;
      const loop = await waitingArrivals(() => repeat(count, (index) => startOnce(ids[index] ?? "")));
      const startMs = [...handOverMs];
      for (const id of ids) {
        await ask("cancel", { id });
        await ask("remove", { id });
      }
      return { startMs, loop };
    },

    /** The same with Node's own spawn, from this same process. */
    async spawns({ count }: { count: number }) {
      const startMs: number[] = [];
      const children: ChildProcess[] = [];
      /** Heard of from the start: on a slow machine the first may be over before the last is there. */
      const ended: Promise<unknown>[] = [];
      const loop = await waitingArrivals(() =>
        repeat(count, async () => {
          const begin = performance.now();
          const child = spawn(LASTING[0], LASTING.slice(1));
          startMs.push(performance.now() - begin);
          children.push(child);
          ended.push(once(child, "close"));
          await once(child, "spawn");
          await sleep(APART_MS);
        }),
      );
      for (const child of children) child.kill();
      await Promise.all(ended);
      return { startMs, loop };
    },

    /** Runs of `true` from the call to the final row, one after the other: what events waited. */
    async wholeRuns({ count }: { count: number }) {
      const id = await add(jobOf(0, ["true"]));
      return waitingArrivals(() =>
        repeat(count, async () => {
          await runOnce(id);
          await sleep(APART_MS);
        }),
      );
    },

    /** Runs of `true`, so many at a time: how long each took from the call to the final row, and all of them. */
    async manyRuns({ count, parallel }: { count: number; parallel: number }) {
      const ids = await repeat(parallel, (nth) => add(jobOf(nth, ["/bin/true"])));
      const taken = await inTurns(count, parallel, (lane) => runOnce(ids[lane] ?? ""));
      for (const id of ids) await ask("remove", { id });
      return taken;
    },

    /** The same with Node's own spawn, from this same process. */
    manySpawns: ({ count, parallel }: { count: number; parallel: number }) =>
      inTurns(count, parallel, () => spawnOnce(["/bin/true"])),

    /** The same, asked of a bare Node process: what events wait on a machine that starts processes, whoever does it. */
    async helped({ count }: { count: number }) {
      const helper = startHelper();
      const loop = await waitingArrivals(() =>
        repeat(count, async () => {
          const started = once(helper, "message");
          helper.send(LASTING);
          await started;
          await sleep(APART_MS);
        }),
      );
      const ended = once(helper, "exit");
      helper.disconnect();
      await ended;
      return loop;
    },

    /** The second of two occurrences of a job on each of so many played nodes, and what each run took until its end. */
    async fanOut({ nodes }: { nodes: number }) {
      const policy = { target: { tag: "all", mode: "all" } };
      const id = await add({ ...jobOf(0, ["true"]), policy });
      await fanOut(engine, id, nodes);
      const before = threadCpuMs();
      const took = await fanOut(engine, id, nodes);
      return { ...took, eachCpu: (threadCpuMs() - before) / nodes };
    },

    /** The loop with nothing to do. */
    rest: ({ ms }: { ms: number }) => waitingArrivals(() => sleep(ms)),
  };
}
