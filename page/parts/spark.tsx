import { formatDurationMs } from "../../src/kernel/durations.ts";
import { sparkBars, type TimelineRow } from "../logic/layout.ts";
import { count } from "../logic/states.ts";

const WIDTH = 120;
const HEIGHT = 24;

/** How long the newest runs took, the newest on the right; those that failed stand on a line. */
export function Spark({ latest }: { latest: TimelineRow["latest"] }) {
  const bars = sparkBars(latest, WIDTH, HEIGHT - 4);
  const last = latest.find(({ durationMs }) => durationMs !== undefined)?.durationMs;
  if (bars.length === 0 || last === undefined) return <span class="quiet">—</span>;
  const bad = bars.filter(({ bad }) => bad).length;
  const said = `${count(bars.length, "run")}, ${bad} failed, the last took ${formatDurationMs(last)}`;
  return (
    <span class="spark" role="img" aria-label={said} title={said}>
      <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
        <path d={pathOf(bars.filter((bar) => !bar.bad))} class="spark-ok" />
        <path
          d={pathOf(bars.filter((bar) => bar.bad)) + pathOf(bars.filter((bar) => bar.bad).map(below))}
          class="spark-bad"
        />
      </svg>
    </span>
  );
}

type Bar = ReturnType<typeof sparkBars>[number];
const pathOf = (bars: readonly Bar[]): string =>
  bars.map(({ x, y, width, height }) => `M${x} ${y}h${width}v${height}h${-width}z`).join("");
const below = (bar: Bar): Bar => ({ ...bar, y: HEIGHT - 3, height: 2.5 });
