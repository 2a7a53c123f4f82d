import { useCallback, useMemo } from "preact/hooks";
import { DAY_MS, formatDurationMs } from "../../src/kernel/durations.ts";
import { placeText } from "../../src/kernel/progress.ts";
import { useJobList } from "../data/job-list.ts";
import { useMatters } from "../data/matters.ts";
import { usePage } from "../data/page.ts";
import { pathOf } from "../logic/address.ts";
import { filterJobs, inOrder, JOB_FILTERS, type LaneJob, SORTS, sortOf } from "../logic/filter.ts";
import { okRate } from "../logic/layout.ts";
import { scheduleText } from "../logic/schedule.ts";
import { count, standOf } from "../logic/states.ts";
import { Choice, Empty, Help, Problem, SearchField, When } from "../parts/common.tsx";
import { JobName } from "../parts/lane-label.tsx";
import { Mark } from "../parts/mark.tsx";
import { NoJobs } from "../parts/no-jobs.tsx";
import { Spark } from "../parts/spark.tsx";
import { VirtualRows } from "../parts/virtual.tsx";

const ROW_HEIGHT = 56;

export function JobsView() {
  const { lanes, route, query, now, all, known, problem, text, setText, filter: asked, signs } = useJobList("jobs");
  const filter = asked === "here" ? "all" : asked;
  const sort = sortOf(query["sort"]);
  const change = (part: Record<string, string>): void => route.go(pathOf("jobs", { ...query, q: text, ...part }));
  const ordered = useMemo(() => inOrder(all, sort, signs), [all, sort, signs]);
  const shown = useMemo(
    () => filterJobs(ordered, { query: text, filter, signs, rowOf: lanes.row }),
    [ordered, text, filter, filter === "all" ? undefined : lanes.revision],
  );
  const hour = Math.floor(now / 3_600_000);
  const onRange = useCallback(
    ({ from, to }: { from: number; to: number }) => {
      const untilMs = (hour + 6) * 3_600_000;
      const seen = shown.slice(from, to).map(({ job }) => job.id);
      const ids = ordered.map(({ job }) => job.id);
      lanes.want(ids, seen, {
        sinceMs: untilMs - DAY_MS,
        untilMs,
        slotMs: 600_000,
      });
    },
    [shown, ordered, hour],
  );
  if (known && all.length === 0) return <NoJobs />;
  return (
    <>
      <div class="bar">
        <SearchField label="Find a job" hint="Find a job or a #tag" value={text} onValue={setText} />
        <Choice label="Which jobs" value={filter} options={JOB_FILTERS} onValue={(state) => change({ state })} />
        <Choice label="In which order" value={sort} options={SORTS} onValue={(word) => change({ sort: word })} />
        <span class="quiet bar-count" role="status">
          {shown.length === all.length ? count(all.length, "job") : `${shown.length} of ${count(all.length, "job")}`}
        </span>
      </div>
      <Problem text={problem} />
      <div class="jobs" role="table" aria-label="Jobs" aria-rowcount={shown.length + 1}>
        <div class="jobs-row jobs-head" role="row" aria-rowindex={1}>
          <span role="columnheader">Job</span>
          <span role="columnheader">State</span>
          <span role="columnheader" class="on-wide">
            Last
          </span>
          <span role="columnheader">Next</span>
          <span role="columnheader" class="on-wide">
            Duration
          </span>
          <span role="columnheader" class="on-wide">
            Success
          </span>
        </div>
        <VirtualRows
          total={shown.length}
          rowHeight={ROW_HEIGHT}
          onRange={onRange}
          render={(index) => {
            const entry = shown[index];
            return entry === undefined ? null : (
              <JobRow key={entry.job.id} {...{ entry, index, nowMs: now }} onTag={(tag) => setText(`#${tag}`)} />
            );
          }}
        />
      </div>
      {known && shown.length === 0 ? <Empty title="No job fits." /> : null}
      <Help>
        <p>
          Every job with how it stands, its next run, how long its last thirty runs took (bars; those that failed have a
          line beneath), and how many of those thirty were well. Click a name for everything about the job. The order
          “by chain” puts each job behind the one it follows.
        </p>
      </Help>
    </>
  );
}

function JobRow({
  entry: { job, watched, level = 0 },
  index,
  nowMs,
  onTag,
}: {
  entry: LaneJob;
  index: number;
  nowMs: number;
  onTag(tag: string): void;
}) {
  const { lanes } = usePage();
  const row = lanes.row(job.id);
  const { enabled, state } = row ?? job;
  const matters = useMatters();
  const stand = standOf({ enabled, state }, matters.signs.get(job.id));
  const rate = row === undefined ? undefined : okRate(row.latest);
  const progress = matters.running.find(({ jobId }) => jobId === job.id)?.progress;
  const said = matters.all.find(({ jobId, said }) => jobId === job.id && said !== undefined)?.said;
  const note = stand.tone === "bad" ? (said ?? state.lastError ?? "") : placeText(progress);
  return (
    <div class="jobs-row" role="row" aria-rowindex={index + 2}>
      <span role="cell" class="jobs-name">
        <span class="clip" style={{ paddingLeft: `${level * 18}px` }}>
          {level === 0 ? null : (
            <span class="quiet" aria-hidden="true">
              └{" "}
            </span>
          )}
          <JobName job={job} watched={watched} />
        </span>
        <span class="quiet clip" style={{ paddingLeft: `${level * 18}px` }}>
          {watched === undefined ? null : `gateway, ${watched} · `}
          {scheduleText(job.schedule, job.parentName)}
          {(job.tags ?? []).map((tag) => (
            <button type="button" class="link tag" key={tag} onClick={() => onTag(tag)}>
              #{tag}
            </button>
          ))}
        </span>
      </span>
      <span role="cell" class="jobs-state">
        <Mark {...stand} />
        <span class="jobs-stand">
          <span class={`tone-${stand.tone} clip`}>{stand.short ?? stand.word}</span>
          {note === "" ? null : (
            <span class="quiet clip" title={note}>
              {note}
            </span>
          )}
        </span>
      </span>
      <span role="cell" class="on-wide">
        {state.lastRunAtMs === undefined ? (
          <span class="quiet">—</span>
        ) : (
          <When atMs={state.lastRunAtMs} nowMs={nowMs} />
        )}
      </span>
      <span role="cell">
        {enabled && state.nextRunAtMs !== undefined ? (
          <>
            <When atMs={state.nextRunAtMs} nowMs={nowMs} />{" "}
            <span class="quiet jobs-ago">
              <When atMs={state.nextRunAtMs} nowMs={nowMs} ago />
            </span>
          </>
        ) : (
          <span class="quiet clip">
            {job.schedule.kind === "after" && enabled ? `after ${job.parentName ?? "another job"}` : "—"}
          </span>
        )}
      </span>
      <span role="cell" class="on-wide jobs-spark">
        {row === undefined ? null : <Spark latest={row.latest} />}
        {state.lastDurationMs === undefined ? null : (
          <span class="quiet">{formatDurationMs(state.lastDurationMs)}</span>
        )}
      </span>
      <span role="cell" class="on-wide">
        {rate === undefined ? <span class="quiet">—</span> : `${rate} %`}
      </span>
    </div>
  );
}
