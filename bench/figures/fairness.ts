import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { bar, figure, ungrouped } from "../lib/figure.ts";
import { pinging } from "../lib/ping.ts";
import { inParallel, repeat, timed } from "../lib/repeat.ts";
import { quantile } from "../lib/stats.ts";

const SESSIONS = 8;
const FOREVER = ["sh", "-c", "while :; do :; done"];
/** Half a second of one core, or so. */
const WORK = ["sh", "-c", "i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done"];
const PING_MS = 4_000;
/** A command is looked at after half a second; until then it weighs as much as anybody. */
const SETTLE_MS = 1_000;

/** In a session of its own, as `setsid` makes it. */
function session([program = "", ...args]: readonly string[]): ChildProcess {
  return spawn(program, args, { detached: true, stdio: "ignore" });
}

/** Keeps the machine busy with other people's work meanwhile. */
async function besideOthers<T>(work: () => Promise<T>): Promise<T> {
  const others = Array.from({ length: SESSIONS }, () => session(FOREVER));
  try {
    return await work();
  } finally {
    for (const { pid } of others) if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }
}

export const fairness = figure({
  name: "fairness",
  title: "A share of a busy machine",
  rows: {
    "ours-busy": { label: "a CPU-bound command while 8 other sessions keep the cores busy: Command Cron", unit: "s" },
    "setsid-busy": { label: "the same command under `setsid`", unit: "s" },
    "ours-alone": { label: "that command on an idle machine: Command Cron", unit: "s" },
    "setsid-alone": { label: "the same under `setsid`", unit: "s" },
    "rest-rpc": { label: "answer to a client of the gateway, at rest, p99", unit: "ms" },
    "ours-rpc": { label: "the same beside 8 CPU-bound commands: Command Cron, p99", unit: "ms" },
    "setsid-rpc": { label: "the same beside 8 under `setsid`, p99", unit: "ms" },
  },
  plots: [
    {
      file: "fairness",
      title: "A CPU-bound command beside 8 busy sessions, seconds",
      scale: "linear",
      groups: ungrouped(bar.ours("Command Cron", "fairness.ours-busy"), bar.control("setsid", "fairness.setsid-busy")),
    },
  ],
  async measure(bench, record) {
    const { ours, gateway } = await bench.gateway();
    const work = await ours.add({ argv: WORK });
    const hogs = await repeat(SESSIONS, () => ours.add({ argv: FOREVER }));
    const ourSeconds = async (): Promise<number> => (await ours.timedRun(work)) / 1_000;
    const setsidSeconds = async (): Promise<number> => (await timed(() => once(session(WORK), "exit"))) / 1_000;
    const p99 = async (): Promise<number> => quantile(await pinging(gateway, () => sleep(PING_MS)), 0.99);

    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      record("ours-alone", await ourSeconds());
      record("setsid-alone", await setsidSeconds());
      await besideOthers(async () => {
        record("ours-busy", await ourSeconds());
        record("setsid-busy", await setsidSeconds());
      });
      record("rest-rpc", await p99());
      await inParallel(SESSIONS, SESSIONS, (index) => ours.run(hogs[index] ?? ""));
      await sleep(SETTLE_MS);
      record("ours-rpc", await p99());
      await inParallel(SESSIONS, SESSIONS, (index) => ours.cancel(hogs[index] ?? ""));
      record("setsid-rpc", await besideOthers(p99));
    }
    for (const id of [work, ...hogs]) await ours.remove(id);
  },
});
