import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Fifo } from "./fifo-pool.ts";

/** Where a stream of the command comes in. */
export interface OutputSource {
  pause(): void;
  resume(): void;
  /** Resolves at the end of the stream, or when it was closed. */
  ended: Promise<void>;
  /** Stops reading, whoever may still write. */
  close(): void;
}

/** Every reader consumes its bytes before the next read begins, so all share one buffer. */
const shared = { buffer: undefined as Buffer | undefined };
const READ_BYTES = 65_536;

export function readFifo(fifo: Fifo, onData: (chunk: Buffer) => void): OutputSource {
  shared.buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared.buffer;
  let paused = false;
  let sawEnd = false;
  const socket = new Socket({
    fd: fifo.readFd,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length) {
        onData(buffer.subarray(0, length));
        return !paused;
      },
    },
  });
  socket.once("end", () => {
    sawEnd = true;
  });
  const source = sourceOf(socket, (value) => {
    paused = value;
  });
  source.ended.then(() => fifo.release(sawEnd));
  socket.resume();
  return source;
}

export function readStream(stream: Readable, onData: (chunk: Buffer) => void): OutputSource {
  stream.on("data", onData);
  return sourceOf(stream, () => {});
}

function sourceOf(stream: Readable, paused: (value: boolean) => void): OutputSource {
  return {
    pause() {
      paused(true);
      stream.pause();
    },
    resume() {
      paused(false);
      stream.resume();
    },
    ended: new Promise((resolve) => {
      stream.once("close", resolve);
      // A broken pipe ends the stream like any other end.
      stream.once("error", () => stream.destroy());
    }),
    close: () => stream.destroy(),
  };
}
