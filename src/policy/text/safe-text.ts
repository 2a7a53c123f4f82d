/** ESC-introduced sequences and their one-byte C1 forms, each stopping at the next one so that a cut one eats no text. */
const TERMINAL_SEQUENCES = new RegExp(
  [
    "(?:\\x1b\\]|\\x9d)[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?", // OSC: titles, links
    "(?:\\x1b[PX^_]|[\\x90\\x98\\x9e\\x9f])[^\\x1b\\x90\\x98\\x9c\\x9e\\x9f]*(?:\\x1b\\\\|\\x9c)", // DCS, SOS, PM, APC
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]", // CSI: colours, cursor movement
    "\\x1b[ -/]*[0-~]", // the rest
  ].join("|"),
  "g",
);
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * The text of any bytes, fit for a chat, a terminal or JSON: valid UTF-8 (what is not becomes U+FFFD, characters cut at
 * either end are dropped), no terminal sequences, no control characters but tab and line feed. A line redrawn with
 * carriage returns or backspaces reads as it last looked.
 */
export function safeText(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  const whole = bytes.subarray(cutAtStart(bytes), bytes.length - cutAtEnd(bytes));
  const text = new TextDecoder("utf-8").decode(whole).replace(TERMINAL_SEQUENCES, "").replace(/\r\n/g, "\n");
  return eraseBackspaces(text.includes("\r") ? lastDrawn(text) : text).replace(CONTROLS, "");
}

/** Bytes of the text in UTF-8. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text, "utf8");

/** The beginning of `text`, at most `maxBytes` in UTF-8, cut between characters. */
export function firstBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) return text;
  let end = Math.max(0, maxBytes);
  while (end > 0 && isContinuation(bytes[end])) end--;
  return bytes.toString("utf8", 0, end);
}

/** The end of `text`, at most `maxBytes` in UTF-8, cut between characters. */
export function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) return text;
  let start = bytes.length - Math.max(0, maxBytes);
  while (start < bytes.length && isContinuation(bytes[start])) start++;
  return bytes.toString("utf8", start);
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Continuation bytes at the start belong to a character that was cut off. */
function cutAtStart(bytes: Uint8Array): number {
  let at = 0;
  while (at < 3 && isContinuation(bytes[at])) at++;
  return at;
}

/** A lead byte near the end that asks for more bytes than follow. */
function cutAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return byte < 0xf5 && needs > back ? back : 0;
  }
  return 0;
}

const lastDrawn = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line.includes("\r") ? (line.split("\r").findLast((drawn) => drawn !== "") ?? "") : line))
    .join("\n");

function eraseBackspaces(text: string): string {
  if (!text.includes("\b")) return text;
  const kept: string[] = [];
  for (const character of text) {
    if (character !== "\b") kept.push(character);
    else if (kept.at(-1) !== "\n") kept.pop();
  }
  return kept.join("");
}
