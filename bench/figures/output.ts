import { setTimeout as sleep } from "node:timers/promises";
import { figure } from "../lib/figure.ts";
import { spawnOnce } from "../lib/floor.ts";
import type { BenchGateway } from "../lib/gateway.ts";
import { pinging } from "../lib/ping.ts";
import { watchRss } from "../lib/rss.ts";
import { quantile } from "../lib/stats.ts";

const GB = 1_073_741_824;
const LINE = "a line of output as a program may print it, 64 bytes with its end";
const PRINT = `yes '${LINE}' | head -c ${GB}`;
const MB = 1_000_000;

export const output = figure({
  name: "output",
  title: "1 GB of output",
  rows: {
    "ours-wall": { label: "Command Cron: run asked for until its final row", unit: "s" },
    "native-wall": { label: "the gateway's own: until its `finished` event", unit: "s" },
    "wc-wall": { label: "the same command `| wc -c`", unit: "s" },
    "ours-stall": { label: "Command Cron: longest gateway stall", unit: "ms" },
    "native-stall": { label: "the gateway's own: longest gateway stall", unit: "ms" },
    "rest-stall": { label: "longest gateway stall in as long a rest", unit: "ms" },
    "ours-rpc": { label: "Command Cron: answer to another client, p99", unit: "ms" },
    "native-rpc": { label: "the gateway's own: answer to another client, p99", unit: "ms" },
    "ours-rss": { label: "Command Cron: growth of the gateway's memory at the peak", unit: "MB" },
    "native-rss": { label: "the gateway's own: growth at the peak", unit: "MB" },
    "runner-rss": { label: "Command Cron: the runner's memory at the peak", unit: "MB" },
  },
  plots: [
    {
      file: "output",
      title: "A command that prints 1 GB",
      scale: "log",
      groups: [
        {
          label: "wall time",
          bars: [
            { label: "Command Cron", row: "output.ours-wall", whose: "ours" },
            { label: "the gateway's own", row: "output.native-wall", whose: "native" },
            { label: "| wc -c", row: "output.wc-wall", whose: "control" },
          ],
        },
      ],
    },
    {
      file: "output-stall",
      title: "Longest stall of the gateway meanwhile",
      scale: "log",
      groups: [
        {
          label: "",
          bars: [
            { label: "Command Cron", row: "output.ours-stall", whose: "ours" },
            { label: "the gateway's own", row: "output.native-stall", whose: "native" },
            { label: "at rest", row: "output.rest-stall", whose: "control" },
          ],
        },
      ],
    },
  ],
  async measure(bench, record) {
    const gateway = await bench.gateway();
    const { ours, native } = gateway;
    const argv = ["sh", "-c", PRINT];
    const ourJob = await ours.add({ argv });
    const runnerPid = (await ours.status()).runner.pid;
    for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
      const runnerRss = watchRss(runnerPid ?? process.pid);
      const mine = await watched(gateway, async () => ours.ledger.final(await ours.run(ourJob)));
      record("ours-wall", mine.seconds);
      record("ours-stall", mine.stall);
      record("ours-rpc", mine.rpc);
      record("ours-rss", mine.growth);
      record("runner-rss", runnerRss.stop().peak / MB);
      record("wc-wall", (await spawnOnce(["sh", "-c", `${PRINT} | wc -c`])) / 1_000);
      record("rest-stall", (await watched(gateway, () => sleep(mine.seconds * 1_000))).stall);
    }
    await ours.remove(ourJob);
    if (bench.quick) return;

    const nativeJob = (await native.add({ argv })).id;
    const theirs = await watched(gateway, () => native.run(nativeJob));
    record("native-wall", theirs.seconds);
    record("native-stall", theirs.stall);
    record("native-rpc", theirs.rpc);
    record("native-rss", theirs.growth);
    // Its memory does not come back; the next figure gets a fresh gateway.
    await bench.retireGateway();
  },
});

async function watched({ gateway, probe, pid }: BenchGateway, work: () => Promise<unknown>) {
  const rss = watchRss(pid);
  await probe.reset();
  const begin = performance.now();
  let seconds = 0;
  const pings = await pinging(gateway, async () => {
    await work();
    seconds = (performance.now() - begin) / 1_000;
  });
  const { max } = await probe.read();
  const { first, peak } = rss.stop();
  return { seconds, stall: max, rpc: quantile(pings, 0.99), growth: (peak - first) / MB };
}
