import { CommandCronError } from "../../kernel/errors.ts";

/** A frame is four bytes of length, most significant first, and so many bytes of JSON. */
export const MAX_FRAME_BYTES = 16 * 1_048_576;
const LENGTH_BYTES = 4;

/** Raises PAYLOAD_TOO_LARGE. */
export function encodeFrame(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const length = Buffer.byteLength(text);
  if (length > MAX_FRAME_BYTES) {
    const expected = `at most ${MAX_FRAME_BYTES} bytes on the way to the runner`;
    throw new CommandCronError("PAYLOAD_TOO_LARGE", { expected, got: `${length} bytes` });
  }
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt32BE(length);
  frame.write(text, LENGTH_BYTES);
  return frame;
}

/** Cuts a byte stream into parsed frames. Raises on a frame that is too long, empty or not JSON; it is of no use then. */
export function createFrameDecoder(onValue: (value: unknown) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let have = 0;
  let need = LENGTH_BYTES;
  let inBody = false;

  function take(): Buffer {
    const [only] = parts;
    const all = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    parts = all.length > need ? [all.subarray(need)] : [];
    have = all.length - need;
    return all.subarray(0, need);
  }

  return (chunk) => {
    parts.push(chunk);
    have += chunk.length;
    while (have >= need) {
      const bytes = take();
      if (inBody) {
        inBody = false;
        need = LENGTH_BYTES;
        onValue(JSON.parse(bytes.toString()));
      } else {
        need = bytes.readUInt32BE();
        if (need === 0 || need > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${need} bytes`);
        inBody = true;
      }
    }
  };
}
