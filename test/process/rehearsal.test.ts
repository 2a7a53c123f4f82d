import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createRunnerClient } from "../../src/runner/index.ts";
import { startTestEngine } from "../helpers/engine.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { useRunner } from "./runner-bench.ts";

const bench = useRunner();

it("a rehearsal runs in the real runner, under the job's limits, and leaves neither process nor file", async () => {
  const stateDir = bench.stateDir;
  const port = createRunnerClient({
    stateDir,
    runnerFile: bench.programFile,
    clock: systemClock,
    logger: silentLogger,
  });
  const test = await startTestEngine({ deps: { stateDir, runner: port, clock: systemClock, hostEnv: process.env } });
  const rehearsal = (line: string, timeoutSeconds = 60) =>
    test.engine.rehearseJob({
      name: "rehearsal",
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "command", argv: ["sh", "-c", line], env: { GREETING: "hello" }, timeoutSeconds },
      delivery: { mode: "announce", channel: "irc", to: "#ops" },
    });
  try {
    const left = await rehearsal("echo $GREETING; sleep 300 & echo $!; exit 3");
    const [said, pid] = left.stdout.trim().split("\n");
    expect(said).toBe("hello");
    expect(isAlive(Number(pid))).toBe(false);
    expect(left).toMatchObject({ runStatus: "failed", exitCode: 3, cleanup: { found: 1, ended: 1, left: [] } });
    expect(left.text).toBe(`hello\n${pid}\n\ncommand exited with code 3`);

    expect(await rehearsal("sleep 300", 1)).toMatchObject({ runStatus: "timed_out", text: "command timed out" });
    const gone = rehearsal("echo begun; sleep 300");
    gone.catch(() => {});
    await waitFor(
      () => processesIn(test.deps.homeDir).some(({ command }) => command.includes("sleep 300")) || undefined,
    );
    await test.engine.stop();
    await expect(gone).rejects.toMatchObject({ code: "SERVICE_STOPPED" });
    await waitFor(
      () => !processesIn(test.deps.homeDir).some(({ command }) => command.includes("sleep 300")) || undefined,
    );
    expect(test.sent).toEqual([]);
    expect(existsSync(join(stateDir, "logs"))).toBe(false);
  } finally {
    await test.engine.stop();
  }
});
