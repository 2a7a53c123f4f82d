import { figure } from "../../lib/figure.ts";
import type { Host } from "../../lib/host.ts";
import { quantile } from "../../lib/stats.ts";

/** Nobody, as Linux has it. */
const NOBODY = 65_534;
/** What a spinning disk, or a busy network one, takes to sync. */
const SLOW_SYNC_MS = 50;
const RUNS = 200;
const PARALLEL = 8;

export const user = figure({
  name: "user",
  title: "As an ordinary user",
  rows: {
    "root-p50": { label: "engine alone, run of `true`, p50: as root, with control groups", unit: "ms" },
    "user-p50": { label: "the same as an ordinary user, without control groups", unit: "ms" },
    "spawn-p50": { label: "bare `child_process.spawn` in that same process, p50", unit: "ms" },
    "root-8": { label: "engine alone, 8 at a time: as root, with control groups", unit: "/s" },
    "user-8": { label: "the same as an ordinary user, without control groups", unit: "/s" },
    "slow-p50": { label: "as an ordinary user on a disk that syncs in 50 ms, p50", unit: "ms" },
    "slow-8": { label: "the same, 8 at a time", unit: "/s" },
    "spawn-8": { label: "bare spawn in that same process, 8 at a time", unit: "/s" },
  },
  plots: [],
  async measure(bench, record) {
    const isRoot = process.getuid?.() === 0;
    const as = isRoot ? { uid: NOBODY } : {};
    const user = await bench.host(as);
    const slow = await bench.host({ ...as, syncMs: SLOW_SYNC_MS });
    const root = isRoot ? await bench.host() : undefined;
    const take = async (
      host: Host,
      op: "manyRuns" | "manySpawns",
      name: "root" | "user" | "slow" | "spawn",
    ): Promise<void> => {
      const count = name === "slow" ? RUNS / 5 : RUNS;
      record(`${name}-p50`, quantile((await host.ask(op, { count, parallel: 1 })).eachMs, 0.5));
      const { totalMs } = await host.ask(op, { count: 2 * count, parallel: PARALLEL });
      record(`${name}-8`, (2 * count) / (totalMs / 1_000));
    };
    for (const host of [user, slow, root]) await host?.ask("manyRuns", { count: 50, parallel: PARALLEL });
    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      await take(user, "manyRuns", "user");
      await take(user, "manySpawns", "spawn");
      await take(slow, "manyRuns", "slow");
      if (root !== undefined) await take(root, "manyRuns", "root");
    }
    for (const host of [user, slow, root]) await host?.close();
  },
});
