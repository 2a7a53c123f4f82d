import type { OutboundMessage } from "../../outbox/port.ts";
import { commandLine, fenced, longestRun, partsOf } from "../gateway/index.ts";

/** Channels that make one line of a message: there each line is a message of its own. */
const LINE_CHANNELS: ReadonlySet<string> = new Set(["irc"]);
/** More would be a flood, and take a connection each. */
const LINES_MAX = 40;
/** What a line of such a channel carries whole. */
const LINE_MAX = 300;
/** Takes no room, and is no white space that a channel trims. */
const ZERO_WIDTH = "\u200b";

type OutboundText = Pick<OutboundMessage, "text" | "code" | "channel" | "actions">;

/** Words and numbers that no channel reads as Markdown, and that need no frame to arrive as they are. */
const PLAIN_LINE = /^[\p{L}\p{N}][\p{L}\p{N} .,:;()%/@+=-]*$/u;

/**
 * The payloads of a message, below which stands what may be done, where no button shows it. What a command printed is put
 * into a block that channels show as it is: a fenced one, or where a channel knows no lines, one message a line. The rest is
 * the channel's to render.
 */
export function payloadsOf(message: OutboundText): { text: string }[] {
  const { code, channel } = message;
  const line = commandLine(message);
  const text = line === undefined ? message.text : `${message.text}\n${line}`;
  if (code === undefined) return [{ text }];
  const [before, printed, after] = partsOf({ ...message, text });
  if (channel !== undefined && LINE_CHANNELS.has(channel)) return linesOf(text);
  if (printed.trim() === "" || PLAIN_LINE.test(printed)) return [{ text }];
  const block = fenced(printed);
  const parts = [before.trimEnd(), block, after.trimStart()].filter((part) => part !== "");
  return [{ text: parts.join("\n") }];
}

function linesOf(text: string): { text: string }[] {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap(pieces);
  const shown = lines.slice(0, LINES_MAX).map((line) => ({ text: exactLine(line) }));
  return lines.length <= LINES_MAX ? shown : [...shown, { text: `[... ${lines.length - LINES_MAX} more lines]` }];
}

const pieces = (line: string): string[] => line.match(new RegExp(`.{1,${LINE_MAX}}`, "gsu")) ?? [];

/** One line that arrives as it is. The channel reads `\\n` and its like as escapes, so the sign itself is written as one. */
function exactLine(line: string): string {
  if (PLAIN_LINE.test(line)) return line;
  const kept = line.startsWith(" ") || line.startsWith("\t") ? `${ZERO_WIDTH}${line}` : line;
  const ticks = "`".repeat(longestRun(kept) + 1);
  const room = kept.startsWith("`") || kept.endsWith("`") ? " " : "";
  return `${ticks}${room}${kept.replaceAll("\\", "\\u005c")}${room}${ticks}`;
}
