import { useState } from "preact/hooks";
import type { RunsResult } from "../../schema/wire/calls/runs.ts";
import { useAddress, useNow, usePage, useRead } from "../data/page.ts";
import { pathOf } from "../logic/address.ts";
import type { LaneJob } from "../logic/filter.ts";
import { scheduleText } from "../logic/schedule.ts";
import { isBad, totalsText } from "../logic/states.ts";
import { Empty, Fact, Facts, Help } from "../parts/common.tsx";
import { Incidents, JobStand, Why } from "../parts/job-head.tsx";
import { RunPlots } from "../parts/plot.tsx";
import { RunList } from "../parts/run-list.tsx";

const RUNS = 50;

/** One of the gateway's own jobs: what is known of it from watching. */
export function WatchedJob({ entry: { job, watched } }: { entry: LaneJob }) {
  const { route } = usePage();
  const { query } = useAddress();
  const now = useNow(1_000);
  const [limit, setLimit] = useState(RUNS);
  const { id, state } = job;
  const runs = useRead<RunsResult>("runs", { id, allCron: true, limit }, ["runs", "jobs"]).value;
  const setOpen = (run: string | undefined): void => route.go(pathOf("job", { run }, id));
  const newestBad = runs?.entries.find(({ runStatus }) => isBad(runStatus));
  const { totals } = state;
  const facts: [string, string | undefined][] = [
    [
      "What it does",
      watched === "agentTurn" ? "a turn of an agent" : watched === "systemEvent" ? "tells the main session" : watched,
    ],
    ["When", job.schedule.kind === "at" && job.schedule.at === "-" ? undefined : scheduleText(job.schedule)],
    ["Since it is watched", totals === undefined ? undefined : totalsText(totals)],
  ];
  return (
    <article>
      <div class="job-head">
        <JobStand job={job} nowMs={now} />
      </div>
      {state.lastRunStatus === "error" ? <Why run={newestBad} nowMs={now} /> : null}
      <Incidents id={id} nowMs={now} />
      <section>
        <h3>What it is</h3>
        <p class="quiet">One of the gateway’s own jobs. It is watched here and changed on the gateway’s own page.</p>
        <dl class="facts">
          <Facts rows={facts} />
          <Fact label="Id">
            <code>{id}</code>
          </Fact>
        </dl>
      </section>
      <RunPlots runs={runs?.entries ?? []} nowMs={now} onRun={setOpen} />
      <section>
        <h3>Runs{runs === undefined ? "" : ` (${runs.total.toLocaleString("en")})`}</h3>
        {runs?.total === 0 ? <Empty title="Nobody has seen it run yet." /> : null}
        <RunList runs={runs?.entries ?? []} nowMs={now} open={query["run"]} onOpen={setOpen} named={false} />
        {runs?.hasMore === true && limit === RUNS ? (
          <button type="button" onClick={() => setLimit(200)}>
            Earlier runs
          </button>
        ) : null}
      </section>
      <Help>
        <p>
          What was seen of a job that the gateway runs itself: when it ran, how it ended, and the times at which it
          should have run and did not. “Ran” of a job that tells the main session says that it was told, not that
          anything was done.
        </p>
      </Help>
    </article>
  );
}
