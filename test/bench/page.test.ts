import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIGURES } from "../../bench/figures/index.ts";
import { renderLines } from "../../bench/lib/lines.ts";
import { blocksOn, fillPage, pagesOf } from "../../bench/lib/page.ts";
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
    for (const name of pagesOf(FIGURES, results)) {
      const page = read(`docs/${name}`);
      expect(fillPage(page, blocksOn(name, FIGURES, results))).toBe(page);
    }
  });

  it("has a place for every figure", () => {
    const homeless = FIGURES.filter(
      ({ name, page = "performance.md" }) => !/\n<!-- \/bench:/.test(blockOf(read(`docs/${page}`), name)),
    );
    expect(homeless.map(({ name }) => name)).toEqual([]);
  });

  it("leaves a figure that stands on a page of its own to that page", () => {
    const taken = {
      ...results,
      figures: { ...results.figures, sizing: { seconds: 1, rows: [] }, hop: { seconds: 1, rows: [] } },
    };
    expect(pagesOf(FIGURES, taken)).toEqual(["performance.md", "sizing.md"]);
    expect([...blocksOn("sizing.md", FIGURES, taken).keys()]).toEqual(["machine", "hop", "sizing"]);
    expect([...blocksOn("performance.md", FIGURES, taken).keys()]).not.toContain("sizing");
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
