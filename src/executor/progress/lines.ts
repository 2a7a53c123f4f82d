import { LINE_BYTES } from "./file.ts";

const MARK = Buffer.from("::progress ");
const NEWLINE = 10;

/** Finds the newest `::progress` line of an output that is read once and not kept. */
export function createProgressLines() {
  /** The line that has not ended yet, as long as it may become one. */
  let partial: Buffer | undefined = Buffer.alloc(0);
  let newest: string | undefined;

  function note(line: Buffer): void {
    if (line.length - MARK.length <= LINE_BYTES && !line.includes(0)) newest = line.toString("utf8", MARK.length);
  }

  /** The last line of ended ones that begins with the mark. */
  function search(block: Buffer): boolean {
    for (let at = block.lastIndexOf(MARK); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(MARK, at - 1)) {
      if (at > 0 && block[at - 1] !== NEWLINE) continue;
      note(block.subarray(at, block.indexOf(NEWLINE, at)));
      return true;
    }
    return false;
  }

  function begin(rest: Buffer): void {
    const common = Math.min(rest.length, MARK.length);
    const fits = MARK.compare(rest, 0, common, 0, common) === 0 && rest.length <= LINE_BYTES + MARK.length;
    // A copy: the caller's buffer is used again.
    partial = fits ? Buffer.from(rest) : undefined;
  }

  return {
    push(chunk: Buffer): void {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) {
        if (partial !== undefined) begin(Buffer.concat([partial, chunk.subarray(0, LINE_BYTES + MARK.length + 1)]));
        return;
      }
      const last = chunk.lastIndexOf(NEWLINE);
      const found = search(chunk.subarray(end + 1, last + 1));
      if (!found && partial !== undefined) {
        const head = chunk.subarray(0, Math.min(end, LINE_BYTES + MARK.length + 1));
        const line = Buffer.concat([partial, head]);
        if (MARK.compare(line, 0, Math.min(line.length, MARK.length)) === 0 && line.length > MARK.length) note(line);
      }
      begin(chunk.subarray(last + 1));
    },
    /** The newest line since the last call, without its mark. */
    take(): string | undefined {
      const taken = newest;
      newest = undefined;
      return taken;
    },
  };
}
