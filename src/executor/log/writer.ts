import { type Clock, within } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { inputSeen } from "../../kernel/turns.ts";
import { createBlockQueue } from "./blocks.ts";
import { type LogFiles, logFiles } from "./files.ts";
import type { LogEnd } from "./format.ts";
import { createSegments, segmentBytesOf } from "./segments.ts";

/** Output waits so long for more before it is written: few writes, and still live for who follows the log. */
const BATCH_MS = 20;
/** After the tail overflowed, writing rests so long: what is written now will hardly be the end. */
const REST_MS = 100;
const BLOCK_MAX_BYTES = 262_144;
/** In the part of the log that stays, the command waits while this much is unwritten … */
const WAIT_ABOVE_BYTES = 1_048_576;
const GO_ON_BELOW_BYTES = 262_144;
/** … but not longer than this: a disk that does not answer must not hang a command. */
const WAIT_MAX_MS = 2_000;
const CLOSE_MAX_MS = 10_000;
/** In the rolling part nothing waits: the oldest unwritten bytes go. */
const ROLLING_MAX_BYTES = 2_097_152;

interface LogWriterOptions {
  dir: string;
  budgetBytes: number;
  clock: Clock;
  onRoom(): void;
  files?: LogFiles;
}

/** Writes the interleaved output beside the running command; any failure cuts the log and never reaches the command. */
export function createLogWriter(options: LogWriterOptions) {
  const { dir, budgetBytes, clock, onRoom } = options;
  const queue = createBlockQueue(Math.min(BLOCK_MAX_BYTES, segmentBytesOf(budgetBytes)));
  const segments = createSegments(dir, budgetBytes, options.files ?? logFiles);
  let cut: string | undefined;
  let writing: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  /** The timer that is set only collects more; a full block need not wait for it. */
  let collecting = false;
  let cancelWait: (() => void) | undefined;
  let waiting = false;
  let mayWait = true;
  let dropped = false;

  async function flush(): Promise<void> {
    try {
      for (const block of queue.take()) {
        await segments.write(block);
        queue.recycle(block);
      }
    } catch (error) {
      cut = `the log could not be written: ${errorText(error)}`;
      queue.take();
    }
  }

  function begin(): void {
    cancelTimer = undefined;
    writing = flush().then(() => {
      writing = undefined;
      if (waiting && queue.pendingBytes() < GO_ON_BELOW_BYTES) goOn();
      if (queue.pendingBytes() > 0) schedule();
    });
  }

  function schedule(): void {
    if (writing !== undefined) return;
    const full = queue.pendingBytes() > BLOCK_MAX_BYTES;
    if (cancelTimer !== undefined) {
      if (!full || !collecting) return;
      cancelTimer();
    }
    collecting = !dropped && !full;
    cancelTimer = clock.setTimer(begin, dropped ? REST_MS : full ? 0 : BATCH_MS);
    dropped = false;
  }

  function goOn(): void {
    waiting = false;
    cancelWait?.();
    onRoom();
  }

  /** From now on nothing may wait for the log. */
  function hurry(): void {
    mayWait = false;
    if (waiting) goOn();
  }

  function wait(): void {
    if (waiting) return;
    waiting = true;
    cancelWait = clock.setTimer(() => void inputSeen().then(hurry), WAIT_MAX_MS);
  }

  return {
    /** Keeps a copy. False asks the caller to stop reading until `onRoom`. */
    append(stream: "stdout" | "stderr", bytes: Buffer): boolean {
      queue.append(stream, bytes, clock.nowMs());
      if (cut !== undefined) {
        queue.take();
        return true;
      }
      schedule();
      if (mayWait && segments.inHead()) {
        if (queue.pendingBytes() > WAIT_ABOVE_BYTES) wait();
        return !waiting;
      }
      while (queue.pendingBytes() > ROLLING_MAX_BYTES) dropped = queue.dropOldest() > 0;
      return true;
    },
    hurry,
    /**
     * Answers file bytes on disk, bytes of output not on disk, and why when it was not the budget.
     * @param why the log cannot be complete
     */
    async close(why?: string): Promise<{ bytes: number } & LogEnd> {
      hurry();
      cancelTimer?.();
      const failed = cut !== undefined;
      cut ??= why;
      if (queue.position() === 0) return { bytes: 0, droppedBytes: 0, ...present({ cut }) };
      const hangs = (): Promise<string> => inputSeen().then(() => "the log's device does not answer");
      // What is found out meanwhile counts, too.
      const hung = failed ? undefined : await within(clock, CLOSE_MAX_MS, finish(), hangs);
      cut ??= hung;
      return { bytes: segments.bytes(), ...mark() };
    },
  };

  function mark(): LogEnd {
    return { droppedBytes: queue.position() - segments.payloadBytes(), ...present({ cut }) };
  }

  async function finish(): Promise<undefined> {
    await writing;
    cancelTimer?.();
    await flush();
    try {
      await segments.end(mark(), queue.position(), clock.nowMs());
    } catch (error) {
      cut ??= `the log could not be written: ${errorText(error)}`;
    }
    await segments.close().catch(() => {});
    return undefined;
  }
}
