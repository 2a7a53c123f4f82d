import type { Figure } from "./figure.ts";
import { formatRow } from "./format.ts";
import { renderMachine } from "./machine.ts";
import type { FigureResult, Results } from "./results.ts";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const renderFigure = ({ rows }: FigureResult): string =>
  table(
    ["what", "median", "rounds lay between", "rounds"],
    rows
      .filter((row) => row.rounds.length > 0)
      .map((row) => {
        const { value, between, rounds } = formatRow(row);
        return [row.label, value, between, rounds];
      }),
  );

export const renderGoals = ({ verdicts }: Pick<Results, "verdicts">): string =>
  table(
    ["goal", "measured", ""],
    verdicts.map(({ says, measured, met }) => [says, measured, met === "met" ? "met" : `**${met}**`]),
  );

/** Some figures say nothing about most goals. */
export const measuredOnly = ({ verdicts }: Results): Pick<Results, "verdicts"> => ({
  verdicts: verdicts.filter(({ met }) => met !== "not measured"),
});

function renderLimits({ verdicts }: Results): string {
  const missed = verdicts.filter(({ met }) => met !== "met");
  if (missed.length === 0) return "Every goal is met.";
  return missed.map(({ says, met, limit }) => `* **${says}** (${met}). ${limit ?? ""}`.trimEnd()).join("\n");
}

/** The generated parts of pages by name; everything else on them is written by hand. */
export function renderBlocks(results: Results): Map<string, string> {
  return new Map([
    ["machine", `Taken ${results.takenAt.slice(0, 10)}: ${renderMachine(results.machine)}.`],
    ["goals", renderGoals(results)],
    ["limits", renderLimits(results)],
    ...Object.entries(results.figures).map(([name, result]) => [name, renderFigure(result)] as const),
  ]);
}

const FIRST_PAGE = "performance.md";

/** The pages of docs with something of what was taken. */
export const pagesOf = (figures: readonly Figure[], { figures: taken }: Pick<Results, "figures">): string[] => [
  ...new Set([
    FIRST_PAGE,
    ...figures.flatMap(({ name, page }) => (page === undefined || taken[name] === undefined ? [] : [page])),
  ]),
];

/** The generated parts of one page: those of its figures, and what they were taken on. */
export function blocksOn(page: string, figures: readonly Figure[], results: Results): Map<string, string> {
  const pages = new Map(figures.map((figure) => [figure.name, figure.page ?? FIRST_PAGE]));
  const pageOf = (name: string): string => (name === "machine" ? page : (pages.get(name) ?? FIRST_PAGE));
  return new Map([...renderBlocks(results)].filter(([name]) => pageOf(name) === page));
}

const blockPattern = (name: string): RegExp =>
  new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- /bench:${name} -->)`);

/** The page with its generated parts replaced. Raises when a part has no place on it. */
export function fillPage(page: string, blocks: ReadonlyMap<string, string>): string {
  let filled = page;
  for (const [name, text] of blocks) {
    if (!blockPattern(name).test(filled)) throw new Error(`the page has no place for ${name}`);
    filled = filled.replace(blockPattern(name), (_, open: string, close: string) => `${open}${text}\n${close}`);
  }
  return filled;
}

/** The same tables for a terminal: columns in line, no markup. */
export function renderText(markdown: string): string {
  const rows = markdown
    .split("\n")
    .map((line) => (line.startsWith("|") ? line.slice(2, -2).split(" | ").map(plain) : plain(line)));
  const widths: number[] = [];
  for (const row of rows) {
    if (typeof row === "string" || isRule(row)) continue;
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) => {
      if (typeof row === "string") return row;
      const cells = isRule(row) ? widths.map((width) => "-".repeat(width)) : row;
      return cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd();
    })
    .join("\n");
}

const isRule = (cells: readonly string[]): boolean => cells.every((cell) => cell === "---");
const plain = (text: string): string => text.replaceAll("**", "");
