import { LANE_HEIGHT, pathsOf } from "../logic/layout.ts";
import { type MarkStatus, STATES } from "../logic/states.ts";
import { Mark } from "./mark.tsx";

const DRAWN: readonly MarkStatus[] = [
  "succeeded",
  "failed",
  "missed",
  "running",
  "stalled",
  "queued",
  "awaiting_approval",
  "canceled",
  "skipped",
  "planned",
];

/** The shapes of the timeline, each with its word. */
export function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      {DRAWN.map((status) => (
        <li key={status}>
          <svg width="22" height="30" viewBox={`3 ${(LANE_HEIGHT - 30) / 2 - 1} 22 30`} aria-hidden="true">
            {pathsOf([{ status, x: 8, width: 12, fromMs: 0, runs: 1 }]).map(({ d }) => (
              <path key={d} d={d} class={`box box-${status}`} />
            ))}
          </svg>
          {status === "failed" ? "failed, timed out, lost" : STATES[status].word}
        </li>
      ))}
    </ul>
  );
}

/** Every status with its mark and what it means. */
export function StatusWords() {
  return (
    <dl class="words">
      {(Object.keys(STATES) as MarkStatus[]).map((status) => (
        <div key={status}>
          <dt>
            <Mark status={status} tone={STATES[status].tone} /> {STATES[status].word}
          </dt>
          <dd>{STATES[status].says}</dd>
        </div>
      ))}
    </dl>
  );
}
