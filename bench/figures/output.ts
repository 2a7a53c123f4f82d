import { setTimeout as sleep } from "node:timers/promises";
import { bar, figure, ungrouped } from "../lib/figure.ts";
import { spawnOnce } from "../lib/floor.ts";
import type { BenchGateway } from "../lib/gateway.ts";
import { pinging } from "../lib/ping.ts";
import { repeat, timed } from "../lib/repeat.ts";
import { watchRss } from "../lib/rss.ts";
import { quantile } from "../lib/stats.ts";

const GB = 1_073_741_824;
const LINE = "a line of output, as a program may print, 64 bytes with its end";
const PRINT = `yes '${LINE}' | head -c ${GB}`;
/** The gateway's own needs half a minute for the whole. */
const QUARTER = `yes '${LINE}' | head -c ${GB / 4}`;
const ONE_LINE = `head -c ${GB} /dev/zero | tr '\\0' x`;
const MB = 1_000_000;
/** A second or two is too short to tell of one answer in a hundred. */
const TIMES = 2;
const PING_APART_MS = 20;
/** Seldom enough to leave the cores to what is measured. */
const LOOK_MS = 25;
/** So much of the kept tail is compared with what was printed. */
const TAIL_CHECKED = 4_096;

export const output = figure({
  name: "output",
  title: "1 GB of output",
  rows: {
    "ours-wall": { label: "Command Cron: run asked for until its final row", unit: "s" },
    "native-wall": { label: "the gateway's own, a quarter of that: until its `finished` event", unit: "s" },
    "wc-wall": { label: "the same command `| wc -c`", unit: "s" },
    "ours-stall": { label: "Command Cron: longest gateway stall", unit: "ms" },
    "native-stall": { label: "the gateway's own, a quarter: longest gateway stall", unit: "ms" },
    "wc-stall": { label: "longest gateway stall while `| wc -c` runs beside it", unit: "ms" },
    "rest-stall": { label: "longest gateway stall in as long a rest", unit: "ms" },
    "ours-rpc": { label: "Command Cron: answer to another client, p99", unit: "ms" },
    "native-rpc": { label: "the gateway's own, a quarter: answer to another client, p99", unit: "ms" },
    "ours-rss": { label: "Command Cron: growth of the gateway's memory at the peak", unit: "MB" },
    "one-line-wall": { label: "Command Cron, the same without a single newline: until its final row", unit: "s" },
    "one-line-wc-wall": { label: "that command `| wc -c`", unit: "s" },
    "one-line-stall": { label: "that: longest gateway stall", unit: "ms" },
    "one-line-rpc": { label: "that: answer to another client, p99", unit: "ms" },
    "one-line-rss": { label: "that: growth of the gateway's memory at the peak", unit: "MB" },
    "wc-rpc": { label: "answer to a client while `| wc -c` runs beside the gateway, p99", unit: "ms" },
    "rest-rpc": { label: "at rest: answer to a client, p99", unit: "ms" },
    counted: { label: "bytes counted of those printed, both commands", unit: "%" },
    "native-rss": { label: "the gateway's own, a quarter: growth at the peak", unit: "MB" },
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
            bar.ours("Command Cron", "output.ours-wall"),
            bar.native("the gateway's own, 256 MB", "output.native-wall"),
            bar.control("| wc -c", "output.wc-wall"),
          ],
        },
      ],
    },
    {
      file: "output-stall",
      title: "Longest stall of the gateway meanwhile",
      scale: "log",
      groups: ungrouped(
        bar.ours("Command Cron", "output.ours-stall"),
        bar.native("the gateway's own, 256 MB", "output.native-stall"),
        bar.control("at rest", "output.rest-stall"),
      ),
    },
  ],
  async measure(bench, record) {
    const gateway = await bench.gateway();
    const { ours, native } = gateway;
    const argv = ["sh", "-c", PRINT];
    const ourJob = await ours.add({ argv });
    const lineJob = await ours.add({ argv: ["sh", "-c", ONE_LINE] });
    const runnerPid = (await ours.status()).runner.pid;
    const tell = (whose: "ours" | "one-line" | "native", { seconds, stall, rpc, growth }: Watched): void => {
      record(`${whose}-wall`, seconds);
      record(`${whose}-stall`, stall);
      record(`${whose}-rpc`, rpc);
      record(`${whose}-rss`, growth);
    };
    /** Runs a job that prints, and refuses to measure one whose record is wrong. */
    async function take(job: string, text: string): Promise<Watched> {
      const runIds: string[] = [];
      const seen = await watched(gateway, async () => {
        const runId = await ours.run(job);
        runIds.push(runId);
        await ours.ledger.final(runId, LOOK_MS);
      });
      // A gigabyte is a multiple of both texts' lengths: the kept tail ends as the output does.
      const end = text.repeat(TAIL_CHECKED / text.length).trimEnd();
      const entries = await ours.runs(job);
      for (const runId of runIds) {
        const entry = entries.find((run) => run.runId === runId);
        record("counted", (100 * (entry?.stdoutBytes ?? 0)) / GB);
        if (!entry?.stdout.trimEnd().endsWith(end)) throw new Error("the kept tail is not the end of what was printed");
      }
      return seen;
    }
    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      const runnerRss = watchRss(runnerPid ?? process.pid);
      const mine = await take(ourJob, `${LINE}\n`);
      tell("ours", mine);
      tell("one-line", await take(lineJob, "x"));
      record("runner-rss", runnerRss.stop().peak / MB);
      const control = await watched(gateway, () => spawnOnce(["sh", "-c", `${PRINT} | wc -c`]));
      record("wc-wall", control.seconds);
      record("wc-stall", control.stall);
      record("wc-rpc", control.rpc);
      record("one-line-wc-wall", (await spawnOnce(["sh", "-c", `${ONE_LINE} | wc -c`])) / 1_000);
      const rest = await watched(gateway, () => sleep(mine.seconds * 1_000));
      record("rest-stall", rest.stall);
      record("rest-rpc", rest.rpc);
    }
    await ours.remove(lineJob);
    await ours.remove(ourJob);
    if (bench.quick) return;

    const nativeJob = (await native.add({ argv: ["sh", "-c", QUARTER] })).id;
    tell("native", await watched(gateway, () => native.run(nativeJob), 1));
    // Its memory does not come back; the next figure gets a fresh gateway.
    await bench.retireGateway();
  },
});

interface Watched {
  seconds: number;
  stall: number;
  rpc: number;
  growth: number;
}

/** The work a few times; `seconds` are of one. */
async function watched(
  { gateway, probe, pid }: BenchGateway,
  work: () => Promise<unknown>,
  times = TIMES,
): Promise<Watched> {
  const rss = watchRss(pid);
  let seconds = 0;
  const pings = await pinging(
    gateway,
    async () => {
      await probe.reset();
      seconds = (await timed(() => repeat(times, work))) / 1_000 / times;
    },
    PING_APART_MS,
  );
  const { max } = await probe.read();
  const { first, peak } = rss.stop();
  return { seconds, stall: max, rpc: quantile(pings, 0.99), growth: (peak - first) / MB };
}
