/** Runner ports that do wrong on purpose, around the real one. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptResult } from "../../src/executor/types.ts";
import type { RunnerPort } from "../../src/runner/port.ts";

/** Starts every attempt twice, behind the ledger's back. */
export const twice = (port: RunnerPort): RunnerPort => ({
  ...port,
  start(spec) {
    port.start(spec);
    port.start({ ...spec, attemptKey: `${spec.attemptKey}0`, logDir: `${spec.logDir}0` });
  },
});

/** The log of an attempt begins in a file of this name. */
const FIRST_SEGMENT = `${"0".repeat(16)}.seg`;

/**
 * Spoils what the job whose command mentions `bad` does, as long as `what` says so: its results have lost a part that each
 * release so far had, or its logs lie on a device that never answers, a pipe that nobody reads.
 */
export function poisonable(
  port: RunnerPort,
  what: () => "result" | "log" | undefined,
): { port: RunnerPort; release(): Promise<void> } {
  const bad = new Set<string>();
  let pipes: string[] = [];

  const spoilt = (result: AttemptResult): AttemptResult =>
    what() === "result" && bad.has(result.attemptKey)
      ? ({ ...result, cleanup: undefined, stdout: undefined } as unknown as AttemptResult)
      : result;

  return {
    port: {
      ...port,
      open: (events) => port.open({ ...events, ended: (result) => events.ended(spoilt(result)) }),
      start(spec) {
        if (spec.argv.some((word) => word.includes("bad"))) {
          bad.add(spec.attemptKey);
          if (what() === "log") {
            const pipe = join(spec.logDir, FIRST_SEGMENT);
            mkdirSync(spec.logDir, { recursive: true });
            execFileSync("mkfifo", [pipe]);
            pipes.push(pipe);
          }
        }
        port.start(spec);
      },
    },
    /** The device answers again: whoever waits for it goes on. */
    async release() {
      for (const pipe of pipes) await (await open(pipe, "r+")).close();
      pipes = [];
    },
  };
}
