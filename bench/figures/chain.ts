import { figure } from "../lib/figure.ts";
import { spawnOnce } from "../lib/floor.ts";
import { repeat, timed } from "../lib/repeat.ts";
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
    const spawns = (): Promise<number> => timed(() => repeat(3, () => spawnOnce(ARGV)));

    await repeat(5, passage);
    for (let round = 0; round < (bench.quick ? 2 : 3); round += 1) {
      // In turn, so that what else the machine does is the same for all three.
      const taken = await repeat(PASSAGES, async () => ({
        passage: await passage(),
        one: await ours.timedRun(alone),
        spawns: await spawns(),
      }));
      const of = (what: "passage" | "one" | "spawns"): number[] => taken.map((times) => times[what]);
      record("ours-p50", quantile(of("passage"), 0.5));
      record("ours-p95", quantile(of("passage"), 0.95));
      record("one-p50", quantile(of("one"), 0.5));
      record("spawns-p50", quantile(of("spawns"), 0.5));
    }
    for (const id of [alone, ...jobs.toReversed()]) await ours.remove(id);
  },
});
