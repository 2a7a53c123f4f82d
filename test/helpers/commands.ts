import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutorOptions } from "../../src/executor/executor.ts";
import { createExecutor, type Executor } from "../../src/executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../src/executor/types.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";

let serial = 0;

/** A spec with the defaults of a job, for the given argv; a text is a shell line. */
export function specOf(dir: string, command: string | string[], more: Partial<CommandSpec> = {}): CommandSpec {
  serial += 1;
  const attemptKey = `test-${process.pid}-${serial}.1`;
  return {
    attemptKey,
    argv: typeof command === "string" ? ["sh", "-c", command] : command,
    cwd: dir,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    timeoutMs: 60_000,
    noOutputTimeoutMs: 0,
    outputMaxBytes: 65_536,
    stopSignal: "SIGTERM",
    stopGraceMs: 5_000,
    leftovers: "kill",
    onGatewayExit: "continue",
    logDir: join(dir, "logs", attemptKey),
    logBudgetBytes: 64 * 1_048_576,
    ...more,
  };
}

export const textOf = (result: AttemptResult, stream: "stdout" | "stderr" = "stdout"): string =>
  Buffer.from(result[stream].tail, "base64").toString();

export interface Bench {
  dir: string;
  executor: Executor;
  run(command: string | string[], more?: Partial<CommandSpec>): Promise<AttemptResult>;
  close(): void;
}

/** A real executor in a directory of its own. */
export function createBench(options: Partial<ExecutorOptions> = {}): Bench {
  const dir = mkdtempSync(join(tmpdir(), "cc-exec-"));
  const executor = createExecutor({
    clock: systemClock,
    logger: silentLogger,
    workDir: join(dir, "work"),
    ...options,
  });
  return {
    dir,
    executor,
    run: (command, more) => executor.run(specOf(dir, command, more), () => {}).result,
    close() {
      executor.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
