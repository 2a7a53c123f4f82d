import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogResult } from "../../../schema/wire/calls/runs.ts";
import { systemCode } from "../../kernel/errors.ts";
import { type FrameHeader, HEADER_BYTES, type LogEnd, readHeader, segmentPosition } from "./format.ts";

export interface LogPart {
  chunks: LogResult["chunks"];
  /** Where to read on. */
  nextOffset: number;
  /** End of what is on disk now. */
  endOffset: number;
  /** Bytes between the asked offset and `nextOffset` that are not there any more. */
  gaps: { offset: number; bytes: number }[];
  /** True when the attempt has ended and the log is closed. */
  complete: boolean;
  cut?: string;
}

interface Segment {
  position: number;
  path: string;
}

interface Frame extends FrameHeader {
  data: Buffer;
}

async function segmentsOf(dir: string): Promise<Segment[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const position = segmentPosition(name);
      return position === undefined ? [] : [{ position, path: join(dir, name) }];
    })
    .sort((a, b) => a.position - b.position);
}

/** The whole frames of a segment. A torn last frame, still being written, is left for later. A deleted segment is empty. */
async function framesOf(segment: Segment): Promise<Frame[]> {
  const file = await readFile(segment.path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const frames: Frame[] = [];
  for (let at = 0; ; ) {
    const header = readHeader(file, at);
    const end = at + HEADER_BYTES + (header?.length ?? 0);
    if (header === undefined || end > file.length) return frames;
    frames.push({ ...header, data: file.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
}

interface End {
  endOffset: number;
  mark?: LogEnd;
}

async function endOf(segments: Segment[]): Promise<End> {
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
    ...(mark?.cut === undefined ? {} : { cut: mark.cut }),
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
