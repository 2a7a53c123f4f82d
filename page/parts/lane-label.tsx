import type { Job } from "../../schema/wire/job.ts";
import { useMatters } from "../data/matters.ts";
import { usePage } from "../data/page.ts";
import type { LaneJob } from "../logic/filter.ts";
import { type Stand, standOf } from "../logic/states.ts";
import { To, When } from "./common.tsx";
import { Mark } from "./mark.tsx";

/** How it stands now, whenever it ran last. */
const STANDING: readonly Stand["status"][] = ["running", "stalled", "awaiting_approval"];

/** A job's name, how it stands, when it ran last and runs next. */
export function LaneLabel({ entry: { job, watched }, nowMs }: { entry: LaneJob; nowMs: number }) {
  const { lanes } = usePage();
  const { enabled, state } = lanes.row(job.id) ?? job;
  const { running, signs } = useMatters();
  const stand = standOf({ enabled, state }, signs.get(job.id));
  const atMs = stand.atMs ?? state.lastRunAtMs;
  const percent = running.find(({ jobId }) => jobId === job.id)?.progress?.percent;
  return (
    <div class="lane-label">
      <Mark {...stand} />
      <div class="lane-text">
        <JobName job={job} watched={watched} class="clip" />
        <span class="quiet clip lane-sub">
          {watched === undefined ? null : "gateway · "}
          {stand.short ?? stand.word}
          {percent === undefined ? "" : `${stand.status === "stalled" ? "," : ""} ${Math.floor(percent)} %`}
          {atMs === undefined || STANDING.includes(stand.status) ? null : (
            <>
              {" "}
              <When atMs={atMs} nowMs={nowMs} />
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

/** A job's name, which leads to everything about it. */
export function JobName({ job, watched, class: name }: { job: Job; watched: string | undefined; class?: string }) {
  return (
    <To
      view="job"
      id={job.id}
      class={name}
      title={watched === undefined ? undefined : `One of the gateway's own jobs (${watched}), watched here`}
    >
      {job.displayName ?? job.name}
    </To>
  );
}
