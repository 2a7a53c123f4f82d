import { figure } from "../lib/figure.ts";
import { spawnOnce } from "../lib/floor.ts";
import { repeat } from "../lib/repeat.ts";
import { quantile } from "../lib/stats.ts";

const PASSAGES = 50;
const ARGV = ["/bin/true"];

export const chain = figure({
  name: "chain",
  title: "A job after a job after a job",
  rows: {
    "ours-p50": { label: "Command Cron: from the first run's end to the third's, p50", unit: "ms" },
    "ours-p95": { label: "Command Cron, p95", unit: "ms" },
    "one-p50": { label: "one run of the same: asked for until its final row can be read, p50", unit: "ms" },
    "spawns-p50": { label: "three bare `child_process.spawn` in a row, p50", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    const { ours } = await bench.gateway();
    const alone = await ours.add({ argv: ARGV, name: "alone" });
    const jobs = [await ours.add({ argv: ARGV, name: "first" })];
    for (const name of ["second", "third"]) {
      jobs.push(await ours.add({ argv: ARGV, name, schedule: { kind: "after", job: jobs.at(-1) } }));
    }
    const [first = ""] = jobs;

    const passage = async (): Promise<number> => {
      const endedMs = await ours.ledger.final(await ours.run(first));
      return (await ours.ledger.idle()) - endedMs;
    };
    const one = async (): Promise<number> => {
      const begin = performance.now();
      return (await ours.ledger.final(await ours.run(alone))) - begin;
    };
    const spawns = async (): Promise<number> => {
      const begin = performance.now();
      for (let nth = 0; nth < 3; nth += 1) await spawnOnce(ARGV);
      return performance.now() - begin;
    };

    await repeat(5, passage);
    for (let round = 0; round < (bench.quick ? 2 : 3); round += 1) {
      // In turn, so that what else the machine does is the same for all three.
      const taken = await repeat(PASSAGES, async () => [await passage(), await one(), await spawns()] as const);
      const [passages, ones, bare] = [0, 1, 2].map((at) => taken.map((times) => times[at] ?? 0));
      record("ours-p50", quantile(passages ?? [], 0.5));
      record("ours-p95", quantile(passages ?? [], 0.95));
      record("one-p50", quantile(ones ?? [], 0.5));
      record("spawns-p50", quantile(bare ?? [], 0.5));
    }
    for (const id of [alone, ...jobs.toReversed()]) await ours.remove(id);
  },
});
