/** Escape sequences as a whole, then every control character that is left. */
const ESCAPES =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[@-Z\\-_]/g;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROLS_BUT_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One line that cannot move the cursor, change colours or turn the writing direction. */
export const cleanLine = (text: string): string =>
  text
    .replaceAll(ESCAPES, "")
    .replaceAll(/\r\n|[\r\n\t]/g, " ")
    .replaceAll(CONTROLS, "");

/** The same for a block of text: line ends and tabs stay. */
export const cleanBlock = (text: string): string =>
  text.replaceAll(ESCAPES, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll(CONTROLS_BUT_LINES, "");

/** Lines of a block, cleaned and indented. */
export const indented = (text: string): string[] =>
  cleanBlock(text)
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);

let measure: ((text: string) => number) | undefined;

/** Loads what measures texts beyond ASCII when an answer has such; the tables behind it take a while to build. */
export async function readyFor(answer: unknown): Promise<void> {
  if (measure !== undefined || !/[^\u0000-\u007f]/.test(JSON.stringify(answer) ?? "")) return;
  measure = (await import("string-width")).default;
}

/** Terminal columns a text takes. */
export const visibleWidth = (text: string): number =>
  measure === undefined || /^[\u0020-\u007e…]*$/.test(text) ? text.length : measure(text);

/** At most `width` columns; a cut is shown by `…` and never falls inside a character. */
export function clip(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let used = 1;
  let kept = "";
  for (const { segment } of segmenter.segment(text)) {
    used += visibleWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

const wordsOf = (text: string): string[] => text.split(" ");

export const widestWord = (text: string): number => Math.max(...wordsOf(text).map(visibleWidth));

/**
 * Lines of at most `width` columns that end between words; only a word that is wider itself is cut, which `…` shows, or
 * with `whole` is not. What follows a break is indented like the text, or by `hang` columns.
 */
export function wrapWords(
  text: string,
  width: number,
  { hang, whole = false }: { hang?: number; whole?: boolean } = {},
) {
  if (visibleWidth(text) <= width) return [text];
  const lead = /^ */.exec(text)?.[0] ?? "";
  const indent = hang === undefined ? lead : " ".repeat(hang);
  const lines: string[] = [];
  let line = "";
  for (const word of wordsOf(text.trim())) {
    const longer = line === "" ? lead + word : `${line} ${word}`;
    if (line !== "" && visibleWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].map((one) => (whole ? one : clip(one, width)));
}

export const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - visibleWidth(text)));

export const shortId = (id: string | undefined): string => (id === undefined ? "-" : id.slice(0, 8));
