/** Escape sequences of terminals: CSI, OSC and the other strings, single characters. */
const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]/g;
/** What would turn the order of the text around it, or cannot be seen. */
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

const codePoint = (char: string): string =>
  `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

/** Text as it can be read: no terminal's escapes; control characters and turns of direction shown as what they are. */
export const readable = (text: string): string =>
  text.replace(ESCAPES, "").replace(UNSEEN, codePoint).replace(CONTROLS, codePoint);

/** A line as a terminal leaves it: what was overwritten after a carriage return is gone. */
export function readableLine(line: string): string {
  const kept = line.replace(/\r+$/, "");
  return readable(kept.slice(kept.lastIndexOf("\r") + 1));
}

/** The last line with something on it. */
export function lastLine(text: string): string {
  const lines = text.trimEnd().split("\n");
  return readableLine(lines.at(-1) ?? "").trim();
}

interface LogLine {
  stream: "stdout" | "stderr";
  atMs: number;
  text: string;
  /** Characters left out at its end. */
  more: number;
}

export interface LogChunk {
  stream: "stdout" | "stderr";
  atMs: number;
  dataBase64: string;
}

const LINES_KEPT = 20_000;
const LINE_CHARS = 4_000;

/** Puts the pages of a log together to lines, each stream by itself. Lines beyond the newest 20,000 are forgotten. */
export class LogLines {
  readonly lines: LogLine[] = [];
  /** Lines that are not kept any more. */
  forgotten = 0;
  #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  /** The unfinished line of each stream, and how much of it was cut. */
  #open: { stdout?: OpenLine; stderr?: OpenLine } = {};

  add(chunks: readonly LogChunk[]): void {
    for (const { stream, atMs, dataBase64 } of chunks) {
      const bytes = Uint8Array.from(atob(dataBase64), (char) => char.charCodeAt(0));
      const pieces = this.#decoders[stream].decode(bytes, { stream: true }).split("\n");
      pieces.forEach((piece, index) => {
        const last = index === pieces.length - 1;
        if (piece !== "" || !last) this.#extend(stream, atMs, piece);
        if (!last) delete this.#open[stream];
      });
    }
    const over = this.lines.length - LINES_KEPT;
    if (over > 0) {
      this.lines.splice(0, over);
      this.forgotten += over;
    }
  }

  #extend(stream: "stdout" | "stderr", atMs: number, piece: string): void {
    let open = this.#open[stream];
    if (open === undefined) {
      open = { raw: "", line: { stream, atMs, text: "", more: 0 } };
      this.#open[stream] = open;
      this.lines.push(open.line);
    }
    const room = LINE_CHARS - open.raw.length;
    open.raw += piece.slice(0, room);
    open.line.more += Math.max(0, piece.length - room);
    open.line.text = readableLine(open.raw);
  }
}

interface OpenLine {
  raw: string;
  line: LogLine;
}

/** Which lines hold a text, in any letter case. */
export function findLines(lines: readonly LogLine[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  return lines.flatMap(({ text: line }, index) => (line.toLowerCase().includes(wanted) ? [index] : []));
}

/** A line in pieces, those that match marked. */
export function piecesOf(text: string, wanted: string): { text: string; hit: boolean }[] {
  const found: { text: string; hit: boolean }[] = [];
  const [folded, needle] = [text.toLowerCase(), wanted.toLowerCase()];
  let from = 0;
  // Letters whose small form has another length would shift what is marked.
  for (let at = needle === "" || folded.length !== text.length ? -1 : folded.indexOf(needle); at !== -1; ) {
    if (at > from) found.push({ text: text.slice(from, at), hit: false });
    from = at + needle.length;
    found.push({ text: text.slice(at, from), hit: true });
    at = folded.indexOf(needle, from);
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), hit: false });
  return found;
}
