import { type Clock, within } from "../../kernel/clock.ts";
import { inputSeen } from "../../kernel/turns.ts";
import { createLogWriter, type LogFiles } from "../log/index.ts";
import { ACTION_LINES_MAX, type AttemptResult, type CommandSpec } from "../types.ts";
import { createCapture } from "./capture.ts";
import type { OutputSource } from "./source.ts";

/** Output still in the pipes after the command has ended is read for so long, whoever holds them open. */
export const LATE_OUTPUT_MS = 250;

/** Of the last line of a check. */
const LINE_CHARS = 200;

const HELD = "processes that were left running still hold the output; what they write later is not kept";

/** Both streams of one process of an attempt: what is kept of them, and a copy in the log. */
export interface Streams {
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
  end(): Pick<AttemptResult, "stdout" | "stderr" | "actionLines">;
  /** The last line that is not blank, of the stream that was written last; after the end. */
  lastLine(): string | undefined;
}

/** What an attempt writes: the streams of its processes, one after the other, and one log of all of them. */
export interface Output {
  /** @param outputMaxBytes kept of the end of each stream */
  streams(outputMaxBytes: number): Streams;
  finish(): Promise<AttemptResult["log"]>;
}

export function createOutput(options: {
  spec: CommandSpec;
  masks: readonly Buffer[];
  clock: Clock;
  logFiles: LogFiles | undefined;
}): Output {
  const { spec, masks, clock, logFiles } = options;
  let sources: readonly OutputSource[] = [];
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

  const allEnded = (): Promise<unknown> => Promise.all(sources.map((source) => source.ended));

  async function drain(): Promise<void> {
    log.hurry();
    const ended = allEnded().then(() => true);
    if (await within(clock, LATE_OUTPUT_MS, ended, () => false)) return;
    await inputSeen();
    for (const source of sources) source.takeRest();
  }

  function streams(outputMaxBytes: number): Streams {
    const captureOf = (stream: "stdout" | "stderr") =>
      createCapture({
        outputMaxBytes,
        masks,
        log(bytes) {
          if (!log.append(stream, bytes)) each("pause");
        },
      });
    const captures = { stdout: captureOf("stdout"), stderr: captureOf("stderr") };
    let ended: ReturnType<Streams["end"]> | undefined;
    let latest: "stdout" | "stderr" = "stdout";
    return {
      take(stream, chunk) {
        if (ended !== undefined) return;
        latest = stream;
        captures[stream].push(chunk);
      },
      connect(given) {
        sources = given;
      },
      drain,
      async close(keepOpen) {
        await drain();
        const open = sources.filter((source) => source.takeRest() && keepOpen);
        if (open.length > 0) held = true;
        for (const source of sources) source[open.includes(source) ? "leaveOpen" : "close"]();
        if (open.length === 0) await allEnded();
        sources = [];
      },
      end() {
        if (ended !== undefined) return ended;
        const stdout = captures.stdout.end();
        const stderr = captures.stderr.end();
        ended = {
          stdout: stdout.stream,
          stderr: stderr.stream,
          actionLines: [...stdout.actionLines, ...stderr.actionLines].slice(0, ACTION_LINES_MAX),
        };
        return ended;
      },
      lastLine() {
        const { stdout, stderr } = this.end();
        const [last, other] = latest === "stdout" ? [stdout, stderr] : [stderr, stdout];
        return lastLineOf(last.tail) ?? lastLineOf(other.tail);
      },
    };
  }

  return { streams, finish: () => log.close(held ? HELD : undefined) };
}

/** The last line that says something, cut to what fits a message. */
function lastLineOf(tail: string): string | undefined {
  const lines = Buffer.from(tail, "base64").toString().split("\n");
  return lines
    .findLast((line) => line.trim() !== "")
    ?.trim()
    .slice(0, LINE_CHARS);
}
