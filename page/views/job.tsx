import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NextResult } from "../../schema/wire/calls/jobs.ts";
import type { RunsResult, StatsResult } from "../../schema/wire/calls/runs.ts";
import type { Job } from "../../schema/wire/job.ts";
import { useMatters } from "../data/matters.ts";
import { useAddress, useNow, usePage, useRead } from "../data/page.ts";
import { useStore } from "../data/store.ts";
import { pathOf } from "../logic/address.ts";
import { runDeed, stopJobDeed, switchDeed } from "../logic/commands.ts";
import { policySentences } from "../logic/policy.ts";
import { commandText, scheduleText, targetText } from "../logic/schedule.ts";
import { conditionText, count, isBad, standOf, statsText, totalsText } from "../logic/states.ts";
import { Chain } from "../parts/chain.tsx";
import { Empty, Fact, Facts, Help, Problem, To, When } from "../parts/common.tsx";
import { Deeds } from "../parts/deeds.tsx";
import { Incidents, JobStand, Why } from "../parts/job-head.tsx";
import { RunPlots } from "../parts/plot.tsx";
import { Progress } from "../parts/progress.tsx";
import { partsWhile, RunList } from "../parts/run-list.tsx";
import { WatchedJob } from "./watched.tsx";

const RUNS = 25;
const MOST_RUNS = 200;

export function JobView({ id }: { id: string }) {
  const { jobs } = usePage();
  const { byId } = useStore(jobs);
  const entry = byId.get(id);
  return entry?.watched === undefined ? <OwnJob id={id} /> : <WatchedJob entry={entry} />;
}

function OwnJob({ id }: { id: string }) {
  const { route, jobs } = usePage();
  const { query } = useAddress();
  const now = useNow(1_000);
  const { signs } = useMatters();
  const [limit, setLimit] = useState(RUNS);
  const { value: job, problem } = useRead<Job>("get", { id }, ["jobs", "runs"]);
  const [active, setActive] = useState(false);
  const runs = useRead<RunsResult>("runs", { id, limit }, partsWhile(active, ["runs", "deliveries"])).value;
  const goesOn = runs?.entries.find(({ runStatus }) => runStatus === "running");
  useEffect(() => setActive(goesOn !== undefined), [goesOn === undefined]);
  const openRun = query["run"];
  const listed = runs?.entries.some(({ runId }) => runId === openRun) === true;
  const single = useRead<RunsResult>(
    "runs",
    openRun === undefined || runs === undefined || listed ? undefined : { runId: openRun },
    ["runs"],
  ).value;
  const shownSingle = listed || openRun === undefined ? undefined : single?.entries;
  const shown = useMemo(() => [...(shownSingle ?? []), ...(runs?.entries ?? [])], [shownSingle, runs]);
  const setOpen = (run: string | undefined): void => route.go(pathOf("job", { run }, id));

  const list = useRef<HTMLElement>(null);
  // Who comes for one run sees it at once.
  const ready = openRun !== undefined && (listed || shown.length > (runs?.entries.length ?? 0));
  useEffect(() => {
    if (ready) list.current?.querySelector(".row.open")?.scrollIntoView({ block: "start" });
  }, [ready]);

  if (job === undefined) {
    // It may be one of the gateway's own, which are read after ours.
    return problem === undefined || !jobs.known ? (
      <p class="quiet">Reading…</p>
    ) : (
      <>
        <Problem text={problem} />
        <Empty title="This job is not there.">
          <p>
            It may have been removed. <To view="jobs">All jobs</To> · <To view="runs">all runs</To>
          </p>
        </Empty>
      </>
    );
  }
  const stand = standOf(job, signs.get(id));
  const name = job.displayName ?? job.name;
  const running = job.state.runningAtMs !== undefined;
  return (
    <article>
      <div class="job-head">
        <JobStand job={job} nowMs={now}>
          {goesOn?.progress === undefined ? null : (
            <p>
              <Progress progress={goesOn.progress} nowMs={now} />
            </p>
          )}
        </JobStand>
        <Deeds deeds={[...(running ? [stopJobDeed(id)] : [runDeed(id)]), switchDeed(id, job.enabled)]} about={name} />
      </div>
      {stand.tone === "bad" ? <Why run={runs?.entries.find(({ runStatus }) => isBad(runStatus))} nowMs={now} /> : null}
      <Incidents id={id} nowMs={now} />
      <Chain id={id} />
      <div class="columns">
        <JobFacts job={job} nowMs={now} />
        <section>
          <h3>How it runs</h3>
          <ul class="sentences">
            {policySentences(job).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      </div>
      <RunPlots runs={runs?.entries ?? []} nowMs={now} onRun={setOpen} />
      <section ref={list}>
        <h3>
          Runs of {name}
          {runs === undefined ? "" : ` (${runs.total.toLocaleString("en")})`}
        </h3>
        {runs !== undefined && runs.total === 0 ? <Empty title="It has not run yet." /> : null}
        <RunList runs={shown} nowMs={now} open={openRun} onOpen={setOpen} named={false} />
        {runs?.hasMore === true && limit < MOST_RUNS ? (
          <button type="button" onClick={() => setLimit(Math.min(MOST_RUNS, limit * 2))}>
            Earlier runs
          </button>
        ) : null}
      </section>
      <Help>
        <p>
          Everything about one job: what it is, the rules it runs by, how long its newest runs took and how late they
          started (circles went well, diamonds did not; click one for the run), and its runs. A run opens to its facts
          and to what it printed; while it goes on, the output follows.
        </p>
      </Help>
    </article>
  );
}

function JobFacts({ job, nowMs }: { job: Job; nowMs: number }) {
  const next = useRead<NextResult>("next", job.enabled ? { id: job.id, count: 5 } : undefined, ["jobs", "runs"]).value;
  const { payload, delivery, schedule } = job;
  const stats = useRead<StatsResult>("stats", { id: job.id }, ["runs"]).value?.jobs[0];
  const totals = job.state.totals;
  const facts: [string, string | undefined][] = [
    ["When", scheduleText(schedule, job.parentName)],
    ["Expression", schedule.kind === "cron" && scheduleText(schedule) !== schedule.expr ? schedule.expr : undefined],
    ["Directory", payload.cwd],
    ["Variables", payload.env === undefined ? undefined : Object.keys(payload.env).join(", ")],
    ["Input", payload.input === undefined ? undefined : count(payload.input.length, "character")],
    ["Notifies", targetText(delivery)],
    ["Also notifies", delivery?.also?.map(targetText).join(", ")],
    ["Kept in", job.managedBy],
    ["It says", job.state.condition === undefined ? undefined : conditionText(job.state.condition, nowMs)],
    ["In 30 days", stats === undefined || stats.runs === 0 ? undefined : statsText(stats)],
    ["Since it was made", totals === undefined || totals.runs + totals.missed === 0 ? undefined : totalsText(totals)],
  ];
  return (
    <section>
      <h3>What it is</h3>
      <dl class="facts">
        <Fact label="Command">
          <code class="pre">{commandText(job)}</code>
        </Fact>
        {job.tags === undefined || job.tags.length === 0 ? null : (
          <Fact label="Tags">
            {job.tags.map((tag) => (
              <span key={tag} class="instant">
                <To view="jobs" query={{ q: `#${tag}` }}>
                  #{tag}
                </To>
              </span>
            ))}
          </Fact>
        )}
        <Facts rows={facts} />
        {next === undefined || next.instants.length === 0 ? null : (
          <Fact label="Next runs">
            {next.instants.map(({ atMs, change }) => (
              <span key={atMs} class="instant">
                <When atMs={atMs} nowMs={nowMs} />
                {change === undefined ? "" : " (the clock changes)"}
              </span>
            ))}
          </Fact>
        )}
        <Fact label="Id">
          <code>{job.id}</code>
        </Fact>
      </dl>
    </section>
  );
}
