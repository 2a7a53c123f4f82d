export const WIDTH = 760;
/** Where the labels end and the axis begins, and what is kept free for values behind it. */
export const LABELS = 250;
const VALUES = 110;
export const SPACE = WIDTH - LABELS - VALUES;

/** Seen on white and on dark pages alike: text takes the reader's colour, bars stay in the middle of the scale. */
const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.group { font-weight: 600 }
.value { font-variant-numeric: tabular-nums }
.ours { fill: #1f9d6b } .native { fill: #d2691e } .control { fill: #8b949e }
.rounds { stroke: #24292f; stroke-width: 1.2 }
.axis { stroke: #8b949e; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .rounds { stroke: #e6edf3 } }
`;

export const marked = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A whole picture: its shapes below its title. */
export const svg = (
  { title, note = "", height, style = "" }: { title: string; note?: string; height: number; style?: string },
  shapes: readonly string[],
): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${marked(title)}</title>`,
    `<style>${STYLE}${style}</style>`,
    `<text class="title" x="0" y="14">${marked(title + note)}</text>`,
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
