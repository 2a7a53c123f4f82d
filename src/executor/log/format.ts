/**
 * The log of one attempt: a directory of segment files, each named by the position of its first byte in the interleaved
 * output, each a row of frames. A frame is a header and so many bytes of one stream. The last frame of the last
 * segment is the end mark, whose bytes are a JSON `LogEnd`.
 */
export interface FrameHeader {
  stream: "stdout" | "stderr" | "end";
  length: number;
  /** Wall clock when the bytes were read. */
  atMs: number;
  /** Position of the first byte in the interleaved output. */
  position: number;
  /** Position of the first byte in its own stream. */
  streamOffset: number;
}

export interface LogEnd {
  droppedBytes: number;
  /** Why the log is not complete, when it could not be written. */
  cut?: string;
}

export const HEADER_BYTES = 32;
const MAGIC = 0xc7;
const STREAMS = ["end", "stdout", "stderr"] as const;
const SUFFIX = ".seg";

export function writeHeader(target: Buffer, at: number, header: FrameHeader): void {
  target.writeUInt32BE((MAGIC << 8) | STREAMS.indexOf(header.stream), at);
  target.writeUInt32BE(header.length, at + 4);
  target.writeDoubleBE(header.atMs, at + 8);
  target.writeDoubleBE(header.position, at + 16);
  target.writeDoubleBE(header.streamOffset, at + 24);
}

/** Undefined when there is no whole, sound header at `at`. */
export function readHeader(source: Buffer, at: number): FrameHeader | undefined {
  if (at + HEADER_BYTES > source.length) return undefined;
  const mark = source.readUInt32BE(at);
  const stream = STREAMS[mark & 0xff];
  if (mark >>> 8 !== MAGIC || stream === undefined) return undefined;
  return {
    stream,
    length: source.readUInt32BE(at + 4),
    atMs: source.readDoubleBE(at + 8),
    position: source.readDoubleBE(at + 16),
    streamOffset: source.readDoubleBE(at + 24),
  };
}

export const segmentName = (position: number): string => `${String(position).padStart(16, "0")}${SUFFIX}`;

/** Position of a segment's first byte, or undefined when the file is none of ours. */
export function segmentPosition(name: string): number | undefined {
  return /^\d{16}\.seg$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}
