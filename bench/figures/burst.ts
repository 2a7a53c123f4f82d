import { setTimeout as sleep } from "node:timers/promises";
import { figure } from "../lib/figure.ts";
import { pinging } from "../lib/ping.ts";
import { quantile } from "../lib/stats.ts";

const JOBS = 10_000;
const BATCH = 2_000;
/** The file has to be in before its jobs come due. */
const LEAD_MS = 20_000;

export const burst = figure({
  name: "burst",
  title: "10,000 jobs due at the same instant",
  rows: {
    import: { label: "bringing them in through the gateway, each", unit: "ms" },
    "loop-p99": { label: "gateway event-loop delay until the last has run, p99", unit: "ms" },
    "loop-max": { label: "gateway event-loop delay, worst", unit: "ms" },
    "rpc-p99": { label: "answer to another client meanwhile, p99", unit: "ms" },
    "rest-rpc-p99": { label: "answer to a client at rest, p99", unit: "ms" },
    rate: { label: "runs, each recorded, 8 at a time", unit: "/s" },
  },
  plots: [],
  async measure(bench, record) {
    const { ours, probe, gateway } = await bench.gateway();
    const jobs = bench.quick ? 2_000 : JOBS;
    const dueMs = Date.now() + (bench.quick ? 30_000 : LEAD_MS);
    const begin = performance.now();
    for (let from = 0; from < jobs; from += BATCH) {
      await ours.importJobs(
        Array.from({ length: Math.min(BATCH, jobs - from) }, (_, index) => ({
          name: `burst ${from + index}`,
          argv: ["true"],
          schedule: { kind: "at", at: new Date(dueMs).toISOString() },
          deleteAfterRun: true,
        })),
      );
    }
    record("import", (performance.now() - begin) / jobs);
    if (Date.now() > dueMs - 3_000) throw new Error("the import took longer than its lead");
    record("rest-rpc-p99", quantile(await pinging(gateway, () => sleep(2_000)), 0.99));
    await sleep(dueMs - 200 - Date.now());
    await probe.reset();
    let seconds = 0;
    const pings = await pinging(gateway, async () => {
      await sleep(dueMs + 50 - Date.now());
      await ours.ledger.idle();
      seconds = (Date.now() - dueMs) / 1_000;
    });
    const loop = await probe.read();
    const { jobs: left } = await ours.status();
    if (left > 0) throw new Error(`${left} of ${jobs} jobs did not run`);
    record("loop-p99", loop.p99);
    record("loop-max", loop.max);
    record("rpc-p99", quantile(pings, 0.99));
    record("rate", jobs / seconds);
  },
});
