import { spawn } from "node:child_process";
import { closeSync, readSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Fifo } from "./fifo-pool.ts";

/** Where a stream of the command comes in. */
export interface OutputSource {
  pause(): void;
  resume(): void;
  /** Resolves at the end of the stream, or when it was closed. */
  ended: Promise<void>;
  /** Takes what lies in the pipe now, at once, however busy this process is. Answers whether somebody may write more. */
  takeRest(): boolean;
  /** Stops reading, whoever may still write. */
  close(): void;
  /** Whoever still writes shall be read, also when this process is gone; nothing of it is told any more. */
  leaveOpen(): void;
}

/** Every reader consumes its bytes before the next read begins, so all share one buffer. */
const shared = { buffer: undefined as Buffer | undefined };
const READ_BYTES = 65_536;
/** No pipe holds more by default (fs.pipe-max-size): who goes on writing cannot keep `takeRest` busy. */
const PIPE_MAX_BYTES = 1_048_576;
const PLAIN_ENV = { PATH: "/usr/bin:/bin" };

export function readFifo(fifo: Fifo, onData: (chunk: Buffer) => void): OutputSource {
  shared.buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared.buffer;
  let sawEnd = false;
  const socket: Socket = new Socket({
    fd: fifo.readFd,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length) {
        onData(buffer.subarray(0, length));
        return !socket.isPaused();
      },
    },
  });
  socket.once("end", () => {
    sawEnd = true;
  });
  const plain = sourceOf(socket);
  const source: OutputSource = {
    ...plain,
    takeRest: () => plain.takeRest() && takeAll(fifo.readFd, buffer, onData),
    leaveOpen: () => swallow(fifo, socket),
  };
  source.ended.then(() => fifo.readerClosed(sawEnd));
  socket.resume();
  return source;
}

export function readStream(stream: Readable, onData: (chunk: Buffer) => void): OutputSource {
  stream.on("data", onData);
  return sourceOf(stream);
}

/** Reads without waiting until there is nothing left. Answers false at the end of the stream. */
function takeAll(fd: number, buffer: Buffer, onData: (chunk: Buffer) => void): boolean {
  try {
    for (let taken = 0; taken < PIPE_MAX_BYTES; ) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      if (length === 0) return false;
      taken += length;
      onData(buffer.subarray(0, length));
    }
  } catch {
    // EAGAIN: writers are there, and nothing to read.
  }
  return true;
}

/** Has a process of its own read to the end of the stream; where none can be had, this one goes on. */
function swallow(fifo: Fifo, socket: Socket): void {
  socket.unref();
  try {
    const fd = fifo.secondReader();
    const cat = spawn("cat", { stdio: [fd, "ignore", "ignore"], detached: true, env: PLAIN_ENV, cwd: "/" });
    closeSync(fd);
    cat.once("error", () => {}).once("spawn", () => socket.destroy());
    cat.unref();
  } catch {
    // Short of files or processes.
  }
}

function sourceOf(stream: Readable): OutputSource {
  return {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    ended: new Promise((resolve) => {
      stream.once("close", resolve);
      // A broken pipe ends the stream like any other end.
      stream.once("error", () => stream.destroy());
    }),
    // What has come in is read by then: `drain` gives the event loop its turn before it closes anything. After its end the
    // descriptor may be another file's.
    takeRest: () => !stream.destroyed && !stream.readableEnded,
    close: () => void stream.destroy(),
    leaveOpen: () => void (stream as Partial<Socket>).unref?.(),
  };
}
