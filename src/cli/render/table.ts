import { type Style, type Tone, toneOf } from "./style.ts";
import { cleanLine, padTo, shortId, visibleWidth, widestWord, wrapWords } from "./text.ts";

/** One column of a table of T. */
export interface Column<T> {
  title: string;
  /** What stands in it; nothing is shown as `-`. */
  cell(row: T): Cell | string | undefined;
  /** Its words may stand on several lines. */
  wraps?: boolean;
  /** May be left out where there is no room; the highest first. */
  drop?: number;
}

export interface Cell {
  text: string;
  tone?: Tone;
}

export const idCell = (id: string | undefined): Cell => ({ text: shortId(id), tone: "dim" });
export const wordCell = (word: string, text = word): Cell => ({ text, tone: toneOf(word) });

const GAP = 2;
/** A word longer than this does not widen a column that wraps: it is cut where there is no room for it. */
const LONG_WORD = 32;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const toCell = (cell: Cell | string): Required<Cell> =>
  typeof cell === "string" ? { text: cell, tone: "plain" } : { tone: "plain", ...cell };

interface Fit {
  column: Pick<Column<never>, "wraps" | "drop">;
  index: number;
  /** Of its widest cell. */
  natural: number;
  /** Below this it is hard to read. */
  least: number;
}

function fitOf(column: Omit<Column<never>, "cell">, index: number, texts: readonly string[]): Fit {
  const natural = Math.max(visibleWidth(column.title), ...texts.map(visibleWidth));
  const words = Math.max(...[column.title, ...texts].map(widestWord));
  return { column, index, natural, least: column.wraps === true ? Math.min(natural, words, LONG_WORD) : natural };
}

/** Leaves out the least important columns until the others can be read. */
function chosen(fits: readonly Fit[], width: number): Fit[] {
  let kept = [...fits];
  while (sum(kept.map(({ least }) => least)) + GAP * (kept.length - 1) > width) {
    const ranks = kept.map(({ column }) => column.drop ?? 0);
    const worst = Math.max(...ranks);
    if (worst === 0) break;
    kept = kept.filter((_fit, at) => at !== ranks.lastIndexOf(worst));
  }
  return kept;
}

/** What there is, shared: nobody gets more than its widest cell, and what one leaves goes to the others. */
function shared(fits: readonly Fit[], width: number): number[] {
  const room = width - GAP * (fits.length - 1);
  const tight = sum(fits.map(({ least }) => least)) > room;
  const widths = fits.map(({ least }) => (tight ? 1 : least));
  for (let left = room - sum(widths); left > 0; ) {
    const open = fits.flatMap(({ natural }, at) => ((widths[at] ?? 0) < natural ? [at] : []));
    if (open.length === 0) break;
    for (const at of open.slice(0, left)) widths[at] = (widths[at] ?? 0) + 1;
    left -= Math.min(left, open.length);
  }
  return widths;
}

/**
 * Aligned columns under a title line, no wider than the terminal: words wrap in their column, the least important columns
 * drop out. Cells are made safe for a terminal here, whatever they hold.
 */
export function renderTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  style: Style,
  { titled = true } = {},
): string {
  const cells = rows.map((row) =>
    columns.map(({ cell }) => {
      const { text, tone } = toCell(cell(row) ?? "-");
      return { text: cleanLine(text), tone };
    }),
  );
  const width = style.width ?? Number.POSITIVE_INFINITY;
  const all = columns.map((column, index) =>
    fitOf(
      column,
      index,
      cells.map((row) => row[index]?.text ?? ""),
    ),
  );
  const fits = chosen(all, width);
  const natural = fits.map((fit) => fit.natural);
  const widths = sum(natural) + GAP * (fits.length - 1) <= width ? natural : shared(fits, width);
  const block = (row: readonly Required<Cell>[]): string[] => {
    const parts = fits.map(({ index }, at) => wrapWords(row[index]?.text ?? "", widths[at] ?? 0));
    const height = Math.max(1, ...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      fits
        .map(({ index }, at) => {
          const text = parts[at]?.[line] ?? "";
          const padding = padTo(text, widths[at] ?? 0).slice(text.length);
          return style(row[index]?.tone ?? "plain", text) + padding;
        })
        .join(" ".repeat(GAP))
        .trimEnd(),
    );
  };
  const titles = columns.map((column): Required<Cell> => ({ text: column.title, tone: "bold" }));
  return [...(titled ? [titles] : []), ...cells].flatMap(block).join("\n");
}

/** One kind of rows as a table; `columns` are made anew for each, as they go by the time. */
export const tableOf =
  <T>(columns: (nowMs: number) => readonly Column<T>[]) =>
  (rows: readonly T[], nowMs: number, style: Style): string =>
    renderTable(rows, columns(nowMs), style);

/** `label: value` lines with the values in one column; further lines of a value are indented below it. */
export function renderFacts(
  facts: readonly (readonly [label: string, value: string | undefined, tone?: Tone])[],
  style: Style,
): string {
  const shown = facts.filter(([, value]) => value !== undefined);
  const indent = Math.max(0, ...shown.map(([label]) => label.length)) + GAP;
  const width = style.width ?? Number.POSITIVE_INFINITY;
  return shown
    .map(([label, value = "", tone = "plain"]) => {
      const lines = value.split("\n").map(cleanLine);
      // A long word, such as an id, is better off on a line of its own.
      const below = Math.max(...lines.map(widestWord)) > width - indent;
      const at = below ? GAP : indent;
      const wrapped = lines.flatMap((line) => wrapWords(line, width - at)).map((line) => style(tone, line));
      const head = style("dim", `${label}:`.padEnd(indent));
      const first = below ? head.trimEnd() : `${head}${wrapped.shift() ?? ""}`.trimEnd();
      return [first, ...wrapped.map((line) => `${" ".repeat(at)}${line}`)].join("\n");
    })
    .join("\n");
}
