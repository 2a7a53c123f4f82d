import type { CliIo } from "../io.ts";

export type Tone = "good" | "bad" | "warn" | "dim" | "bold" | "plain";

const CODES: Record<Exclude<Tone, "plain">, string> = { good: "32", bad: "31", warn: "33", dim: "2", bold: "1" };

/** What the terminal can show: colours, and how many columns; undefined where there is no terminal. */
export interface Style {
  (tone: Tone, text: string): string;
  readonly width: number | undefined;
}

const widthOf = ({ isTTY, columns }: CliIo["stdout"]): number | undefined =>
  isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;

/** Colours only on a terminal, and never against NO_COLOR or TERM=dumb. */
export function styleOf(io: Pick<CliIo, "stdout" | "env">): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0";
  const refused = (NO_COLOR !== undefined && NO_COLOR !== "") || TERM === "dumb";
  const on = !refused && (forced || io.stdout.isTTY === true);
  const paint = (tone: Tone, text: string): string =>
    on && tone !== "plain" && text !== "" ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
  return Object.assign(paint, { width: widthOf(io.stdout) });
}

const WORDS = {
  good: "ok succeeded sent delivered approved",
  warn: "running queued awaiting_approval waiting pending sending skipped missed unknown degraded warn",
  bad: "error failed timed_out canceled lost dead stopped not-delivered rejected expired",
};
const TONES = new Map(
  Object.entries(WORDS).flatMap(([tone, words]) => words.split(" ").map((word) => [word, tone as Tone] as const)),
);

/** How a status is shown, by its first word. */
export const toneOf = (word: string): Tone => TONES.get(word.split(" ")[0] ?? "") ?? "dim";
