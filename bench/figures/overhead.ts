import { bar, figure, ungrouped } from "../lib/figure.ts";
import { shellLoop, spawnOnce } from "../lib/floor.ts";
import { repeat } from "../lib/repeat.ts";
import { quantile } from "../lib/stats.ts";

const RUNS = 50;

export const overhead = figure({
  name: "overhead",
  title: "Run overhead",
  rows: {
    "ours-p50": { label: "Command Cron: run asked for until its final row can be read, p50", unit: "ms" },
    "ours-p95": { label: "Command Cron, p95", unit: "ms" },
    "native-p50": { label: "the gateway's own: run asked for until its `finished` event, p50", unit: "ms" },
    "native-p95": { label: "the gateway's own, p95", unit: "ms" },
    "native-record-p50": { label: "the gateway's own: until its record can be read, p50", unit: "ms" },
    "spawn-p50": { label: "bare `child_process.spawn` until `close`, p50", unit: "ms" },
    "spawn-p95": { label: "bare spawn, p95", unit: "ms" },
    floor: { label: "`sh -c :` in a shell loop, each", unit: "ms" },
  },
  plots: [
    {
      file: "overhead",
      title: "One run of /bin/true, milliseconds",
      scale: "log",
      groups: ungrouped(
        bar.ours("Command Cron p50", "overhead.ours-p50"),
        bar.ours("Command Cron p95", "overhead.ours-p95"),
        bar.native("the gateway's own p50", "overhead.native-p50"),
        bar.native("the gateway's own p95", "overhead.native-p95"),
        bar.control("bare spawn p50", "overhead.spawn-p50"),
        bar.control("sh -c : in a loop", "overhead.floor"),
      ),
    },
  ],
  async measure(bench, record) {
    const { ours, native } = await bench.gateway();
    const argv = ["/bin/true"];
    const ourJob = await ours.add({ argv });
    const nativeJob = (await native.add({ argv })).id;

    const ourRun = (): Promise<number> => ours.timedRun(ourJob);
    const nativeRun = async (): Promise<{ ended: number; recorded: number }> => {
      const begin = performance.now();
      const end = await native.run(nativeJob);
      await native.recorded(nativeJob, end.runId);
      return { ended: end.seenAt - begin, recorded: performance.now() - begin };
    };

    await repeat(10, ourRun);
    await repeat(10, nativeRun);
    for (let round = 0; round < (bench.quick ? 2 : 3); round += 1) {
      const mine = await repeat(RUNS, ourRun);
      record("ours-p50", quantile(mine, 0.5));
      record("ours-p95", quantile(mine, 0.95));
      const theirs = await repeat(RUNS, nativeRun);
      const [ended, recorded] = [theirs.map((run) => run.ended), theirs.map((run) => run.recorded)];
      record("native-p50", quantile(ended, 0.5));
      record("native-p95", quantile(ended, 0.95));
      record("native-record-p50", quantile(recorded, 0.5));
      const bare = await repeat(RUNS, () => spawnOnce(argv));
      record("spawn-p50", quantile(bare, 0.5));
      record("spawn-p95", quantile(bare, 0.95));
      record("floor", await shellLoop(4 * RUNS));
    }
    await ours.remove(ourJob);
    await native.remove(nativeJob);
  },
});
