import { setTimeout as sleep } from "node:timers/promises";
import { withoutAutogroups } from "../../lib/autogroups.ts";
import { figure } from "../../lib/figure.ts";
import type { Host } from "../../lib/host.ts";
import { median, quantile } from "../../lib/stats.ts";
import { SLOW_SYNC_MS } from "../../lib/user-goals.ts";

/** Nobody, as Linux has it. */
const NOBODY = 65_534;
const RUNS = 200;
const PARALLEL = 8;
/** How long a job of every second is watched. */
const FIRINGS_MS = 10_500;

type Whose = "root" | "user" | "plain" | "slow" | "spawn";

export const user = figure({
  name: "user",
  title: "As an ordinary user",
  rows: {
    "root-p50": { label: "engine alone, run of `true`, p50: as root, with control groups", unit: "ms" },
    "user-p50": { label: "the same as an ordinary user, without control groups", unit: "ms" },
    "plain-p50": { label: "the same, also without `chrt` and without autogroups", unit: "ms" },
    "spawn-p50": { label: "bare `child_process.spawn` in that same process, p50", unit: "ms" },
    "root-8": { label: "engine alone, 8 at a time: as root, with control groups", unit: "/s" },
    "user-8": { label: "the same as an ordinary user, without control groups", unit: "/s" },
    "plain-8": { label: "the same, also without `chrt` and without autogroups", unit: "/s" },
    "slow-p50": { label: "as an ordinary user on a disk that syncs in 50 ms, p50", unit: "ms" },
    "slow-8": { label: "the same, 8 at a time", unit: "/s" },
    "spawn-8": { label: "bare spawn in that same process, 8 at a time", unit: "/s" },
    "user-loop": { label: "event loop, delay p99 while 8 run at a time: as an ordinary user", unit: "ms" },
    "slow-loop": { label: "the same on a disk that syncs in 50 ms", unit: "ms" },
    "user-late": { label: "lateness of an every-second job on record, p50: as an ordinary user", unit: "ms" },
    "slow-late": { label: "the same on a disk that syncs in 50 ms", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    const isRoot = process.getuid?.() === 0;
    const as = isRoot ? { uid: NOBODY } : {};
    const user = await bench.host(as);
    const slow = await bench.host({ ...as, syncMs: SLOW_SYNC_MS });
    const root = isRoot ? await bench.host() : undefined;
    const plain = isRoot ? await bench.host({ ...as, withoutChrt: true }) : undefined;

    const take = async (host: Host, op: "manyRuns" | "manySpawns", name: Whose): Promise<void> => {
      const count = name === "slow" ? RUNS / 5 : RUNS;
      record(`${name}-p50`, quantile((await host.ask(op, { count, parallel: 1 })).eachMs, 0.5));
      const all = host.ask(op, { count: 2 * count, parallel: PARALLEL });
      if (name === "user" || name === "slow") {
        record(`${name}-loop`, (await host.ask("loop", { forMs: 500 })).p99Ms);
      }
      record(`${name}-8`, (2 * count) / ((await all).totalMs / 1_000));
    };
    const lateness = async (host: Host): Promise<number> => {
      const id = await host.ask("add", { argv: ["/bin/true"], everyMs: 1_000 });
      await sleep(FIRINGS_MS);
      return median((await host.ask("runs", { id })).entries.map(({ latenessMs }) => latenessMs));
    };

    for (const host of [user, slow, root, plain]) await host?.ask("manyRuns", { count: 50, parallel: PARALLEL });
    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      await take(user, "manyRuns", "user");
      await take(user, "manySpawns", "spawn");
      await take(slow, "manyRuns", "slow");
      if (root !== undefined) await take(root, "manyRuns", "root");
      if (plain !== undefined) await withoutAutogroups(() => take(plain, "manyRuns", "plain"));
    }
    const [ours, slowed] = await Promise.all([lateness(user), lateness(slow)]);
    record("user-late", ours);
    record("slow-late", slowed);
    for (const host of [user, slow, root, plain]) await host?.close();
  },
});
