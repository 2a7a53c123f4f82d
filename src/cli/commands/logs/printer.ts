import type { LogChunk } from "../../../engine/api.ts";
import type { CliIo } from "../../io.ts";
import { cleanBlock } from "../../render/index.ts";

interface PrinterOptions {
  timestamps: boolean;
  /** One JSON object a chunk. */
  json: boolean;
}

interface LogPrinter {
  print(chunks: readonly LogChunk[], attempt: number): void;
  /** Nothing more has come for a moment: shows the lines that have no end yet, such as a prompt. */
  pause(): void;
  /** Prints what is left of lines without an end. */
  end(): void;
}

/** What may be the beginning of a control sequence or of a line's end. */
const UNFINISHED = /(?:\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*)?|\r)$/;

/** Lines of the two streams, each put together over chunks so that no character and no control sequence is cut apart. */
function createLinePrinter(io: CliIo, timestamps: boolean): LogPrinter {
  /** Whose line on the terminal has no end yet. */
  let open: LogChunk["stream"] | undefined;
  const streams = { stdout: createStream("stdout"), stderr: createStream("stderr") };

  function createStream(name: LogChunk["stream"]) {
    const decoder = new TextDecoder();
    let partial = "";
    let sinceMs = 0;
    const write = (text: string, ended: boolean): void => {
      const prefix = timestamps ? `${new Date(sinceMs).toISOString()} ${name} | ` : "";
      if (open !== undefined && open !== name) io.stdout.write("\n");
      const lines = cleanBlock(text).split("\n");
      const head = open === name ? "" : prefix;
      io.stdout.write(head + lines.join(`\n${prefix}`) + (ended ? "\n" : ""));
      open = ended ? undefined : name;
    };
    return {
      take(chunk: LogChunk) {
        if (partial === "") sinceMs = chunk.atMs;
        partial += decoder.decode(Buffer.from(chunk.dataBase64, "base64"), { stream: true });
        const end = partial.lastIndexOf("\n");
        if (end === -1) return;
        write(partial.slice(0, end).replace(/\r$/, ""), true);
        partial = partial.slice(end + 1);
        sinceMs = chunk.atMs;
      },
      pause() {
        const held = UNFINISHED.exec(partial)?.index ?? partial.length;
        if (held > 0) write(partial.slice(0, held), false);
        partial = partial.slice(held);
      },
      end() {
        partial += decoder.decode();
        if (partial !== "" || open === name) write(partial, true);
        partial = "";
      },
    };
  }

  return {
    print(chunks) {
      for (const chunk of chunks) streams[chunk.stream].take(chunk);
    },
    pause() {
      streams.stdout.pause();
      streams.stderr.pause();
    },
    end() {
      streams.stdout.end();
      streams.stderr.end();
    },
  };
}

/** Raw bytes for files and pipes, clean lines for terminals and with timestamps, JSON lines for programs. */
export function createLogPrinter(io: CliIo, { timestamps, json }: PrinterOptions): LogPrinter {
  if (!json && (timestamps || io.stdout.isTTY === true)) return createLinePrinter(io, timestamps);
  return {
    print(chunks, attempt) {
      for (const chunk of chunks) {
        const line = json ? `${JSON.stringify({ ...chunk, attempt })}\n` : Buffer.from(chunk.dataBase64, "base64");
        io.stdout.write(line);
      }
    },
    pause() {},
    end() {},
  };
}
