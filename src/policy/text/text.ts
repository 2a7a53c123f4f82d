import type { DeliverWhen } from "../../../schema/wire/policy.ts";
import { firstBytes, lastBytes, safeText, utf8Bytes } from "./safe-text.ts";

/** One output stream of an attempt: how much was written, and its kept beginning and end. */
export interface KeptStream {
  bytes: number;
  head: Uint8Array;
  tail: Uint8Array;
}

export interface SummaryQuestion {
  stdout: KeptStream;
  stderr: KeptStream;
  /** Lines that ask a person to act, kept although they fell out of the streams. */
  actionLines: readonly string[];
  stream: NonNullable<DeliverWhen["stream"]>;
  /** The answer is never longer, in UTF-8. */
  maxBytes: number;
}

/** Room for a mark and its line feed. Below it a text is cut without one. */
const MARK_BYTES = 48;
const mark = (bytes: number): string => `[... ${bytes} bytes left out ...]`;
/** They are told on their way, and are no part of what a run says. */
const PROGRESS_LINES = /^::progress .*\n?/gm;
const ACTION_TITLE = "action required, from output left out below:";

/**
 * What a run's output says, for people. The gateway's rule: the stream that has text; both under `stdout:` and `stderr:`
 * when both do; trimmed. Of a stream that is too long the end stays, behind a mark with the count of bytes left out, and
 * lines asking for action come first when they are not in what is shown. Empty when the command said nothing.
 */
export function summarize({ stdout, stderr, actionLines, stream, maxBytes }: SummaryQuestion): string {
  const blocks = [
    { label: "stdout", kept: stdout, on: stream !== "stderr" },
    { label: "stderr", kept: stderr, on: stream !== "stdout" },
  ]
    .filter(({ on }) => on)
    .map(({ label, kept }) => ({ label, ...readStream(kept) }))
    .filter(({ text, lostBytes }) => text !== "" || lostBytes > 0);
  if (blocks.length === 0) return "";
  const labelled = blocks.length > 1 || stream === "both";
  const labelBytes = labelled ? blocks.reduce((total, { label }) => total + label.length + 4, 0) : 0;
  const show = (roomBytes: number) => {
    const rooms = shareRoom(blocks, roomBytes - labelBytes);
    const shown = blocks.map((block, index) => showEnd(block, rooms[index] ?? 0));
    return labelled ? shown.map((text, index) => `${blocks[index]?.label}:\n${text}`).join("\n\n") : shown.join("");
  };
  const shown = show(maxBytes);
  const cut = blocks.some(({ text, lostBytes }) => lostBytes > 0 || !shown.includes(text));
  const actions = cut ? actionBlock(actionLines, shown, Math.floor(maxBytes / 4)) : "";
  if (actions === "") return firstBytes(shown, maxBytes);
  return firstBytes(`${actions}\n\n${show(maxBytes - utf8Bytes(actions) - 2)}`, maxBytes);
}

/**
 * One stream as a run's record shows it: untrimmed, beginning and end with a mark between them where something is left
 * out; at most `maxBytes`. The beginning is left out where the operator keeps less than it.
 */
export function showStream(stream: KeptStream, maxBytes: number): string {
  const whole = wholeOf(stream);
  const text = safeText(whole ?? stream.tail);
  if (whole !== undefined && utf8Bytes(text) <= maxBytes) return text;
  const room = maxBytes - MARK_BYTES - 1;
  if (room <= 0) return lastBytes(text, maxBytes);
  const useHead = whole !== undefined || stream.tail.length >= stream.head.length;
  const head = useHead ? firstBytes(safeText(whole ?? stream.head), Math.floor(room / 4)) : "";
  const tail = lastBytes(text, room - utf8Bytes(head));
  const lost = (whole === undefined ? stream.bytes - stream.tail.length : 0) + utf8Bytes(text) - utf8Bytes(tail);
  return `${head}${head === "" || head.endsWith("\n") ? "" : "\n"}${mark(Math.max(0, lost - utf8Bytes(head)))}\n${tail}`;
}

/** The complete bytes where head and tail still meet. */
function wholeOf({ bytes, head, tail }: KeptStream): Uint8Array | undefined {
  if (bytes <= tail.length) return tail;
  const overlap = head.length + tail.length - bytes;
  return overlap < 0 ? undefined : Buffer.concat([head, tail.subarray(overlap)]);
}

interface StreamText {
  text: string;
  /** Bytes of the stream that are not in `text`. */
  lostBytes: number;
}

/** Only the end counts here: `outputMaxBytes` is the operator's word for how much, newest first to stay. */
function readStream({ bytes, tail }: KeptStream): StreamText {
  return { text: safeText(tail).replace(PROGRESS_LINES, "").trim(), lostBytes: Math.max(0, bytes - tail.length) };
}

/** A stream that needs less than its half leaves the rest to the other. */
function shareRoom(blocks: readonly StreamText[], roomBytes: number): number[] {
  const needs = blocks.map(({ text, lostBytes }) => utf8Bytes(text) + (lostBytes > 0 ? MARK_BYTES : 0));
  const [first = 0, second = 0] = needs;
  if (blocks.length < 2 || first + second <= roomBytes)
    return needs.map((need) => Math.min(need, Math.max(0, roomBytes)));
  const half = Math.max(0, Math.floor(roomBytes / 2));
  if (second <= half) return [roomBytes - second, second];
  return first <= half ? [first, roomBytes - first] : [half, half];
}

function showEnd({ text, lostBytes }: StreamText, roomBytes: number): string {
  const bytes = utf8Bytes(text);
  if (lostBytes === 0 && bytes <= roomBytes) return text;
  if (roomBytes < MARK_BYTES) return lastBytes(text, roomBytes);
  const end = lastBytes(text, roomBytes - MARK_BYTES);
  return `${mark(lostBytes + bytes - utf8Bytes(end))}\n${end.trimStart()}`.trimEnd();
}

function actionBlock(actionLines: readonly string[], shown: string, maxBytes: number): string {
  const lines = new Set(shown.split("\n").map((line) => line.trim()));
  const missing = [...new Set(actionLines.map((line) => safeText(Buffer.from(line)).trim()))].filter(
    (line) => line !== "" && !lines.has(line),
  );
  return missing.length === 0 ? "" : firstBytes([ACTION_TITLE, ...missing].join("\n"), maxBytes);
}
