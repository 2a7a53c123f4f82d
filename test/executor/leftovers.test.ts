import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLog } from "../../src/executor/index.ts";
import { type Bench, createBench, textOf } from "../helpers/commands.ts";
import { isAlive } from "../helpers/processes.ts";

let bench: Bench;
beforeAll(() => {
  bench = createBench({ cgroupName: "command-cron-leftovers" });
});
afterAll(() => bench.close());

describe("what a command was allowed to leave behind", () => {
  for (const leftovers of ["allow", "report"] as const) {
    it(`may go on writing: ${leftovers}`, async () => {
      const result = await bench.run("(sleep 0.6; echo late; echo late; exec sleep 30) & echo $!", { leftovers });
      const pid = Number(textOf(result));
      await sleep(1_200);
      expect(isAlive(pid)).toBe(true);
      expect(textOf(result)).toBe(`${pid}\n`);
      process.kill(pid, "SIGKILL");
      const log = await readLog(join(bench.dir, "logs", result.attemptKey), { offset: 0, limit: 1_000 });
      expect(log).toMatchObject({ endOffset: `${pid}\n`.length, complete: true, cut: result.log.cut });
      expect(result.log).toMatchObject({ droppedBytes: 0, cut: expect.stringContaining("still hold the output") });
    });
  }
});

const CC = ["/usr/bin/cc", "/usr/bin/gcc"].find((path) => existsSync(path));
/** Its main thread ends, another goes on: the system shows the process as a zombie. */
const SOURCE = `#include <pthread.h>
#include <unistd.h>
static void *work(void *x) { for (;;) sleep(1); return x; }
int main(void) { pthread_t t; pthread_create(&t, 0, work, 0); pthread_exit(0); }
`;

describe.skipIf(CC === undefined)("a process whose main thread has ended (needs a C compiler)", () => {
  // A name of its own: the list of processes is everybody's.
  const name = `thread${process.pid}`;
  let program: string;
  beforeAll(() => {
    program = join(bench.dir, name);
    writeFileSync(`${program}.c`, SOURCE);
    execFileSync(CC ?? "", ["-pthread", "-o", program, `${program}.c`]);
  });

  for (const cgroupName of [undefined, "command-cron-threads"]) {
    const own = () => createBench(cgroupName === undefined ? {} : { cgroupName });
    const where = cgroupName === undefined ? "found by looking" : "in a control group where there is one";
    it.each([
      ["as the command", (path: string) => [path], "timed_out"],
      ["in the background", (path: string) => ["sh", "-c", `${path} & sleep 0.3`], "exited"],
      ["in a session of its own", (path: string) => ["sh", "-c", `setsid ${path} & sleep 0.3`], "exited"],
    ])(`is alive and is ended: %s, ${where}`, async (_, argv, outcome) => {
      const test = own();
      const result = await test.run(argv(program), { timeoutMs: 1_500, stopGraceMs: 500 });
      expect(result.outcome).toBe(outcome);
      expect(result.cleanup).toMatchObject({ found: 1, ended: 1, left: [] });
      // A thread that works is shown by its own state; what nobody has waited for yet is only a zombie.
      const threads = execFileSync("ps", ["-eLo", "stat=,comm="], { encoding: "utf8" }).split("\n");
      expect(threads.filter((line) => !line.startsWith("Z") && line.endsWith(` ${name}`))).toEqual([]);
      test.close();
    });
  }
});
