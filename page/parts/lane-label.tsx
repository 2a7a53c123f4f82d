import { usePage } from "../data/page.ts";
import type { LaneJob } from "../logic/filter.ts";
import { standOf } from "../logic/states.ts";
import { To, When } from "./common.tsx";
import { Mark } from "./mark.tsx";

/** A job's name, how it stands, when it ran last and runs next. */
export function LaneLabel({ entry: { job }, nowMs }: { entry: LaneJob; nowMs: number }) {
  const { lanes } = usePage();
  const { enabled, state } = lanes.row(job.id) ?? job;
  const stand = standOf({ enabled, state });
  return (
    <div class="lane-label">
      <Mark {...stand} />
      <div class="lane-text">
        <To view="job" id={job.id} class="clip">
          {job.displayName ?? job.name}
        </To>
        <span class="quiet clip lane-sub">
          {stand.word}
          {state.lastRunAtMs === undefined ? null : (
            <>
              {" "}
              <When atMs={state.lastRunAtMs} nowMs={nowMs} />
            </>
          )}
          {enabled && state.nextRunAtMs !== undefined ? (
            <>
              {" · next "}
              <When atMs={state.nextRunAtMs} nowMs={nowMs} />
            </>
          ) : null}
        </span>
      </div>
    </div>
  );
}
