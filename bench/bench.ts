/**
 * Takes the figures. `npm run bench` takes them all and writes bench/results.json, the plots and the tables of
 * docs/performance.md. `npm run bench -- overhead lateness` takes some and only prints them; with `--keep` they replace
 * those of the last full run. `--quick` takes fewer rounds, never writes, and tells what got worse since the last full run.
 * A figure that cannot be taken ends no other: it is named at the end, its last rows stay, and the answer is 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { DEFAULT_GATEWAY } from "../scripts/install-gateway.ts";
import { FIGURES } from "./figures/index.ts";
import { GOALS } from "./goals.ts";
import { createBench } from "./lib/bench.ts";
import type { Figure, Row } from "./lib/figure.ts";
import { renderLines } from "./lib/lines.ts";
import { busyPercent, describeMachine } from "./lib/machine.ts";
import { blocksOn, fillPage, measuredOnly, pagesOf, renderBlocks, renderGoals, renderText } from "./lib/page.ts";
import { renderPlot } from "./lib/plot.ts";
import { composeResults, type FigureResult, keptFrom, type Results } from "./lib/results.ts";
import { renderWorse } from "./lib/worse.ts";

const PROJECT_DIR = dirname(import.meta.dirname);
const RESULTS_FILE = join(import.meta.dirname, "results.json");
const PLOTS_DIR = join(PROJECT_DIR, "docs", "figures");

/** Above this share of all cores other work is in the figures. */
const BUSY_PERCENT = 10;

/** Nothing but the one that is asked for by name takes longer; who does hangs. */
const FIGURE_MAX_MS = 15 * 60_000;
const CLOSE_MAX_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    minutes: { type: "string" },
  },
});
const minutes = Number(values.minutes ?? (values.quick ? 2 : 60));
if (!(minutes > 0)) {
  console.error(`--minutes ${values.minutes}: expected a number above 0`);
  process.exit(2);
}
const unknown = positionals.filter((name) => !FIGURES.some((figure) => figure.name === name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; there are ${FIGURES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const whole = positionals.length === 0;
const wanted = FIGURES.filter(({ name, onlyNamed }) => (whole ? onlyNamed !== true : positionals.includes(name)));

const say = (line: string): void => console.error(`· ${line}`);
const bench = createBench({ quick: values.quick, minutes, say });
const figures: Results["figures"] = {};
const failed: string[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void bench.close().finally(() => process.exit(1)));
}
const busy = await busyPercent();
if (busy > BUSY_PERCENT) say(`this machine is ${Math.round(busy)} % busy already: what follows says more about that`);
try {
  for (const figure of wanted) {
    say(figure.title);
    try {
      figures[figure.name] = await take(figure);
    } catch (error) {
      failed.push(figure.name);
      console.error(`${figure.name} could not be taken:`, error);
      await bench.retireGateway().catch((left: unknown) => console.error(left));
    }
  }
} finally {
  // What hung may hang here as well; its figures are lost, those of others are not.
  await within(CLOSE_MAX_MS, bench.close()).catch((error: unknown) => console.error("could not be closed:", error));
}

const keep = !values.quick && (whole || values.keep);
const last = JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as Results;
const taken = {
  takenAt: new Date().toISOString(),
  machine: describeMachine(DEFAULT_GATEWAY, Math.round(busy)),
  figures: inOrder(figures),
};
const results = composeResults(
  keep ? { ...keptFrom(last, taken, whole), figures: inOrder({ ...last.figures, ...figures }) } : taken,
  GOALS,
);
print(results);
if (keep) write(results);
if (values.quick) console.log(`\n${renderWorse(last, results)}`);
if (failed.length > 0) {
  console.error(`\nCould not be taken: ${failed.join(", ")}`);
  // What hangs must not keep the rest from ending.
  process.exit(1);
}

async function take(figure: Figure): Promise<FigureResult> {
  const rounds = new Map<string, number[]>();
  const begin = performance.now();
  const measured = figure.measure(bench, (row, value) => {
    const sofar = rounds.get(row) ?? [];
    rounds.set(row, [...sofar, Number(value.toPrecision(5))]);
  });
  await (figure.onlyNamed === true ? measured : within(FIGURE_MAX_MS, measured));
  const rows = Object.entries(figure.rows).map(
    ([id, spec]): Row => ({ id: `${figure.name}.${id}`, ...spec, rounds: rounds.get(id) ?? [] }),
  );
  return { seconds: Math.round((performance.now() - begin) / 1_000), rows };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`it is not done after ${ms / 60_000} minutes`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => {});
  }
}

function inOrder(taken: Results["figures"]): Results["figures"] {
  return Object.fromEntries(
    FIGURES.flatMap(({ name }) => {
      const result = taken[name];
      return result === undefined ? [] : [[name, result] as const];
    }),
  );
}

function print(taken: Results): void {
  const blocks = renderBlocks(taken);
  console.log(`\n${blocks.get("machine")}`);
  for (const figure of FIGURES) {
    const block = figures[figure.name] === undefined ? undefined : blocks.get(figure.name);
    if (block !== undefined)
      console.log(`\n${figure.title} (${figures[figure.name]?.seconds} s)\n\n${renderText(block)}`);
  }
  console.log(
    `\nGoals\n\n${renderText(whole || keep ? (blocks.get("goals") ?? "") : renderGoals(measuredOnly(taken)))}`,
  );
}

function write(taken: Results): void {
  writeFileSync(RESULTS_FILE, `${JSON.stringify(taken, null, 2)}\n`);
  mkdirSync(PLOTS_DIR, { recursive: true });
  for (const figure of FIGURES) {
    const rows = taken.figures[figure.name]?.rows;
    if (rows === undefined) continue;
    for (const plot of figure.plots) writeFileSync(join(PLOTS_DIR, `${plot.file}.svg`), renderPlot(plot, rows));
    const { lines } = figure;
    if (lines !== undefined) writeFileSync(join(PLOTS_DIR, `${lines.file}.svg`), renderLines(lines, rows));
  }
  for (const page of pagesOf(FIGURES, taken)) {
    const file = join(PROJECT_DIR, "docs", page);
    writeFileSync(file, fillPage(readFileSync(file, "utf8"), blocksOn(page, FIGURES, taken)));
  }
}
