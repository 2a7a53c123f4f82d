import type { LinePlot, Row } from "./figure.ts";
import { formatValue } from "./format.ts";
import { LABELS, marked, SPACE, svg } from "./svg.ts";

const PANEL = 84;
const GAP = 22;
const TOP = 34;
/** What an axis has above its greatest value. */
const HEADROOM = 1.1;
const LINE_STYLE =
  ".line { fill: none; stroke-width: 1.5 } .line.ours { stroke: #1f9d6b } .line.native { stroke: #d2691e } .line.control { stroke: #8b949e }";

/** Panels below each other as SVG, each with an axis from 0 to above its greatest value, and the last value beside each line. */
export function renderLines({ title, minutes, panels }: LinePlot, rows: readonly Row[]): string {
  const roundsOf = (id: string): Row | undefined => rows.find((row) => row.id === id && row.rounds.length > 0);
  const lasted = roundsOf(minutes)?.rounds[0] ?? 0;
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
      `<line class="axis" x1="${LABELS}" x2="${LABELS + SPACE}" y1="${bottom}" y2="${bottom}"/>`,
    );
    let free = Number.POSITIVE_INFINITY;
    const fromBelow = known.toSorted((one, other) => (one.row.rounds.at(-1) ?? 0) - (other.row.rounds.at(-1) ?? 0));
    for (const { row, label: name, whose } of fromBelow) {
      const step = SPACE / Math.max(1, row.rounds.length - 1);
      const points = row.rounds.map((value, at) => `${(LABELS + at * step).toFixed(1)},${height(value).toFixed(1)}`);
      const last = row.rounds.at(-1) ?? 0;
      // Two lines that end beside each other keep their words apart.
      free = Math.min(height(last) + 4, free - 14);
      shapes.push(
        `<polyline class="line ${whose}" points="${points.join(" ")}"/>`,
        `<text class="value" x="${LABELS + SPACE + 8}" y="${free.toFixed(1)}">${marked(`${formatValue(last, row.unit)} ${name}`.trim())}</text>`,
      );
    }
    y = bottom + GAP;
  }
  return svg({ title, height: y + 4, style: LINE_STYLE }, [
    ...shapes,
    `<text x="${LABELS}" y="${y - 4}">0</text>`,
    `<text x="${LABELS + SPACE}" y="${y - 4}" text-anchor="end">${marked(`${Number(lasted.toPrecision(3))} minutes`)}</text>`,
  ]);
}
