import type { Job } from "../../schema/wire/job.ts";
import { usePage } from "../data/page.ts";
import type { LaneJob } from "../logic/filter.ts";
import { standOf } from "../logic/states.ts";
import { To, When } from "./common.tsx";
import { Mark } from "./mark.tsx";

/** A job's name, how it stands, when it ran last and runs next. */
export function LaneLabel({ entry: { job, watched }, nowMs }: { entry: LaneJob; nowMs: number }) {
  const { lanes } = usePage();
  const { enabled, state } = lanes.row(job.id) ?? job;
  const stand = standOf({ enabled, state });
  return (
    <div class="lane-label">
      <Mark {...stand} />
      <div class="lane-text">
        <JobName job={job} watched={watched} class="clip" />
        <span class="quiet clip lane-sub">
          {watched === undefined ? null : "gateway · "}
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

/** A job's name, which leads to everything about it; the gateway's own jobs are only watched, and have no page. */
export function JobName({ job, watched, class: name }: { job: Job; watched: string | undefined; class?: string }) {
  const text = job.displayName ?? job.name;
  return watched === undefined ? (
    <To view="job" id={job.id} {...(name === undefined ? {} : { class: name })}>
      {text}
    </To>
  ) : (
    <span class={name} title={`One of the gateway's own jobs (${watched}), watched here`}>
      {text}
    </span>
  );
}
