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

/** From where a figure's part of a page begins to where it ends. */
const blockOf = (page: string, name: string): string =>
  new RegExp(`<!-- bench:${name} -->[\\s\\S]*?\n<!-- /bench:${name} -->`).exec(page)?.[0] ?? "";

describe("the page of figures", () => {
  it("says what was measured and nothing else", () => {
    const blocks = renderBlocks(results);
    for (const { name, page } of FIGURES) if (page !== undefined) blocks.delete(name);
    const page = read("docs/performance.md");
    expect(fillPage(page, blocks)).toBe(page);
  });

  it("has a place for every figure that has no other page", () => {
    const homeless = FIGURES.filter(
      ({ name, page = "performance.md" }) => !/\n<!-- \/bench:/.test(blockOf(read(`docs/${page}`), name)),
    );
    expect(homeless.map(({ name }) => name)).toEqual([]);
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
