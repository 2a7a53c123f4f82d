import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBench, textOf } from "../helpers/commands.ts";

/** Runs in all; thousands outside CI. */
const RUNS = Number(process.env["BUSY_RUNS"] ?? 480);
const AT_A_TIME = 30;
const LOOPS = 4;

/** Programs that keep every core busy, each in a session of its own, as the host's other work is. */
let loops: ChildProcess[] = [];
beforeAll(() => {
  loops = Array.from({ length: LOOPS }, () =>
    spawn("sh", ["-c", "while :; do :; done"], { detached: true, stdio: "ignore" }),
  );
});
afterAll(() => {
  for (const { pid } of loops) if (pid !== undefined) process.kill(-pid, "SIGKILL");
});

describe("on a busy host", () => {
  it("no output is lost", { timeout: 3_600_000 }, async () => {
    const lost: string[] = [];
    for (let done = 0; done < RUNS; done += AT_A_TIME) {
      const bench = createBench();
      const ended = await Promise.all(Array.from({ length: AT_A_TIME }, () => bench.run("sleep 0.3; echo own")));
      for (const result of ended) if (textOf(result) !== "own\n") lost.push(JSON.stringify(result));
      bench.close();
    }
    expect(lost).toEqual([]);
  });
});
