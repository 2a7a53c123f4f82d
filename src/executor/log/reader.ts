import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogResult } from "../../../schema/wire/calls/runs.ts";
import { systemCode } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { type FrameHeader, HEADER_BYTES, type LogEnd, readHeader, segmentPosition } from "./format.ts";

export interface LogPart extends Pick<LogResult, "chunks" | "cut" | "endOffset" | "nextOffset"> {
  /** Bytes between the asked offset and `nextOffset` that are not there any more. */
  gaps: { offset: number; bytes: number }[];
  /** True when the attempt has ended and the log is closed. */
  complete: boolean;
}

interface Segment {
  position: number;
  path: string;
}

interface Frame extends FrameHeader {
  data: Buffer;
}

/** What stands for a file or directory that is not there. */
const absent =
  <T>(value: T) =>
  (error: unknown): T => {
    if (systemCode(error) === "ENOENT") return value;
    throw error;
  };

async function segmentsOf(dir: string): Promise<Segment[]> {
  const names = await readdir(dir).catch(absent<string[]>([]));
  return names
    .flatMap((name) => {
      const position = segmentPosition(name);
      return position === undefined ? [] : [{ position, path: join(dir, name) }];
    })
    .sort((a, b) => a.position - b.position);
}

/** The whole frames of a segment. A torn last frame, still being written, is left for later. A deleted segment is empty. */
async function framesOf(segment: Segment): Promise<Frame[]> {
  const file = await readFile(segment.path).catch(absent(Buffer.alloc(0)));
  const frames: Frame[] = [];
  for (let at = 0; ; ) {
    const header = readHeader(file, at);
    const end = at + HEADER_BYTES + (header?.length ?? 0);
    if (header === undefined || end > file.length) return frames;
    frames.push({ ...header, data: file.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
}

async function endOf(segments: Segment[]): Promise<{ endOffset: number; mark?: LogEnd }> {
  for (const segment of segments.toReversed()) {
    const frames = await framesOf(segment);
    const last = frames.at(-1);
    if (last === undefined) continue;
    if (last.stream !== "end") return { endOffset: last.position + last.length };
    return { endOffset: last.position, mark: JSON.parse(last.data.toString()) as LogEnd };
  }
  return { endOffset: 0 };
}

/**
 * Reads a part of an attempt's log, safe while it is being written.
 * @param query.offset position in the interleaved output, as `nextOffset` of the last part
 * @param query.limit bytes of output at most
 */
export async function readLog(dir: string, query: { offset: number; limit: number }): Promise<LogPart> {
  const segments = await segmentsOf(dir);
  const { endOffset, mark } = await endOf(segments);
  const part: LogPart = {
    chunks: [],
    nextOffset: query.offset,
    endOffset,
    gaps: [],
    complete: mark !== undefined,
    ...present({ cut: mark?.cut }),
  };
  let room = query.limit;
  const first = Math.max(
    0,
    segments.findLastIndex((segment) => segment.position <= query.offset),
  );
  for (const segment of segments.slice(first)) {
    if (room <= 0) break;
    for (const frame of await framesOf(segment)) {
      if (room <= 0) break;
      room -= addFrame(part, frame, room);
    }
  }
  return part;
}

/** Reads the last `bytes` of an attempt's log. */
export async function tailLog(dir: string, query: { bytes: number }): Promise<LogPart> {
  const { endOffset } = await endOf(await segmentsOf(dir));
  return readLog(dir, { offset: Math.max(0, endOffset - query.bytes), limit: query.bytes });
}

/** Adds what the frame has beyond `nextOffset`; answers how many bytes that was. */
function addFrame(part: LogPart, frame: Frame, room: number): number {
  if (frame.position + frame.length < part.nextOffset) return 0;
  if (frame.position > part.nextOffset) {
    part.gaps.push({ offset: part.nextOffset, bytes: frame.position - part.nextOffset });
    part.nextOffset = frame.position;
  }
  if (frame.stream === "end") return 0;
  const skip = part.nextOffset - frame.position;
  const data = frame.data.subarray(skip, skip + room);
  if (data.length === 0) return 0;
  part.chunks.push({
    stream: frame.stream,
    atMs: frame.atMs,
    offset: part.nextOffset,
    dataBase64: data.toString("base64"),
  });
  part.nextOffset += data.length;
  return data.length;
}
