import type { Bar, Plot, Row } from "./figure.ts";
import { formatValue } from "./format.ts";
import { spread } from "./stats.ts";

const WIDTH = 760;
const LABELS = 250;
const VALUES = 110;
const BAR = 16;
const GAP = 5;
const GROUP_GAP = 16;
const TOP = 46;

/** Seen on white and on dark pages alike: text takes the reader's colour, bars stay in the middle of the scale. */
export const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.group { font-weight: 600 }
.value { font-variant-numeric: tabular-nums }
.ours { fill: #1f9d6b } .native { fill: #d2691e } .control { fill: #8b949e }
.rounds { stroke: #24292f; stroke-width: 1.2 }
.axis { stroke: #8b949e; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .rounds { stroke: #e6edf3 } }
`;

const LEGEND: Record<Bar["whose"], string> = {
  ours: "Command Cron",
  native: "the gateway's own",
  control: "control",
};

export const marked = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

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
  const space = WIDTH - LABELS - VALUES;
  const shapes: string[] = [];
  let y = TOP;
  for (const group of groups) {
    if (group.label !== "") {
      shapes.push(`<text class="group" x="0" y="${y + 12}">${marked(group.label)}</text>`);
      y += BAR + GAP;
    }
    for (const bar of group.bars) {
      const x = (value: number): string => (LABELS + place(value) * space).toFixed(1);
      const middle = y + BAR / 2;
      shapes.push(
        `<text x="${LABELS - 10}" y="${y + 12}" text-anchor="end">${marked(bar.label)}</text>`,
        `<rect class="${bar.whose}" x="${LABELS}" y="${y}" width="${(place(bar.median) * space).toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<line class="rounds" x1="${x(bar.min)}" x2="${x(bar.max)}" y1="${middle}" y2="${middle}"/>`,
        `<text class="value" x="${(LABELS + place(bar.max) * space + 8).toFixed(1)}" y="${y + 12}">${marked(formatValue(bar.median, bar.row.unit))}</text>`,
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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${marked(plot.title)}</title>`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="0" y="14">${marked(plot.title + note)}</text>`,
    ...legend,
    `<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="${TOP - 4}" y2="${height - 4}"/>`,
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}
