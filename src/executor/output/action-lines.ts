import { ACTION_LINES_MAX } from "../types.ts";

/** A longer line is judged by its last so many bytes. */
const LINE_MAX = 2_048;
const NEWLINE = 10;

const URL = /https?:\/\/\S+/i;
const URL_WORDS =
  /log[ -]?in|sign[ -]?in|auth|verif|activat|device|approv|confirm|consent|pair|browser|visit|\bopen\b|code/i;
const CODE_WORDS =
  /\b(?:user|device|verification|pairing|one[- ]time|security|access|login|log-in|sign-in|confirmation|activation|authori[sz]ation|the|this|your|following)\s+(?:\w+\s+)?code\b/i;
const CODE = /\b(?:[A-Z0-9]{3,5}-[A-Z0-9]{3,5}|[A-Z0-9]*\d[A-Z0-9]{5,9}|\d{6,8})\b/;

/** Whether a line asks a person to do something: open a login link, type a device code. */
export const asksForAction = (line: string): boolean =>
  (URL.test(line) && URL_WORDS.test(line)) || (CODE_WORDS.test(line) && CODE.test(line));

/** Cheap signs that a block may hold such a line; everything else is not looked at twice. */
const SIGNS = ["http", "HTTP", "code", "Code", "CODE"].map((text) => Buffer.from(text));

/** Finds lines that ask a person to act in a stream that is read once and not kept. */
export function createActionScanner() {
  const first: string[] = [];
  let latest: string[] = [];
  /** The line that has not ended yet, at most its last bytes. */
  let partial: Buffer = Buffer.alloc(0);

  function judge(line: Buffer): void {
    const text = line.subarray(-LINE_MAX).toString().trim();
    if (!asksForAction(text) || first.includes(text) || latest.includes(text)) return;
    if (first.length < ACTION_LINES_MAX / 2) first.push(text);
    else latest = [...latest, text].slice(-ACTION_LINES_MAX / 2);
  }

  /** Judges the lines of a block that show a sign, in order. */
  function search(block: Buffer): void {
    const lines = new Map<number, number>();
    for (const sign of SIGNS) {
      for (let at = block.indexOf(sign); at >= 0; ) {
        const newline = block.indexOf(NEWLINE, at);
        const end = newline < 0 ? block.length : newline;
        lines.set(block.lastIndexOf(NEWLINE, at) + 1, end);
        at = block.indexOf(sign, end);
      }
    }
    for (const [start, end] of [...lines].sort(([a], [b]) => a - b)) judge(block.subarray(start, end));
  }

  return {
    push(bytes: Buffer): void {
      const newline = bytes.indexOf(NEWLINE);
      if (newline < 0) {
        partial = Buffer.concat([partial, bytes.subarray(-LINE_MAX)]).subarray(-LINE_MAX);
        return;
      }
      search(Buffer.concat([partial, bytes.subarray(0, newline).subarray(-LINE_MAX)]));
      const last = bytes.lastIndexOf(NEWLINE);
      search(bytes.subarray(newline + 1, last + 1));
      // A copy: the caller's buffer is used again.
      partial = Buffer.from(bytes.subarray(last + 1).subarray(-LINE_MAX));
    },
    /** Also judges a last line without an end. Answers the first and the latest lines, each once. */
    finish(): string[] {
      search(partial);
      return [...first, ...latest];
    },
  };
}
