import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIGURES } from "../../bench/figures/index.ts";
import { renderLines } from "../../bench/lib/lines.ts";
import { fillPage, renderBlocks } from "../../bench/lib/page.ts";
import { renderPlot } from "../../bench/lib/plot.ts";
import type { Results } from "../../bench/lib/results.ts";

const PROJECT_DIR = join(import.meta.dirname, "..", "..");
const read = (name: string): string => readFileSync(join(PROJECT_DIR, name), "utf8");
const results = JSON.parse(read("bench/results.json")) as Results;

describe("the page of figures", () => {
  it("says what was measured and nothing else", () => {
    const page = read("docs/performance.md");
    expect(fillPage(page, renderBlocks(results))).toBe(page);
  });

  it("has a place for every figure", () => {
    const page = read("docs/performance.md");
    expect(FIGURES.filter(({ name }) => !page.includes(`<!-- bench:${name} -->`)).map(({ name }) => name)).toEqual([]);
  });

  it("shows plots of what was measured", () => {
    for (const { name, plots, lines } of FIGURES) {
      const rows = results.figures[name]?.rows;
      if (rows === undefined) continue;
      const drawn = plots.map((plot) => [plot.file, renderPlot(plot, rows)] as const);
      if (lines !== undefined) drawn.push([lines.file, renderLines(lines, rows)]);
      for (const [file, svg] of drawn) expect(read(`docs/figures/${file}.svg`) === svg, file).toBe(true);
    }
  });
});
