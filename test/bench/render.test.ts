import { describe, expect, it } from "vitest";
import type { Plot, Row } from "../../bench/lib/figure.ts";
import { formatRow, formatValue } from "../../bench/lib/format.ts";
import { fillPage, renderText } from "../../bench/lib/page.ts";
import { renderPlot } from "../../bench/lib/plot.ts";

const ROWS: Row[] = [
  { id: "f.a", label: "a", unit: "ms", rounds: [1, 3, 2] },
  { id: "f.b", label: "b", unit: "ms", rounds: [200] },
  { id: "f.none", label: "none", unit: "ms", rounds: [] },
];
const PLOT: Plot = {
  file: "f",
  title: "a < b",
  scale: "log",
  groups: [
    {
      label: "",
      bars: [
        { label: "a", row: "f.a", whose: "ours" },
        { label: "b", row: "f.b", whose: "native" },
        { label: "none", row: "f.none", whose: "control" },
      ],
    },
  ],
};

/** Widths of the bars, the legend's squares left out. */
const widths = (svg: string): number[] =>
  [...svg.matchAll(/<rect class="\w+" x="250" y="\d+" width="([\d.]+)" height="16"/g)].map((match) => Number(match[1]));

describe("figures on paper", () => {
  it("shows the digits a measurement can carry", () => {
    expect([0.01234, 1.234, 12.34, 1234.5, 0].map((value) => formatValue(value, "ms"))).toEqual([
      "0.012 ms",
      "1.23 ms",
      "12.3 ms",
      "1,235 ms",
      "0 ms",
    ]);
  });

  it("shows a spread only of several rounds", () => {
    expect(formatRow(ROWS[0] as Row)).toEqual({ value: "2 ms", between: "1 to 3", rounds: "3" });
    expect(formatRow(ROWS[1] as Row)).toEqual({ value: "200 ms", between: "", rounds: "1" });
  });

  it("draws a bar for each row that was measured, longer for more", () => {
    const [a, b, ...others] = widths(renderPlot(PLOT, ROWS));
    expect(others).toEqual([]);
    expect(a).toBeLessThan(b ?? 0);
  });

  it("draws to scale when asked to", () => {
    const [a, b] = widths(renderPlot({ ...PLOT, scale: "linear" }, ROWS));
    expect((b ?? 0) / (a ?? 1)).toBeCloseTo(100, -1);
  });

  it("stays well-formed with any text and readable on a dark page", () => {
    const svg = renderPlot(PLOT, ROWS);
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("prefers-color-scheme: dark");
  });

  it("replaces the parts of a page and nothing else", () => {
    const page = "before\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nafter\n";
    const filled = fillPage(page, new Map([["x", "new $& text"]]));
    expect(filled).toBe("before\n<!-- bench:x -->\nnew $& text\n<!-- /bench:x -->\nafter\n");
    expect(fillPage(filled, new Map([["x", "new $& text"]]))).toBe(filled);
  });

  it("refuses a page without a place for a part", () => {
    expect(() => fillPage("nothing here", new Map([["x", "text"]]))).toThrow("x");
  });

  it("sets a table in columns for a terminal", () => {
    expect(renderText("| what | n |\n| --- | --- |\n| a long name | **1** |")).toBe(
      "what         n\n-----------  -\na long name  1",
    );
  });
});
