import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ExecutorProcess } from "../helpers/executor-process.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { COLUMNS, printsColumns } from "./columns.ts";

/** In each column. */
const ROUNDS = Math.ceil(Number(process.env["HOSTILE_ROUNDS"] ?? 20) / COLUMNS.length);
/** A tree must be gone so long after the result at the latest; what is only a zombie by then has ended. */
const GONE_WITHIN_MS = 2_000;

const PATIENCE_MAX = 16;

const FIXTURES = join(import.meta.dirname, "../fixtures/commands");

interface Hostile {
  name: string;
  /** A shell line that leaves something running in the background. */
  line: string;
  /** At least so many processes must have been found. */
  atLeast: number;
  parallel: number;
  /** When it is complete. */
  readyMs?: number;
  /** True when only a control group can know its members. */
  needsCgroup?: boolean;
}

const TREES: Hostile[] = [
  { name: "a background child", line: "sleep 300 &", atLeast: 1, parallel: 20 },
  {
    name: "background grandchildren of a shell",
    line: "sh -c 'sleep 300 & sleep 300 & wait' &",
    atLeast: 3,
    parallel: 20,
  },
  { name: "a grandchild that ignores TERM", line: "(trap '' TERM; sleep 300) &", atLeast: 1, parallel: 20 },
  { name: "a child in a session of its own", line: "setsid sleep 300 &", atLeast: 1, parallel: 20 },
  {
    name: "a double-forked daemon",
    line: "(setsid sh -c 'sleep 300 & sleep 300' >/dev/null 2>&1 </dev/null &)",
    atLeast: 2,
    parallel: 20,
  },
  {
    name: "a double-forked daemon that cleared its environment",
    line: "(env -i PATH=\"$PATH\" setsid sh -c 'sleep 300 & sleep 300' >/dev/null 2>&1 </dev/null &)",
    atLeast: 2,
    parallel: 20,
    needsCgroup: true,
  },
  { name: "a child in a group of its own", line: "timeout 300 sleep 300 &", atLeast: 2, parallel: 20 },
  {
    name: "two hundred processes",
    line: "i=0; while [ $i -lt 200 ]; do sleep 300 & i=$((i+1)); done",
    atLeast: 200,
    readyMs: 1_500,
    parallel: 2,
  },
  {
    name: "a fork storm of two seconds",
    line: "(trap '' TERM; end=$(($(date +%s) + 2)); while [ $(date +%s) -lt $end ]; do (setsid sleep 300 &); sleep 300 & done; wait) &",
    atLeast: 2,
    parallel: 2,
  },
  {
    name: "a process that moves on into a new session all the time",
    line: `(export END=$(($(date +%s) + 30)); exec sh ${join(FIXTURES, "moving.sh")}) &`,
    atLeast: 1,
    parallel: 2,
    // Reading /proc cannot keep up with it on a busy machine; a control group cannot be outrun.
    needsCgroup: true,
  },
  { name: "a stopped child", line: "sh -c 'sleep 300 & kill -STOP $$; sleep 300' &", atLeast: 2, parallel: 20 },
  {
    name: "a child that holds the output open and writes",
    line: "(trap '' TERM PIPE; while :; do echo x; sleep 0.01; done) &",
    atLeast: 1,
    parallel: 20,
  },
];

/** The three ways an attempt comes to its end. */
const ENDINGS = [
  { name: "at its time limit", tail: () => "sleep 300", outcome: "timed_out" },
  { name: "by cancel", tail: () => "sleep 300", outcome: "canceled" },
  { name: "after exit 0", tail: (patience: number) => `sleep ${0.15 * patience}; exit 0`, outcome: "exited" },
] as const;

let bystander: ChildProcess;
beforeAll(() => {
  bystander = spawn("sleep", ["7200"], { detached: true, stdio: "ignore" });
});
afterEach(() => {
  expect(isAlive(bystander.pid ?? 0), "a process that has nothing to do with it").toBe(true);
});
afterAll(() => {
  bystander.kill("SIGKILL");
});

/** A machine that is too busy to complete the tree in its time gets more of it, up to `PATIENCE_MAX` times as much. */
async function round(
  executor: ExecutorProcess,
  tree: Hostile,
  ending: (typeof ENDINGS)[number],
  index: number,
  patience = 1,
): Promise<void> {
  const dir = join(executor.dir, `${TREES.indexOf(tree)}-${ending.outcome}-${index}-${patience}`);
  mkdirSync(dir, { recursive: true });
  const readyMs = (tree.readyMs ?? 400) * patience;
  const result = await executor.run(
    `${tree.line}\n${ending.tail(patience)}`,
    {
      cwd: dir,
      timeoutMs: ending.outcome === "timed_out" ? readyMs : 120_000,
      stopGraceMs: 300,
      logBudgetBytes: 1_048_576,
    },
    ending.outcome === "canceled" ? readyMs : undefined,
  );
  expect(result.outcome).toBe(ending.outcome);
  expect(result.cleanup.left).toEqual([]);
  await waitFor(() => processesIn(dir).length === 0, {
    timeoutMs: GONE_WITHIN_MS,
    what: `no process in ${dir}: ${JSON.stringify(processesIn(dir))}`,
  });
  if (result.cleanup.found < tree.atLeast && patience < PATIENCE_MAX)
    return await round(executor, tree, ending, index, patience * 4);
  expect(result.cleanup.found).toBeGreaterThanOrEqual(tree.atLeast);
}

const note = printsColumns(`hostile trees, ended in ${ROUNDS} rounds each way`);

for (const column of COLUMNS) {
  describe(column.name, () => {
    let executor: ExecutorProcess | undefined;
    beforeAll(async () => {
      if (column.missing === undefined) executor = await column.start();
    });
    afterAll(async () => {
      await executor?.close();
    });

    for (const tree of TREES) {
      let ways = 0;
      for (const ending of ENDINGS) {
        it(`${tree.name} is gone ${ending.name}, in ${ROUNDS} rounds`, async ({ skip }) => {
          const why =
            column.missing ?? (tree.needsCgroup && !column.hasCgroup ? "only a control group tells" : undefined);
          if (why !== undefined) note(tree.name, column, `skipped: ${why}`);
          if (why !== undefined || executor === undefined) return skip(why);
          const host = executor;
          const waiting = Array.from({ length: ROUNDS }, (_, index) => index);
          const worker = async (): Promise<void> => {
            for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
              await round(host, tree, ending, index);
            }
          };
          await Promise.all(Array.from({ length: tree.parallel }, worker));
          ways += 1;
          note(tree.name, column, `${ways} of ${ENDINGS.length} ways`);
        });
      }
    }
  });
}
