import type { ComponentChildren } from "preact";
import type { AlertsResult } from "../../schema/wire/calls/told.ts";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { useMatters } from "../data/matters.ts";
import { useRead } from "../data/page.ts";
import { causeText } from "../logic/attention.ts";
import { shownAt } from "../logic/failures.ts";
import { count, lastWords, STATES, standOf, whyOf } from "../logic/states.ts";
import { agoText, instantText } from "../logic/time.ts";
import { To, When } from "./common.tsx";
import { Mark } from "./mark.tsx";

/** The name of a job, how it stands, when it ran last and runs next. */
export function JobStand({ job, nowMs, children }: { job: Job; nowMs: number; children?: ComponentChildren }) {
  const { enabled, state } = job;
  const stand = standOf(job, useMatters().signs.get(job.id));
  const notes = [
    state.slow === true ? "slower of late" : "",
    state.flaky === true ? "ok only after a retry of late" : "",
  ];
  return (
    <div>
      <p class="quiet">
        <To view="jobs">Jobs</To> ›
      </p>
      <h2>{job.displayName ?? job.name}</h2>
      <p>
        <Mark {...stand} /> <span class={`tone-${stand.tone}`}>{stand.word}</span>
        {state.lastRunAtMs === undefined ? null : (
          <span class="quiet">
            {" · last run "}
            <When atMs={state.lastRunAtMs} nowMs={nowMs} />, {agoText(state.lastRunAtMs, nowMs)}
          </span>
        )}
        {enabled && state.nextRunAtMs !== undefined ? (
          <span class="quiet">
            {" · next "}
            <When atMs={state.nextRunAtMs} nowMs={nowMs} />, {agoText(state.nextRunAtMs, nowMs)}
          </span>
        ) : null}
        {notes.map((note) => (note === "" ? null : <span key={note} class="tone-warn">{` · ${note}`}</span>))}
      </p>
      {children}
      {job.description === undefined ? null : <p class="pre">{job.description}</p>}
    </div>
  );
}

/** Why it fails, at once: what the newest failed run says of itself. */
export function Why({ run, nowMs }: { run: RunEntry | undefined; nowMs: number }) {
  if (run === undefined) return null;
  const why = whyOf(run);
  const said = lastWords(run);
  return (
    <div class="problem">
      <p>
        {STATES[run.runStatus].word} <When atMs={shownAt(run)} nowMs={nowMs} />: {why}{" "}
        <To view="job" id={run.jobId} query={{ run: run.runId }}>
          {run.source === "gateway" ? "The run" : "Its output"}
        </To>
      </p>
      {said === "" || why.includes(said) ? null : <p class="why">{said}</p>}
    </div>
  );
}

export function Incidents({ id, nowMs }: { id: string; nowMs: number }) {
  const { value } = useRead<AlertsResult>("alerts", { id, openOnly: false, limit: 5 }, ["alerts"]);
  if (value === undefined || value.alerts.length === 0) return null;
  return (
    <section>
      <h3>Incidents</h3>
      <ul class="plain">
        {value.alerts.map(({ id: key, cause, openedAtMs, closedAtMs, occurrences }) => (
          <li key={key}>
            <Mark
              status={closedAtMs === undefined ? "failed" : "succeeded"}
              tone={closedAtMs === undefined ? "bad" : "ok"}
            />{" "}
            It {causeText(cause)}, {count(occurrences, "time")},{" "}
            {closedAtMs === undefined
              ? `open since ${instantText(openedAtMs, nowMs)}`
              : `${instantText(openedAtMs, nowMs)} to ${instantText(closedAtMs, nowMs)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
