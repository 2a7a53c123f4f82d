import { figure } from "../../lib/figure.ts";
import type { Host } from "../../lib/host.ts";
import { quantile } from "../../lib/stats.ts";

/** Nobody, as Linux has it. */
const NOBODY = 65_534;
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
    "spawn-8": { label: "bare spawn in that same process, 8 at a time", unit: "/s" },
  },
  plots: [],
  async measure(bench, record) {
    const isRoot = process.getuid?.() === 0;
    const user = await bench.host(isRoot ? { uid: NOBODY } : {});
    const root = isRoot ? await bench.host() : undefined;
    const take = async (host: Host, op: "manyRuns" | "manySpawns", name: "root" | "user" | "spawn"): Promise<void> => {
      record(`${name}-p50`, quantile((await host.ask(op, { count: RUNS, parallel: 1 })).eachMs, 0.5));
      const { totalMs } = await host.ask(op, { count: 2 * RUNS, parallel: PARALLEL });
      record(`${name}-8`, (2 * RUNS) / (totalMs / 1_000));
    };
    for (const host of [user, root]) await host?.ask("manyRuns", { count: 50, parallel: PARALLEL });
    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      await take(user, "manyRuns", "user");
      await take(user, "manySpawns", "spawn");
      if (root !== undefined) await take(root, "manyRuns", "root");
    }
    await user.close();
    await root?.close();
  },
});
