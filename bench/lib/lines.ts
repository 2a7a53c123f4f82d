import type { LinePlot, Row } from "./figure.ts";
import { formatValue } from "./format.ts";
import { marked, STYLE } from "./plot.ts";

const WIDTH = 760;
const LABELS = 250;
const VALUES = 110;
const PANEL = 84;
const GAP = 22;
const TOP = 34;
/** What an axis has above its greatest value. */
const HEADROOM = 1.1;

/** Panels below each other as SVG, each with an axis from 0 to above its greatest value, and the last value beside each line. */
export function renderLines({ title, minutes, panels }: LinePlot, rows: readonly Row[]): string {
  const roundsOf = (id: string): Row | undefined => rows.find((row) => row.id === id && row.rounds.length > 0);
  const lasted = roundsOf(minutes)?.rounds[0] ?? 0;
  const space = WIDTH - LABELS - VALUES;
  const shapes: string[] = [];
  let y = TOP;
  for (const { label, lines } of panels) {
    const known = lines.flatMap((line) => {
      const row = roundsOf(line.row);
      return row === undefined ? [] : [{ ...line, row }];
    });
    if (known.length === 0) continue;
    const top = Math.max(...known.flatMap(({ row }) => row.rounds), Number.MIN_VALUE) * HEADROOM;
    const bottom = y + PANEL;
    const height = (value: number): number => bottom - (Math.max(0, value) / top) * PANEL;
    shapes.push(
      `<text class="group" x="0" y="${y + 12}">${marked(label)}</text>`,
      `<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="${y}" y2="${bottom}"/>`,
      `<line class="axis" x1="${LABELS}" x2="${LABELS + space}" y1="${bottom}" y2="${bottom}"/>`,
    );
    let free = Number.POSITIVE_INFINITY;
    const fromBelow = known.toSorted((one, other) => (one.row.rounds.at(-1) ?? 0) - (other.row.rounds.at(-1) ?? 0));
    for (const { row, label: name, whose } of fromBelow) {
      const step = space / Math.max(1, row.rounds.length - 1);
      const points = row.rounds.map((value, at) => `${(LABELS + at * step).toFixed(1)},${height(value).toFixed(1)}`);
      const last = row.rounds.at(-1) ?? 0;
      // Two lines that end beside each other keep their words apart.
      free = Math.min(height(last) + 4, free - 14);
      shapes.push(
        `<polyline class="line ${whose}" points="${points.join(" ")}"/>`,
        `<text class="value" x="${LABELS + space + 8}" y="${free.toFixed(1)}">${marked(`${formatValue(last, row.unit)} ${name}`.trim())}</text>`,
      );
    }
    y = bottom + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 4}" width="${WIDTH}" height="${y + 4}" role="img">`,
    `<title>${marked(title)}</title>`,
    `<style>${STYLE}.line { fill: none; stroke-width: 1.5 } .line.ours { stroke: #1f9d6b } .line.native { stroke: #d2691e } .line.control { stroke: #8b949e }</style>`,
    `<text class="title" x="0" y="14">${marked(title)}</text>`,
    ...shapes,
    `<text x="${LABELS}" y="${y - 4}">0</text>`,
    `<text x="${LABELS + space}" y="${y - 4}" text-anchor="end">${marked(`${Number(lasted.toPrecision(3))} minutes`)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
