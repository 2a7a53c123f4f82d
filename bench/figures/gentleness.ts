import { setTimeout as sleep } from "node:timers/promises";
import type { Delays } from "../host/arrivals.ts";
import { bar, figure } from "../lib/figure.ts";
import { pinging } from "../lib/ping.ts";
import { repeat } from "../lib/repeat.ts";
import { quantile } from "../lib/stats.ts";

const STARTS = 100;
/** A gateway that has been up for a while has its code compiled. */
const WARM_UP = 200;
const MB = 1_000_000;
const SIZES = [
  { name: "100mb", says: "100 MB", bytes: 100 * MB },
  { name: "1gb", says: "1 GB", bytes: 1_000 * MB },
] as const;

export const gentleness = figure({
  name: "gentleness",
  title: "Gentleness of starts",
  rows: {
    "ours-100mb-start-p99": { label: "100 MB resident: loop held by a start through the runner, p99", unit: "ms" },
    "spawn-100mb-start-p99": { label: "100 MB resident: loop held by `child_process.spawn`, p99", unit: "ms" },
    "ours-100mb-loop-p99": { label: "100 MB resident: an event waits during 100 starts, p99", unit: "ms" },
    "spawn-100mb-loop-p99": { label: "100 MB resident: during 100 bare spawns, p99", unit: "ms" },
    "ours-1gb-start-p50": { label: "1 GB resident: loop held by a start through the runner, p50", unit: "ms" },
    "ours-1gb-start-p99": { label: "1 GB resident: the same, p99", unit: "ms" },
    "spawn-1gb-start-p99": { label: "1 GB resident: loop held by `child_process.spawn`, p99", unit: "ms" },
    "ours-1gb-loop-p99": { label: "1 GB resident: an event waits during 100 starts, p99", unit: "ms" },
    "ours-1gb-loop-max": { label: "1 GB resident: during 100 starts, worst", unit: "ms" },
    "spawn-1gb-loop-p99": { label: "1 GB resident: during 100 bare spawns, p99", unit: "ms" },
    "runs-1gb-loop-p99": { label: "1 GB resident: during 100 whole runs, p99", unit: "ms" },
    "helped-1gb-loop-p99": { label: "1 GB resident: while a bare Node helper starts them, p99", unit: "ms" },
    "rest-loop-p99": { label: "1 GB resident: at rest, p99", unit: "ms" },
    "ours-gateway-loop-p99": { label: "real gateway: event-loop delay during 100 runs here, p99", unit: "ms" },
    "native-gateway-loop-p99": { label: "real gateway: during 100 runs of its own, p99", unit: "ms" },
    "rest-gateway-loop-p99": { label: "real gateway at rest, p99", unit: "ms" },
    "ours-gateway-rpc-p99": { label: "real gateway: answer to another client during 100 runs here, p99", unit: "ms" },
    "native-gateway-rpc-p99": { label: "real gateway: during 100 runs of its own, p99", unit: "ms" },
    "rest-gateway-rpc-p99": { label: "real gateway at rest: answer to a client, p99", unit: "ms" },
  },
  plots: [
    {
      file: "gentleness",
      title: "How long one start holds the event loop, p99, milliseconds",
      scale: "log",
      groups: SIZES.map(({ name, says }) => ({
        label: `${says} resident`,
        bars: [
          bar.ours("Command Cron", `gentleness.ours-${name}-start-p99`),
          bar.control("child_process.spawn", `gentleness.spawn-${name}-start-p99`),
        ],
      })),
    },
  ],
  async measure(bench, record) {
    const rounds = bench.quick ? 1 : 2;
    for (const { name, bytes } of SIZES) {
      const host = await bench.host({ ballastBytes: bytes, concurrency: STARTS });
      await host.ask("wholeRuns", { count: WARM_UP });
      for (let round = 0; round < rounds; round += 1) {
        const ours = await host.ask("starts", { count: STARTS });
        const bare = await host.ask("spawns", { count: STARTS });
        record(`ours-${name}-start-p99`, quantile(ours.startMs, 0.99));
        record(`spawn-${name}-start-p99`, quantile(bare.startMs, 0.99));
        record(`ours-${name}-loop-p99`, ours.loop.p99);
        record(`spawn-${name}-loop-p99`, bare.loop.p99);
        if (name !== "1gb") continue;
        record("ours-1gb-start-p50", quantile(ours.startMs, 0.5));
        record("ours-1gb-loop-max", ours.loop.max);
        record("runs-1gb-loop-p99", (await host.ask("wholeRuns", { count: STARTS })).p99);
        record("helped-1gb-loop-p99", (await host.ask("helped", { count: STARTS })).p99);
        record("rest-loop-p99", (await host.ask("rest", { ms: 1_000 })).p99);
      }
      await host.close();
    }

    const { ours, native, probe, gateway } = await bench.gateway();
    const ourJob = await ours.add({ argv: ["true"] });
    const nativeJob = (await native.add({ argv: ["true"] })).id;
    const watched = async (work: () => Promise<unknown>): Promise<{ loop: Delays; rpc: number }> => {
      await probe.reset();
      const pings = await pinging(gateway, work);
      return { loop: await probe.read(), rpc: quantile(pings, 0.99) };
    };
    const cases = {
      ours: () => repeat(STARTS, () => ours.timedRun(ourJob)),
      native: () => repeat(STARTS, () => native.run(nativeJob)),
      rest: () => sleep(2_000),
    };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ["ours", "native", "rest"] as const) {
        const seen = await watched(cases[name]);
        record(`${name}-gateway-loop-p99`, seen.loop.p99);
        record(`${name}-gateway-rpc-p99`, seen.rpc);
      }
    }
    await ours.remove(ourJob);
    await native.remove(nativeJob);
  },
});
