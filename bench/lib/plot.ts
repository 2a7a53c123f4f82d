import type { Bar, Plot, Row } from "./figure.ts";
import { formatValue } from "./format.ts";
import { spread } from "./stats.ts";
import { LABELS, marked, SPACE, svg } from "./svg.ts";

const BAR = 16;
const GAP = 5;
const GROUP_GAP = 16;
const TOP = 46;

const LEGEND: Record<Bar["whose"], string> = {
  ours: "Command Cron",
  native: "the gateway's own",
  control: "control",
};

/** Where a value lies on the axis, 0 to 1. A logarithmic axis begins a decade below the smallest value. */
function scaleOf(plot: Plot, values: readonly number[]): (value: number) => number {
  const top = Math.max(...values);
  if (plot.scale === "linear") return (value) => Math.max(0, value) / top;
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive))) - 0.3;
  const high = Math.log10(top);
  return (value) => (value <= 0 ? 0 : (Math.log10(value) - low) / (high - low));
}

/** A plot as SVG: one bar a row with the median, a line from the least to the greatest round, and the number beside it. */
export function renderPlot(plot: Plot, rows: readonly Row[]): string {
  const known = new Map(rows.map((row) => [row.id, row]));
  const groups = plot.groups
    .map(({ label, bars }) => ({
      label,
      bars: bars.flatMap((bar) => {
        const row = known.get(bar.row);
        return row === undefined || row.rounds.length === 0 ? [] : [{ ...bar, row, ...spread(row.rounds) }];
      }),
    }))
    .filter((group) => group.bars.length > 0);
  const place = scaleOf(
    plot,
    groups.flatMap((group) => group.bars.flatMap((bar) => [bar.max, bar.median, bar.min])),
  );
  const shapes: string[] = [];
  let y = TOP;
  for (const group of groups) {
    if (group.label !== "") {
      shapes.push(`<text class="group" x="0" y="${y + 12}">${marked(group.label)}</text>`);
      y += BAR + GAP;
    }
    for (const bar of group.bars) {
      const x = (value: number): string => (LABELS + place(value) * SPACE).toFixed(1);
      const middle = y + BAR / 2;
      shapes.push(
        `<text x="${LABELS - 10}" y="${y + 12}" text-anchor="end">${marked(bar.label)}</text>`,
        `<rect class="${bar.whose}" x="${LABELS}" y="${y}" width="${(place(bar.median) * SPACE).toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<line class="rounds" x1="${x(bar.min)}" x2="${x(bar.max)}" y1="${middle}" y2="${middle}"/>`,
        `<text class="value" x="${(LABELS + place(bar.max) * SPACE + 8).toFixed(1)}" y="${y + 12}">${marked(formatValue(bar.median, bar.row.unit))}</text>`,
      );
      y += BAR + GAP;
    }
    y += GROUP_GAP;
  }
  const kinds = (["ours", "native", "control"] as const).filter((kind) =>
    groups.some((group) => group.bars.some((bar) => bar.whose === kind)),
  );
  const legend = kinds.map(
    (kind, index) =>
      `<rect class="${kind}" x="${LABELS + index * 150}" y="26" width="10" height="10" rx="2"/>` +
      `<text x="${LABELS + index * 150 + 15}" y="35">${marked(LEGEND[kind])}</text>`,
  );
  const height = y - GROUP_GAP + 8;
  const note = plot.scale === "log" ? " (logarithmic)" : "";
  return svg({ title: plot.title, note, height }, [
    ...legend,
    `<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="${TOP - 4}" y2="${height - 4}"/>`,
    ...shapes,
  ]);
}
