import { readSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Fifo } from "./fifo-pool.ts";

/** Where a stream of the command comes in. */
export interface OutputSource {
  pause(): void;
  resume(): void;
  /** Resolves at the end of the stream, or when it was closed. */
  ended: Promise<void>;
  /** Takes what lies in the pipe now, at once, however busy this process is. */
  takeRest(): void;
  /** Stops reading, whoever may still write. */
  close(): void;
  /** Goes on reading for whoever still writes, without keeping this process alive. */
  leaveOpen(): void;
}

/** Every reader consumes its bytes before the next read begins, so all share one buffer. */
const shared = { buffer: undefined as Buffer | undefined };
const READ_BYTES = 65_536;
/** No pipe holds more by default (fs.pipe-max-size): who goes on writing cannot keep `takeRest` busy. */
const PIPE_MAX_BYTES = 1_048_576;

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
  const source = sourceOf(
    socket,
    (value) => {
      paused = value;
    },
    () => takeAll(fifo.readFd, buffer, onData),
  );
  source.ended.then(() => fifo.release(sawEnd));
  socket.resume();
  return source;
}

export function readStream(stream: Readable, onData: (chunk: Buffer) => void): OutputSource {
  stream.on("data", onData);
  // What has come in is read by then: `drain` gives the event loop its turn before it closes anything.
  return sourceOf(
    stream,
    () => {},
    () => {},
  );
}

/** Reads without waiting until there is nothing left. */
function takeAll(fd: number, buffer: Buffer, onData: (chunk: Buffer) => void): void {
  try {
    for (let taken = 0; taken < PIPE_MAX_BYTES; ) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      if (length === 0) return;
      taken += length;
      onData(buffer.subarray(0, length));
    }
  } catch {
    // EAGAIN: writers are there, and nothing to read.
  }
}

function sourceOf(stream: Readable, paused: (value: boolean) => void, takeRest: () => void): OutputSource {
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
    takeRest() {
      // Afterwards the descriptor may be another file's.
      if (!stream.destroyed && !stream.readableEnded) takeRest();
    },
    close: () => stream.destroy(),
    leaveOpen() {
      (stream as Partial<Socket>).unref?.();
    },
  };
}
