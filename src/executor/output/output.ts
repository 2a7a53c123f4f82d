import type { Clock } from "../../kernel/clock.ts";
import { inputSeen } from "../../kernel/turns.ts";
import { createLogWriter, type LogFiles } from "../log/index.ts";
import { ACTION_LINES_MAX, type AttemptResult, type CommandSpec } from "../types.ts";
import { createCapture } from "./capture.ts";
import type { OutputSource } from "./source.ts";

/** Output still in the pipes after the command has ended is read for so long, whoever holds them open. */
export const LATE_OUTPUT_MS = 250;

const HELD = "processes that were left running still hold the output; what they write later is not kept";

/** Both streams of an attempt: what is kept in the result, and the log. */
export interface Output {
  take(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** The pipes to hold back while the log catches up. */
  connect(sources: readonly OutputSource[]): void;
  /** Reads what is left in the pipes: all that was written until now, and what comes within a moment. */
  drain(): Promise<void>;
  /**
   * The same, and nothing more. Whoever still holds the pipes may go on writing (`keepOpen`): that is read and forgotten,
   * so that nobody dies of it, and the log is marked as cut.
   */
  close(keepOpen: boolean): Promise<void>;
  /** What is taken afterwards is forgotten. */
  finish(): Promise<Pick<AttemptResult, "stdout" | "stderr" | "actionLines" | "log">>;
}

export function createOutput(options: {
  spec: CommandSpec;
  masks: readonly Buffer[];
  clock: Clock;
  logFiles: LogFiles | undefined;
}): Output {
  const { spec, masks, clock, logFiles } = options;
  let sources: readonly OutputSource[] = [];
  let finished = false;
  /** Somebody went on writing after the end. */
  let held = false;
  const each = (verb: "pause" | "resume"): void => {
    for (const source of sources) source[verb]();
  };
  const log = createLogWriter({
    dir: spec.logDir,
    budgetBytes: spec.logBudgetBytes,
    clock,
    onRoom: () => each("resume"),
    ...(logFiles === undefined ? {} : { files: logFiles }),
  });
  const captureOf = (stream: "stdout" | "stderr") =>
    createCapture({
      outputMaxBytes: spec.outputMaxBytes,
      masks,
      log(bytes) {
        if (!log.append(stream, bytes)) each("pause");
      },
    });
  const captures = { stdout: captureOf("stdout"), stderr: captureOf("stderr") };

  const allEnded = (): Promise<unknown> => Promise.all(sources.map((source) => source.ended));

  async function drain(): Promise<void> {
    log.hurry();
    let cancel = (): void => {};
    const late = new Promise<true>((resolve) => {
      cancel = clock.setTimer(() => resolve(true), LATE_OUTPUT_MS);
    });
    const isLate = await Promise.race([allEnded().then(() => false), late]);
    cancel();
    if (!isLate) return;
    await inputSeen();
    for (const source of sources) source.takeRest();
  }

  return {
    take(stream, chunk) {
      if (!finished) captures[stream].push(chunk);
    },
    connect(given) {
      sources = given;
    },
    drain,
    async close(keepOpen) {
      await drain();
      const open = sources.filter((source) => source.takeRest() && keepOpen);
      held = open.length > 0;
      for (const source of sources) source[open.includes(source) ? "leaveOpen" : "close"]();
      if (!held) await allEnded();
    },
    async finish() {
      finished = true;
      const stdout = captures.stdout.end();
      const stderr = captures.stderr.end();
      return {
        stdout: stdout.stream,
        stderr: stderr.stream,
        actionLines: [...stdout.actionLines, ...stderr.actionLines].slice(0, ACTION_LINES_MAX),
        log: await log.close(held ? HELD : undefined),
      };
    },
  };
}
