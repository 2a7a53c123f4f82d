import { spawn } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../src/engine/index.ts";
import { settledRss } from "./rss.ts";

const CALLER = { label: "bench" };
const HOUR_MS = 3_600_000;
/** What the event-loop monitor asks its timer for; delays are told beyond it. */
const RESOLUTION_MS = 1;
/** Between two starts, so that each is seen by itself. */
const APART_MS = 4;

export interface Delays {
  p50: number;
  p99: number;
  max: number;
}

export interface OpsDeps {
  engine: Engine;
  dispatch(name: string, params: unknown, caller: typeof CALLER): Promise<unknown>;
  /** How long each hand-over to the runner held the event loop. */
  handOverMs: number[];
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

  async function timed(count: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const begin = performance.now();
      await work(index);
      times.push(performance.now() - begin);
    }
    return times;
  }

  async function watchingLoop(work: () => Promise<unknown>): Promise<Delays> {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    await sleep(20);
    delay.enable();
    await work();
    delay.disable();
    const over = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return { p50: over(delay.percentile(50)), p99: over(delay.percentile(99)), max: over(delay.max) };
  }

  const finished = (runId: string): Promise<void> =>
    new Promise((resolve) => {
      const stop = engine.events.on("run-finished", (change) => {
        if (change.runId !== runId) return;
        stop();
        resolve();
      });
    });

  async function runOnce(jobId: string): Promise<void> {
    const { runId } = await ask<{ runId: string }>("run", { id: jobId });
    if (engine.getRun(runId).endedAtMs === undefined) await finished(runId);
  }

  return {
    /** Adds jobs one by one, changes each, removes each. */
    async churn({ count }: { count: number }) {
      const ids: string[] = [];
      const add = await timed(count, async (index) => {
        ids.push((await ask<{ id: string }>("add", jobOf(index, ["true"]))).id);
      });
      const update = await timed(count, (index) =>
        ask("update", { id: ids[index], patch: { description: "changed" } }),
      );
      const remove = await timed(count, (index) => ask("remove", { id: ids[index] }));
      return { add, update, remove };
    },

    /** Adds one job and answers its id. */
    async add({ argv, everyMs = HOUR_MS, pool }: { argv: string[]; everyMs?: number; pool?: string }) {
      const policy = pool === undefined ? {} : { policy: { pool } };
      const job = { ...jobOf(0, argv), schedule: { kind: "every", everyMs }, ...policy };
      return (await ask<{ id: string }>("add", job)).id;
    },

    /** Brings jobs in as a file, and answers how long it took. */
    async import({ count }: { count: number }) {
      const file = { version: 1, jobs: Array.from({ length: count }, (_, index) => jobOf(index, ["true"])) };
      const [ms] = await timed(1, () => ask("import", { file, apply: true }));
      return ms ?? Number.NaN;
    },

    list: ({ times, offset }: { times: number; offset: number }) =>
      timed(times, () => ask("list", { limit: 50, offset })),

    run: async ({ id }: { id: string }) => (await ask<{ runId: string }>("run", { id })).runId,

    runs: ({ id }: { id: string }) =>
      ask<{ entries: { scheduledForMs: number; latenessMs: number; runStatus: string }[] }>("runs", { id, limit: 200 }),

    cancel: ({ id }: { id: string }) => ask("cancel", { id }),

    status: (_: object) => engine.status(),

    rss: (_: object) => settledRss(),

    /** CPU milliseconds used so far. */
    cpu(_: object) {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },

    /** Runs of `true`, one after the other: what each start and all of them did to this event loop. */
    async starts({ count }: { count: number }) {
      const { id } = await ask<{ id: string }>("add", jobOf(0, ["true"]));
      await runOnce(id);
      handOverMs.length = 0;
      const loop = await watchingLoop(() =>
        timed(count, async () => {
          await runOnce(id);
          await sleep(APART_MS);
        }),
      );
      return { startMs: [...handOverMs], loop };
    },

    /** The same with Node's own spawn, from this same process. */
    async spawns({ count }: { count: number }) {
      const startMs: number[] = [];
      const loop = await watchingLoop(() =>
        timed(count, async () => {
          const begin = performance.now();
          const child = spawn("true");
          startMs.push(performance.now() - begin);
          await new Promise((resolve) => child.once("close", resolve));
          await sleep(APART_MS);
        }),
      );
      return { startMs, loop };
    },

    /** The loop with nothing to do. */
    rest: ({ ms }: { ms: number }) => watchingLoop(() => sleep(ms)),
  };
}
