import type { Style, Tone } from "./style.ts";
import { cleanLine, clip, padTo, visibleWidth } from "./text.ts";

export interface Column {
  title: string;
  /** Widest it may get; longer cells are cut with `…`. */
  max?: number;
}

export interface Cell {
  text: string;
  tone?: Tone;
}

const toCell = (cell: Cell | string): Cell => (typeof cell === "string" ? { text: cell } : cell);

/** Aligned columns under a title line. Cells are made safe for a terminal here, whatever they hold. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  style: Style,
): string {
  const cells = rows.map((row) =>
    columns.map((column, index) => {
      const { text, tone } = toCell(row[index] ?? "-");
      const clean = cleanLine(text);
      return { text: column.max === undefined ? clean : clip(clean, column.max), tone: tone ?? "plain" };
    }),
  );
  const widths = columns.map((column, index) =>
    Math.max(visibleWidth(column.title), ...cells.map((row) => visibleWidth(row[index]?.text ?? ""))),
  );
  const line = (row: readonly { text: string; tone: Tone }[]): string =>
    row
      .map((cell, index) => {
        const padding = index === row.length - 1 ? "" : padTo(cell.text, widths[index] ?? 0).slice(cell.text.length);
        return style(cell.tone, cell.text) + padding;
      })
      .join("  ")
      .trimEnd();
  const titles = columns.map((column): { text: string; tone: Tone } => ({ text: column.title, tone: "bold" }));
  return [line(titles), ...cells.map(line)].join("\n");
}

/** `label: value` lines with the values in one column; several lines of a value are indented below it. */
export function renderFacts(
  facts: readonly (readonly [label: string, value: string | undefined, tone?: Tone])[],
  style: Style,
): string {
  const shown = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([label]) => label.length)) + 2;
  return shown
    .map(([label, value, tone]) => {
      const [first = "", ...more] = (value ?? "").split("\n").map(cleanLine);
      const rest = more.map((text) => `\n${" ".repeat(width)}${style(tone ?? "plain", text)}`).join("");
      return `${style("dim", `${label}:`.padEnd(width))}${style(tone ?? "plain", first)}`.trimEnd() + rest;
    })
    .join("\n");
}
