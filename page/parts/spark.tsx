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
        {bars.map(({ x, y, width, height, bad }) => (
          <g key={x}>
            <rect {...{ x, y, width, height }} class={bad ? "spark-bad" : "spark-ok"} />
            {bad ? <rect x={x} y={HEIGHT - 3} width={width} height={2.5} class="spark-bad" /> : null}
          </g>
        ))}
      </svg>
    </span>
  );
}
