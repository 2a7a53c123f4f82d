import type { LogChunk } from "../../engine/api.ts";
import type { CliIo } from "../io.ts";
import { cleanBlock } from "../render/index.ts";

interface PrinterOptions {
  timestamps: boolean;
  /** One JSON object a chunk. */
  json: boolean;
}

interface LogPrinter {
  print(chunks: readonly LogChunk[]): void;
  /** Prints what is left of lines without an end. */
  end(): void;
}

/** Lines of the two streams, each put together over chunks so that no character and no control sequence is cut apart. */
function createLinePrinter(io: CliIo, timestamps: boolean): LogPrinter {
  const streams = { stdout: createStream("stdout"), stderr: createStream("stderr") };

  function createStream(name: LogChunk["stream"]) {
    const decoder = new TextDecoder();
    let partial = "";
    let sinceMs = 0;
    const write = (text: string, atMs: number): void => {
      const prefix = timestamps ? `${new Date(atMs).toISOString()} ${name} | ` : "";
      for (const line of cleanBlock(text).split("\n")) io.stdout.write(`${prefix}${line}\n`);
    };
    return {
      take(chunk: LogChunk) {
        if (partial === "") sinceMs = chunk.atMs;
        partial += decoder.decode(Buffer.from(chunk.dataBase64, "base64"), { stream: true });
        const end = partial.lastIndexOf("\n");
        if (end === -1) return;
        write(partial.slice(0, end), sinceMs);
        partial = partial.slice(end + 1);
        sinceMs = chunk.atMs;
      },
      end() {
        partial += decoder.decode();
        if (partial !== "") write(partial, sinceMs);
        partial = "";
      },
    };
  }

  return {
    print(chunks) {
      for (const chunk of chunks) streams[chunk.stream].take(chunk);
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
    print(chunks) {
      for (const chunk of chunks) {
        io.stdout.write(json ? `${JSON.stringify(chunk)}\n` : Buffer.from(chunk.dataBase64, "base64"));
      }
    },
    end() {},
  };
}
