/**
 * A stand-in for the gateway: the real engine, ledger and runner in a bare process, where what they cost can be told
 * from what a gateway costs. Argument: HostSettings as JSON. Talks over the channel that `fork` makes.
 */
import type { Ops } from "./ops.ts";
import { settledRss } from "./rss.ts";
import type { HostReady, HostSettings, HostTask } from "./settings.ts";

const GATEWAY_HAS = ["sqlite", "net", "http", "child_process", "crypto", "fs/promises"].map((name) => `node:${name}`);

const settings = JSON.parse(process.argv[2] ?? "{}") as HostSettings;
// Filled, so that every page is there and a fork has to copy its tables.
const ballast = Buffer.alloc(settings.ballastBytes, 1);

let stopEngine = async (): Promise<void> => {};
// Listening keeps this process alive: the engine's own timers and sockets do not.
process.on("disconnect", async () => {
  await stopEngine();
  process.exit(ballast.length === settings.ballastBytes ? 0 : 1);
});

const memory = async (): Promise<number> => (settings.memory ? await settledRss() : 0);
if (settings.memory) {
  // Every gateway has these loaded anyway; they are no cost of ours.
  await Promise.all(GATEWAY_HAS.map((name) => import(name)));
}
const emptyRss = await memory();
const { startBenchEngine } = await import("./engine.ts");
const [begin, cpuBefore] = [performance.now(), process.cpuUsage()];
const { ops, stop } = await startBenchEngine(settings);
const startMs = performance.now() - begin;
const { user, system } = process.cpuUsage(cpuBefore);
stopEngine = stop;

process.on("message", async ({ id, op, args }: HostTask) => {
  try {
    const call = ops[op as keyof Ops] as (args: unknown) => unknown;
    process.send?.({ id, value: await call(args) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.send?.({
  id: 0,
  value: { startMs, startCpuMs: (user + system) / 1_000, emptyRss, startedRss: await memory() } satisfies HostReady,
});
