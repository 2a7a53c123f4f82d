import type { OutboundMessage } from "../../outbox/port.ts";

/** A text with what a command printed in it: what stands before that, it, and what comes after. */
export function partsOf({ text, code: [from, to] = [0, 0] }: Pick<OutboundMessage, "text" | "code">) {
  return [text.slice(0, from), text.slice(from, to), text.slice(to)] as const;
}

/** The longest run of backticks in a text. */
export const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** A block that channels show as it is; its fence is longer than any run of its own sign within. */
export function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text.replace(/\n+$/, "")}\n${fence}`;
}
