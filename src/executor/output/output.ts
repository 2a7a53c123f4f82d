import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import { createLogWriter, type LogFiles } from "../log/index.ts";
import { ACTION_LINES_MAX, type AttemptResult, type CommandSpec } from "../types.ts";
import { createCapture } from "./capture.ts";
import type { OutputSource } from "./source.ts";

/** Output still in the pipes after the command has ended is read for so long, whoever holds them open. */
export const LATE_OUTPUT_MS = 250;

/** Both streams of an attempt: what is kept in the result, and the log. */
export interface Output {
  take(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** The pipes to hold back while the log catches up. */
  connect(sources: readonly OutputSource[]): void;
  /**
   * Reads what is left in the pipes: all that was written until now, and what comes within a moment. Closes them then,
   * unless somebody may go on writing (`keepOpen`): what comes later is read and forgotten, so that nobody dies of it.
   */
  drain(keepOpen?: boolean): Promise<void>;
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
  const each = (verb: "pause" | "resume" | "takeRest" | "close" | "leaveOpen"): void => {
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

  return {
    take(stream, chunk) {
      if (!finished) captures[stream].push(chunk);
    },
    connect(given) {
      sources = given;
    },
    async drain(keepOpen = false) {
      log.hurry();
      const ended = Promise.all(sources.map((source) => source.ended));
      let cancel = (): void => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.setTimer(resolve, LATE_OUTPUT_MS);
      });
      await Promise.race([ended, late]);
      cancel();
      // On a busy host the time may be over before this process has looked at the pipes once.
      await nextTurn();
      await nextTurn();
      each("takeRest");
      each(keepOpen ? "leaveOpen" : "close");
      if (!keepOpen) await ended;
    },
    async finish() {
      finished = true;
      const stdout = captures.stdout.end();
      const stderr = captures.stderr.end();
      return {
        stdout: stdout.stream,
        stderr: stderr.stream,
        actionLines: [...stdout.actionLines, ...stderr.actionLines].slice(0, ACTION_LINES_MAX),
        log: await log.close(),
      };
    },
  };
}
