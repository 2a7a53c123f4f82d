import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textOf } from "../helpers/commands.ts";
import type { ExecutorProcess } from "../helpers/executor-process.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { COLUMNS, type Column, printsColumns } from "./columns.ts";

interface Check {
  name: string;
  /** Why it says nothing there. */
  not?(column: Column): string | undefined;
  run(executor: ExecutorProcess): Promise<void>;
}

const EAT = "x=$(head -c 100000000 /dev/zero | tr '\\0' x); test -n \"$x\"";
const FORKS = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 30 & done; wait";

const CHECKS: readonly Check[] = [
  {
    name: "time limit",
    async run(executor) {
      const result = await executor.run("echo partial; setsid sleep 300 & sleep 300", { timeoutMs: 1_500 });
      expect(result).toMatchObject({ outcome: "timed_out", signal: "SIGTERM", cleanup: { left: [] } });
      expect(textOf(result)).toBe("partial\n");
    },
  },
  {
    name: "silence",
    async run(executor) {
      expect(await executor.run("echo x; sleep 300", { noOutputTimeoutMs: 400 })).toMatchObject({ outcome: "silent" });
    },
  },
  {
    name: "CPU time",
    async run(executor) {
      const spin = await executor.run("while :; do :; done", { limits: { cpuSeconds: 1 }, timeoutMs: 120_000 });
      expect(spin).toMatchObject({ outcome: "signaled", signal: "SIGXCPU" });
    },
  },
  {
    name: "memory",
    async run(executor) {
      expect(await executor.run(EAT)).toMatchObject({ exitCode: 0 });
      expect((await executor.run(EAT, { limits: { memoryBytes: 50_000_000 } })).exitCode).not.toBe(0);
    },
  },
  {
    name: "open files",
    async run(executor) {
      expect(textOf(await executor.run("ulimit -n", { limits: { openFiles: 77 } }))).toBe("77\n");
    },
  },
  {
    name: "processes",
    not: (column) => (column.isRoot ? "no system counts the processes of root" : undefined),
    async run(executor) {
      const result = await executor.run(FORKS, { limits: { processes: 5 }, timeoutMs: 3_000 });
      expect(textOf(result, "stderr")).toMatch(/fork|resource/i);
      expect(result.cleanup.left).toEqual([]);
    },
  },
  {
    name: "nice",
    async run(executor) {
      expect(textOf(await executor.run("nice", { limits: { nice: 6 } }))).toBe("6\n");
    },
  },
  {
    name: "leftovers: kill",
    async run(executor) {
      const result = await executor.run("setsid sleep 300 >/dev/null 2>&1 & echo $!");
      expect(result.cleanup).toMatchObject({ found: 1, ended: 1, left: [] });
      expect(isAlive(Number(textOf(result)))).toBe(false);
    },
  },
  ...(["report", "allow"] as const).map(
    (leftovers): Check => ({
      name: `leftovers: ${leftovers}, which go on writing`,
      async run(executor) {
        const dir = mkdtempSync(join(executor.dir, "left-"));
        const line = `cd ${dir}; setsid sh -c 'sleep 1; while :; do echo on; sleep 0.1; done' & echo $!`;
        const result = await executor.run(line, { leftovers });
        const pid = Number(textOf(result).split("\n")[0]);
        await sleep(2_500);
        expect(isAlive(pid)).toBe(true);
        expect(result.cleanup.left.map((left) => left.pid).includes(pid)).toBe(leftovers === "report");
        process.kill(-pid, "SIGKILL");
        await expect.poll(() => processesIn(dir), { timeout: 30_000 }).toEqual([]);
      },
    }),
  ),
];

const note = printsColumns("limits and leftovers");

for (const column of COLUMNS) {
  describe(column.name, () => {
    let executor: ExecutorProcess | undefined;
    beforeAll(async () => {
      if (column.missing === undefined) executor = await column.start();
    });
    afterAll(async () => {
      await executor?.close();
    });

    for (const check of CHECKS) {
      it(`${check.name} holds`, async ({ skip }) => {
        const why = column.missing ?? check.not?.(column);
        if (why !== undefined) note(check.name, column, `skipped: ${why}`);
        if (why !== undefined || executor === undefined) return skip(why);
        await check.run(executor);
        note(check.name, column, "ok");
      });
    }
  });
}
