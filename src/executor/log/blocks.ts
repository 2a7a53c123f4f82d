import { type FrameHeader, HEADER_BYTES, writeHeader } from "./format.ts";

/** Output of one stream that comes this close together shares a frame. */
const SAME_FRAME_MS = 10;
const FIRST_BLOCK_BYTES = 2_048;
const SPARE_BLOCKS = 16;

/** Whole frames, ready to be written. */
export interface Block {
  buffer: Buffer;
  used: number;
  /** Position of the first byte in the interleaved output. */
  position: number;
  payloadBytes: number;
}

/** Frames waiting to be written, in blocks of at most `blockBytes`. */
export function createBlockQueue(blockBytes: number) {
  let blocks: Block[] = [];
  const spare: Buffer[] = [];
  /** The frame that is being written; its length is known when it is closed. */
  let frame: { header: FrameHeader; buffer: Buffer; at: number } | undefined;
  let pending = 0;
  let position = 0;
  let nextSize = FIRST_BLOCK_BYTES;
  const offsets = { stdout: 0, stderr: 0 };

  function newBlock(): Block {
    const buffer = (nextSize === blockBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(nextSize);
    nextSize = Math.min(blockBytes, nextSize * 4);
    const block = { buffer, used: 0, position, payloadBytes: 0 };
    blocks.push(block);
    closeFrame();
    return block;
  }

  function closeFrame(): void {
    if (frame !== undefined) writeHeader(frame.buffer, frame.at, frame.header);
    frame = undefined;
  }

  /** Opens a frame, or goes on with the one before. */
  function openFrame(block: Block, stream: "stdout" | "stderr", atMs: number): FrameHeader {
    if (frame !== undefined && frame.header.stream === stream && atMs - frame.header.atMs <= SAME_FRAME_MS) {
      return frame.header;
    }
    closeFrame();
    const header: FrameHeader = { stream, length: 0, atMs, position, streamOffset: offsets[stream] };
    frame = { header, buffer: block.buffer, at: block.used };
    block.used += HEADER_BYTES;
    pending += HEADER_BYTES;
    return header;
  }

  /** Takes a written block back for reuse. */
  function recycle({ buffer }: Block): void {
    if (buffer.length === blockBytes && spare.length < SPARE_BLOCKS) spare.push(buffer);
  }

  return {
    append(stream: "stdout" | "stderr", bytes: Buffer, atMs: number): void {
      for (let from = 0; from < bytes.length; ) {
        const open = blocks.at(-1);
        const block = open !== undefined && open.buffer.length - open.used > HEADER_BYTES ? open : newBlock();
        const header = openFrame(block, stream, atMs);
        const count = bytes.copy(block.buffer, block.used, from);
        from += count;
        header.length += count;
        block.used += count;
        block.payloadBytes += count;
        pending += count;
        position += count;
        offsets[stream] += count;
      }
    },
    /** Takes everything out. */
    take(): Block[] {
      closeFrame();
      const taken = blocks;
      blocks = [];
      pending = 0;
      return taken;
    },
    /** Throws away the oldest block; answers how many bytes of output that was. */
    dropOldest(): number {
      if (blocks.length <= 1) closeFrame();
      const block = blocks.shift();
      if (block === undefined) return 0;
      pending -= block.used;
      recycle(block);
      return block.payloadBytes;
    },
    recycle,
    pendingBytes: () => pending,
    /** Bytes of output appended so far. */
    position: () => position,
  };
}
