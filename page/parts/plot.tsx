import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { RunEntry } from "../../schema/wire/run.ts";
import { formatDurationMs } from "../../src/kernel/durations.ts";
import { isBad, STATES } from "../logic/states.ts";
import { instantText, tickText } from "../logic/time.ts";

const HEIGHT = 150;
const MINUTE = 60_000;
/** How far apart the lines of durations may be: as people count them. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000],
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_440, 2_880, 10_080].map((minutes) => minutes * MINUTE),
];

/** Colours as the browser computes them here: a canvas knows no variables. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Every point of a series by a shape: circles for what went well, diamonds for what did not. */
const shaped = (diamond: boolean) => (plot: uPlot, series: number, first: number, last: number) => {
  const size = (diamond ? 5.5 : 3.5) * devicePixelRatio;
  const path = new Path2D();
  for (let index = first; index <= last; index += 1) {
    const value = plot.data[series]?.[index];
    const time = plot.data[0][index];
    if (value === null || value === undefined || time === undefined) continue;
    const x = plot.valToPos(time, "x", true);
    const y = plot.valToPos(value, "y", true);
    if (diamond) {
      path.moveTo(x, y - size);
      path.lineTo(x + size, y);
      path.lineTo(x, y + size);
      path.lineTo(x - size, y);
      path.closePath();
    } else {
      path.moveTo(x + size, y);
      path.arc(x, y, size, 0, 2 * Math.PI);
    }
  }
  return { fill: path, stroke: path, flags: 0 };
};

interface PlotProps {
  title: string;
  runs: readonly RunEntry[];
  /** What is plotted, milliseconds; undefined where a run has none. */
  value(run: RunEntry): number | undefined;
  nowMs: number;
  onRun(runId: string): void;
}

/** How long the runs of a job took and how late they started, as far as there is something to compare. */
export function RunPlots({ runs, nowMs, onRun }: Pick<PlotProps, "runs" | "nowMs" | "onRun">) {
  const shown = PLOTS.filter(({ value }) => runs.filter((run) => value(run) !== undefined).length > 1);
  return shown.length === 0 ? null : (
    <div class="columns">
      {shown.map(({ title, value }) => (
        <RunPlot key={title} {...{ title, value, runs, nowMs, onRun }} />
      ))}
    </div>
  );
}

const PLOTS: Pick<PlotProps, "title" | "value">[] = [
  { title: "Duration", value: ({ durationMs }) => durationMs },
  {
    title: "How late it started",
    value: ({ latenessMs }) => (latenessMs === undefined ? undefined : Math.max(0, latenessMs)),
  },
];

/** A number of each run over time. The pointer names a run, a click opens it. */
function RunPlot({ title, runs, value, nowMs, onRun }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number>();
  const [theme, setTheme] = useState(0);
  const points = runs
    .flatMap((run) => {
      const y = value(run);
      return y === undefined || run.runAtMs === undefined ? [] : [{ run, x: run.runAtMs / 1_000, y }];
    })
    .sort((a, b) => a.x - b.x);
  const shape = points.map(({ x, y }) => `${x} ${y}`).join();

  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const changed = (): void => setTheme((n) => n + 1);
    media.addEventListener("change", changed);
    // The Control UI may say which mode it is in, on the document or on the page's own element.
    const observer = new MutationObserver(changed);
    for (const element of [document.documentElement, box.current?.closest(".cc")]) {
      if (element) observer.observe(element, { attributes: true, attributeFilter: ["data-mode"] });
    }
    return () => {
      media.removeEventListener("change", changed);
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || points.length === 0) return undefined;
    const [ok, bad, text, grid] = ["ok", "bad", "muted", "line"].map((name) => colour(element, name));
    const axis = {
      stroke: text ?? "",
      grid: { stroke: grid ?? "", width: 1 },
      ticks: { show: false },
      font: "11px system-ui",
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        padding: [8, 16, 0, 4],
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        scales: {
          // Room for the whole mark of the first and the last one.
          x: { range: (_plot, min, max) => [min - (max - min || 3_600) / 30, max + (max - min || 3_600) / 30] },
          y: { range: (_plot, _min, max) => [0, Math.max(max, 1) * 1.1] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            values: (plot, ticks) =>
              ticks.map((tick) => {
                const x = plot.valToPos(tick, "x");
                const text = tickText(tick * 1_000, nowMs);
                // A word that would be cut says nothing.
                return Math.min(x, plot.over.clientWidth - x) + 14 < text.length * 3 ? null : text;
              }),
            space: 100,
          },
          {
            ...axis,
            size: 64,
            incrs: STEPS_MS,
            values: (_plot, ticks) => ticks.map((tick) => formatDurationMs(tick)),
            space: 34,
          },
        ],
        series: [
          {},
          { paths: () => null, points: { show: true, fill: ok ?? "", stroke: ok ?? "", paths: shaped(false) } },
          { paths: () => null, points: { show: true, fill: bad ?? "", stroke: bad ?? "", paths: shaped(true) } },
        ],
        hooks: { setCursor: [(plot) => setAt(plot.cursor.idx ?? undefined)] },
      },
      [
        points.map(({ x }) => x),
        points.map(({ run, y }) => (isBad(run.runStatus) ? null : y)),
        points.map(({ run, y }) => (isBad(run.runStatus) ? y : null)),
      ],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [shape, theme]);

  const values = points.map(({ y }) => y).sort((a, b) => a - b);
  const middle = values[Math.floor(values.length / 2)];
  const most = values.at(-1);
  const pointed = at === undefined ? undefined : points[at];
  const open = (): void => {
    if (pointed !== undefined) onRun(pointed.run.runId);
  };
  return (
    <figure class="plot">
      <figcaption>
        <strong>{title}</strong>{" "}
        <span class="quiet">
          {pointed !== undefined
            ? `${instantText(pointed.run.runAtMs ?? 0, nowMs)}: ${formatDurationMs(pointed.y)}, ${STATES[pointed.run.runStatus].word}`
            : middle === undefined || most === undefined
              ? "no run yet"
              : `middle ${formatDurationMs(middle)}, most ${formatDurationMs(most)}`}
        </span>
      </figcaption>
      <div ref={box} class="plot-box" aria-hidden="true" onClick={open} />
    </figure>
  );
}
