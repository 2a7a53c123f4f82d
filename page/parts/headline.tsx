import type { ListResult } from "../../schema/wire/calls/jobs.ts";
import { useMatters } from "../data/matters.ts";
import { useRead } from "../data/page.ts";
import { urgent } from "../logic/attention.ts";
import { shownAt } from "../logic/failures.ts";
import { count, lastWords, STATES, shownStatus, whyOf } from "../logic/states.ts";
import { clockText } from "../logic/time.ts";
import { To, When } from "./common.tsx";
import { Mark, MatterMark } from "./mark.tsx";
import { ShortProgress } from "./progress.tsx";

const SHOWN = 3;
/** Those that come at once are counted as far. */
const MOST_NEXT = 50;
const SHOWN_BAD = 4;

/** The four questions one comes with: what failed and why, what runs, what is next, is anybody waiting for me. */
export function Headline({ nowMs }: { nowMs: number }) {
  return (
    <section class="headline" aria-label="At a glance">
      <Waiting nowMs={nowMs} />
      <Failed nowMs={nowMs} />
      <NowAndNext nowMs={nowMs} />
    </section>
  );
}

function Failed({ nowMs }: { nowMs: number }) {
  const { failures: value } = useMatters();
  const failures = value ?? [];
  const more = failures.length - SHOWN_BAD;
  return (
    <div class="glance wide">
      <h2>Failed or missed in the last 24 hours</h2>
      {value === undefined ? (
        <p class="quiet">Reading…</p>
      ) : failures.length === 0 ? (
        <p>
          <Mark status="succeeded" tone="ok" /> Nothing.
        </p>
      ) : (
        <ul>
          {failures.slice(0, SHOWN_BAD).map(({ run, times, well }) => {
            const { word, tone } = STATES[run.runStatus];
            const why = whyOf(run);
            const words = run.runStatus === "missed" ? "" : lastWords(run);
            const said = why.includes(words) ? "" : words;
            return (
              <li key={run.runId}>
                <Mark status={run.runStatus} tone={tone} />
                <div>
                  <To view="job" id={run.jobId} query={{ run: run.runId }}>
                    {run.jobName ?? run.jobId.slice(0, 8)}
                  </To>{" "}
                  {word} <When atMs={shownAt(run)} nowMs={nowMs} />
                  {times > 1 ? `, ${times} times${well ? "" : " in a row"}` : ""}
                  {well ? <span class="tone-ok"> · ran well since</span> : null}
                  <p class="why clip2">
                    {said === "" ? why : said}
                    {said === "" ? null : <span class="quiet"> · {why}</span>}
                  </p>
                </div>
              </li>
            );
          })}
        </ul>
      )}
      {more > 0 ? (
        <p class="more">
          <To view="runs" query={{ state: "bad" }}>
            and {count(more, "more job")}
          </To>
        </p>
      ) : null}
    </div>
  );
}

function NowAndNext({ nowMs }: { nowMs: number }) {
  const { status, running: runs } = useMatters();
  const { value } = useRead<ListResult>("list", { sortBy: "nextRunAtMs", limit: MOST_NEXT }, ["jobs", "runs"]);
  const planned = (value?.jobs ?? []).flatMap((job) =>
    job.state.nextRunAtMs === undefined ? [] : [{ job, atMs: job.state.nextRunAtMs }],
  );
  const next = planned.slice(0, SHOWN);
  const lastMs = next.at(-1)?.atMs;
  const more = planned.slice(SHOWN).filter(({ atMs }) => atMs === lastMs).length;
  const most = SHOWN + more === MOST_NEXT ? " or more" : "";
  const { running = 0, queued = 0 } = status?.runs ?? {};
  // Those that say how far they are are waited for.
  const told = [...runs].sort((a, b) => Number(b.progress !== undefined) - Number(a.progress !== undefined));
  return (
    <div class="glance">
      <h2>Now and next</h2>
      {running + queued === 0 ? <p>Nothing runs now.</p> : null}
      <ul>
        {told.slice(0, SHOWN).map((run) => (
          <li key={run.runId}>
            <Mark status={shownStatus(run)} tone={STATES[shownStatus(run)].tone} />
            <div>
              <To view="job" id={run.jobId} query={{ run: run.runId }}>
                {run.jobName ?? run.jobId.slice(0, 8)}
              </To>{" "}
              <span class="quiet">
                since <When atMs={run.runAtMs ?? run.ts} nowMs={nowMs} />
              </span>
              {run.progress === undefined ? null : <ShortProgress progress={run.progress} nowMs={nowMs} />}
            </div>
          </li>
        ))}
        {queued === 0 && running <= SHOWN ? null : (
          <li>
            <Mark status={queued > 0 ? "queued" : "running"} tone="live" />
            <To view="runs" query={{ state: "active" }}>
              {[
                running > SHOWN ? `${running} running` : "",
                queued > 0 ? `${count(queued, "run")} waiting for a slot` : "",
              ]
                .filter((part) => part !== "")
                .join(", ")}
            </To>
          </li>
        )}
        {next.map(({ job, atMs }) => (
          <li key={job.id}>
            <Mark status="planned" tone="quiet" />
            <div class="clip">
              <When atMs={atMs} nowMs={nowMs} />{" "}
              <To view="job" id={job.id}>
                {job.displayName ?? job.name}
              </To>{" "}
              <span class="quiet">
                <When atMs={atMs} nowMs={nowMs} ago />
              </span>
            </div>
          </li>
        ))}
      </ul>
      {more === 0 || lastMs === undefined ? null : (
        <p class="more">
          <To view="jobs" query={{ sort: "next" }}>
            and {more}
            {most} more at {clockText(lastMs)}
          </To>
        </p>
      )}
      {value !== undefined && next.length === 0 ? <p class="quiet">Nothing is planned.</p> : null}
    </div>
  );
}

function Waiting({ nowMs }: { nowMs: number }) {
  const { all, known } = useMatters();
  const waiting = all.filter(({ tone }) => tone !== "quiet");
  return (
    <div class="glance">
      <h2>Waiting for you</h2>
      {!known ? (
        <p class="quiet">Reading…</p>
      ) : waiting.length === 0 ? (
        <p>
          <Mark status="succeeded" tone="ok" /> Nobody and nothing.
        </p>
      ) : (
        <ul>
          {waiting.slice(0, SHOWN_BAD).map((matter) => {
            const { key, title, sinceMs, untilMs } = matter;
            return (
              <li key={key}>
                <MatterMark matter={matter} />
                <div class="clip2 more-lines">
                  <To view="attention">{title}</To>{" "}
                  <span class="quiet">
                    {untilMs !== undefined ? (
                      <>
                        until <When atMs={untilMs} nowMs={nowMs} />
                      </>
                    ) : sinceMs === undefined ? null : (
                      <When atMs={sinceMs} nowMs={nowMs} ago />
                    )}
                  </span>
                </div>
              </li>
            );
          })}
        </ul>
      )}
      {waiting.length > SHOWN_BAD ? (
        <p class="more">
          <To view="attention">all {urgent(all)}</To>
        </p>
      ) : null}
    </div>
  );
}
