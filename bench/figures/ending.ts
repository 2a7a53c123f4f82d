import { spawn } from "node:child_process";
import { bar, figure } from "../lib/figure.ts";
import { allDead, findMarked, untilMarked } from "../lib/marked.ts";

const SIZES = [1, 200, 1_000] as const;

/** A shell and its children, `size` processes together, that sleep and carry a mark in their arguments. */
const treeOf = (size: number, mark: string): string[] =>
  size === 1
    ? ["sleep", mark]
    : ["sh", "-c", `i=1; while [ $i -lt ${size} ]; do sleep ${mark} & i=$((i+1)); done; wait; : ${mark}`];

let marks = 0;
/** An uncommon number of seconds, new for each tree. */
function newMark(): string {
  marks += 1;
  return `90${process.pid}.${marks}`;
}

export const ending = figure({
  name: "ending",
  title: "Ending a process tree",
  rows: {
    "ours-1": { label: "Command Cron: cancel until no process is left, 1 process", unit: "ms" },
    "native-1": { label: "the gateway's own, 1 process", unit: "ms" },
    "kill-1": { label: "one SIGKILL to the process group, 1 process", unit: "ms" },
    "ours-200": { label: "Command Cron, 200 processes", unit: "ms" },
    "native-200": { label: "the gateway's own, 200 processes", unit: "ms" },
    "kill-200": { label: "SIGKILL to the group, 200 processes", unit: "ms" },
    "ours-1000": { label: "Command Cron, 1,000 processes", unit: "ms" },
    "native-1000": { label: "the gateway's own, 1,000 processes", unit: "ms" },
    "kill-1000": { label: "SIGKILL to the group, 1,000 processes", unit: "ms" },
    "ours-answer-1000": {
      label: "Command Cron, 1,000 processes: until `cancel` answers that nothing is left",
      unit: "ms",
    },
  },
  plots: [
    {
      file: "ending",
      title: "From cancel to an empty tree, milliseconds",
      scale: "log",
      groups: SIZES.map((size) => ({
        label: size === 1 ? "1 process" : `${size.toLocaleString("en-US")} processes`,
        bars: [
          bar.ours("Command Cron", `ending.ours-${size}`),
          bar.native("the gateway's own", `ending.native-${size}`),
          bar.control("SIGKILL to the group", `ending.kill-${size}`),
        ],
      })),
    },
  ],
  async measure(bench, record) {
    const { ours, native } = await bench.gateway();
    for (const size of SIZES) {
      const rounds = bench.quick ? 1 : size === 1_000 ? 3 : 5;
      for (let round = 0; round < rounds; round += 1) {
        const mark = newMark();
        const job = await ours.add({ argv: treeOf(size, mark) });
        await ours.run(job);
        const ended = await timeToDeath(mark, size, () => ours.cancel(job));
        record(`ours-${size}`, ended.deadMs);
        if (size === 1_000) record("ours-answer-1000", ended.answerMs);
        await ours.remove(job);

        const nativeMark = newMark();
        const nativeJob = (await native.add({ argv: treeOf(size, nativeMark) })).id;
        await native.enqueue(nativeJob);
        record(`native-${size}`, (await timeToDeath(nativeMark, size, () => native.cancel(nativeJob))).deadMs);
        await native.remove(nativeJob);

        const bareMark = newMark();
        const [program = "", ...args] = treeOf(size, bareMark);
        const bare = spawn(program, args, { detached: true, stdio: "ignore" });
        const killed = await timeToDeath(bareMark, size, async () => {
          process.kill(-(bare.pid ?? 0), "SIGKILL");
        });
        record(`kill-${size}`, killed.deadMs);
      }
    }
  },
});

/** Waits for the whole tree, asks for its end, and watches the processes themselves. */
async function timeToDeath(mark: string, size: number, end: () => Promise<void>) {
  const pids = await untilMarked(mark, size);
  const begin = performance.now();
  const [answerMs, deadMs] = await Promise.all([
    end().then(() => performance.now() - begin),
    allDead(pids).then(() => performance.now() - begin),
  ]);
  const left = findMarked(mark).length;
  if (left > 0) throw new Error(`${left} processes of ${size} are left`);
  return { answerMs, deadMs };
}
