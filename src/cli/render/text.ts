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

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

const widthOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

/** Terminal columns a text takes. */
export function visibleWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += widthOf(segment);
  return width;
}

/** At most `width` columns; a cut is shown by `…` and never falls inside a character. */
export function clip(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let used = 1;
  let kept = "";
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

export const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - visibleWidth(text)));

export const shortId = (id: string | undefined): string => (id === undefined ? "-" : id.slice(0, 8));
