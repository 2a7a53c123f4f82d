import { bar, figure } from "../lib/figure.ts";
import { spawnRate } from "../lib/floor.ts";
import type { BenchGateway } from "../lib/gateway.ts";
import { inParallel, repeat } from "../lib/repeat.ts";

const ARGV = ["/bin/true"];
/** Jobs the runs are spread over; a job of its own for each run would measure adding jobs. */
const JOBS = 50;
/** Calls under way at once: enough to keep every slot busy. */
const CALLS = 64;
const LIMITS = [1, 8, 32] as const;

export const throughput = figure({
  name: "throughput",
  title: "Throughput",
  rows: {
    "ours-1": { label: "Command Cron, one at a time", unit: "/s" },
    "spawn-1": { label: "bare spawn, one at a time", unit: "/s" },
    "ours-8": { label: "Command Cron, 8 at a time", unit: "/s" },
    "native-8": { label: "the gateway's own, 8 at a time (fixed)", unit: "/s" },
    "spawn-8": { label: "bare spawn, 8 at a time", unit: "/s" },
    "ours-32": { label: "Command Cron, 32 at a time", unit: "/s" },
    "spawn-32": { label: "bare spawn, 32 at a time", unit: "/s" },
  },
  plots: [
    {
      file: "throughput",
      title: "Runs of /bin/true a second, each recorded",
      scale: "linear",
      groups: LIMITS.map((limit) => ({
        label: `${limit} at a time`,
        bars: [
          bar.ours("Command Cron", `throughput.ours-${limit}`),
          bar.native("the gateway's own", `throughput.native-${limit}`),
          bar.control("bare spawn", `throughput.spawn-${limit}`),
        ],
      })),
    },
  ],
  async measure(bench, record) {
    const gateway = await bench.gateway();
    const rounds = bench.quick ? 1 : 3;
    const ids = await inParallel(JOBS, 8, () => gateway.ours.add({ argv: ARGV, overlap: "allow_all" }));
    const nativeIds = await repeat(JOBS, async () => (await gateway.native.add({ argv: ARGV })).id);
    for (const limit of LIMITS) {
      await gateway.setConcurrency(limit);
      const runs = limit === 1 ? 200 : 500;
      await ourRate(gateway, ids, 100);
      for (let round = 0; round < rounds; round += 1) {
        record(`ours-${limit}`, await ourRate(gateway, ids, runs));
        record(`spawn-${limit}`, await spawnRate(ARGV, runs, limit));
        if (limit === 8) record("native-8", await nativeRate(gateway, nativeIds));
      }
    }
    await gateway.setConcurrency(8);
    await inParallel(JOBS, 8, (index) => gateway.ours.remove(ids[index] ?? ""));
    await repeat(JOBS, (index) => gateway.native.remove(nativeIds[index] ?? ""));
  },
});

/** From the first call to the last final row. */
export async function ourRate({ ours }: BenchGateway, ids: readonly string[], runs: number): Promise<number> {
  const begin = performance.now();
  await inParallel(runs, CALLS, (index) => ours.run(ids[index % ids.length] ?? ""));
  return runs / (((await ours.ledger.idle()) - begin) / 1_000);
}

/** From the first call to the last event; every job once, since it does not run twice at a time. */
async function nativeRate({ native }: BenchGateway, ids: readonly string[]): Promise<number> {
  const begin = performance.now();
  const ends = await inParallel(ids.length, CALLS, (index) => native.run(ids[index] ?? ""));
  const last = Math.max(...ends.map((end) => end.seenAt));
  return ids.length / ((last - begin) / 1_000);
}
