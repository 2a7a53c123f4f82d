import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Block } from "./blocks.ts";
import type { LogFiles } from "./files.ts";
import { HEADER_BYTES, type LogEnd, segmentName, writeHeader } from "./format.ts";

const SEGMENT_MIN_BYTES = 4_096;
const SEGMENT_MAX_BYTES = 1_048_576;
/** The budget is cut into so many segments, within the bounds above. */
const SEGMENTS = 64;

export const segmentBytesOf = (budgetBytes: number): number =>
  Math.min(SEGMENT_MAX_BYTES, Math.max(SEGMENT_MIN_BYTES, Math.floor(budgetBytes / SEGMENTS)));

interface Segment {
  path: string;
  fileBytes: number;
  payloadBytes: number;
}

/** Segment files under a budget: the first half stays, of the rest only the newest, without a hole between them. */
export function createSegments(dir: string, budgetBytes: number, files: LogFiles) {
  const segmentBytes = segmentBytesOf(budgetBytes);
  const head: Segment[] = [];
  let tail: Segment[] = [];
  let current: { segment: Segment; handle: Pick<FileHandle, "write" | "close">; end: number } | undefined;
  const sum = (of: (segment: Segment) => number): number =>
    [...head, ...tail].reduce((total, segment) => total + of(segment), 0);
  const fileBytes = (): number => sum((segment) => segment.fileBytes);
  /** Asked for with every piece of output, so it is not summed up each time. */
  let headBytes = 0;
  const headFull = (): boolean => headBytes >= budgetBytes / 2;

  async function closeCurrent(): Promise<void> {
    const handle = current?.handle;
    current = undefined;
    await handle?.close();
  }

  async function dropTail(keep: (remaining: Segment[]) => boolean): Promise<void> {
    while (tail.length > 0 && !keep(tail)) {
      const [oldest, ...rest] = tail;
      tail = rest;
      if (oldest !== undefined) await files.remove(oldest.path);
    }
  }

  async function openSegment(position: number): Promise<NonNullable<typeof current>> {
    await closeCurrent();
    if (head.length === 0 && tail.length === 0) await files.makeDir(dir);
    const segment = { path: join(dir, segmentName(position)), fileBytes: 0, payloadBytes: 0 };
    const handle = await files.create(segment.path);
    if (headFull()) tail.push(segment);
    else head.push(segment);
    current = { segment, handle, end: position };
    return current;
  }

  async function put(handle: Pick<FileHandle, "write">, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
    }
  }

  return {
    async write(block: Block): Promise<void> {
      const hole = current !== undefined && block.position !== current.end;
      const full = current !== undefined && current.segment.fileBytes + block.used > segmentBytes;
      if (hole && tail.length > 0) {
        await closeCurrent();
        await dropTail(() => false);
      }
      const target = current === undefined || hole || full ? await openSegment(block.position) : current;
      await dropTail((rest) => rest.length === 1 || fileBytes() + block.used <= budgetBytes);
      try {
        await put(target.handle, block.buffer.subarray(0, block.used));
      } catch (error) {
        // What follows must not be appended to a torn frame.
        await closeCurrent().catch(() => {});
        throw error;
      }
      target.segment.fileBytes += block.used;
      if (head.includes(target.segment)) headBytes += block.used;
      target.segment.payloadBytes += block.payloadBytes;
      target.end = block.position + block.payloadBytes;
    },
    /** True while what is written will stay. */
    inHead: () => !headFull(),
    async end(mark: LogEnd, position: number, atMs: number): Promise<void> {
      const data = Buffer.from(JSON.stringify(mark));
      const frame = Buffer.alloc(HEADER_BYTES + data.length);
      writeHeader(frame, 0, { stream: "end", length: data.length, atMs, position, streamOffset: 0 });
      data.copy(frame, HEADER_BYTES);
      const target = current ?? (await openSegment(position));
      await put(target.handle, frame);
      target.segment.fileBytes += frame.length;
    },
    close: closeCurrent,
    bytes: fileBytes,
    /** Bytes of output that are on disk. */
    payloadBytes: () => sum((segment) => segment.payloadBytes),
  };
}
