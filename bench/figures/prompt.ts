import { join } from "node:path";
import { figure } from "../lib/figure.ts";
import { spawnOnce } from "../lib/floor.ts";
import { repeat } from "../lib/repeat.ts";
import { childrenCpuMs } from "../lib/rss.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "dist", "bin.js");
const CALLS = 5;
const LOOK_JOBS = 20;

export const prompt = figure({
  name: "prompt",
  title: "At the prompt",
  rows: {
    "ours-list": { label: "`command-cron list` of 20 jobs: CPU of the whole process", unit: "ms" },
    "native-list": { label: "`openclaw cron list` at the same gateway", unit: "ms" },
    bare: { label: "`node -e 0`", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    const { ours, gateway } = await bench.gateway();
    const ids = await repeat(LOOK_JOBS, () => ours.add({ argv: ["true"] }));
    const cpu = async (work: () => Promise<unknown>): Promise<number> => {
      const before = childrenCpuMs();
      await repeat(CALLS, work);
      return (childrenCpuMs() - before) / CALLS;
    };
    const node =
      (...args: string[]) =>
      () =>
        spawnOnce([process.execPath, ...args]);
    const list = node(PROGRAM, "list", "--url", gateway.url, "--token", gateway.token);
    await list();
    for (let round = 0; round < (bench.quick ? 2 : 5); round += 1) {
      record("ours-list", await cpu(list));
      if (round < 2) record("native-list", await cpu(() => gateway.cli(["cron", "list"])));
      record("bare", await cpu(node("-e", "0")));
    }
    for (const id of ids) await ours.remove(id);
  },
});
