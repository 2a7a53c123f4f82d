import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { DAY_MS, HOUR_MS } from "../../src/kernel/durations.ts";
import { useAddress, useNow, usePage } from "../data/page.ts";
import { useStore } from "../data/store.ts";
import { pathOf } from "../logic/address.ts";
import { filterJobs, JOB_FILTERS, jobFilterOf, type LaneJob } from "../logic/filter.ts";
import { LANE_HEIGHT, slotOf } from "../logic/layout.ts";
import { count, standOf } from "../logic/states.ts";
import { instantText, type Span, ticksOf } from "../logic/time.ts";
import { Card, CardStore } from "../parts/card.tsx";
import { Choice, Empty, Help, Problem, SearchField, To, When } from "../parts/common.tsx";
import { CommandLine } from "../parts/deeds.tsx";
import { Headline } from "../parts/headline.tsx";
import { Lane } from "../parts/lane.tsx";
import { Legend, StatusWords } from "../parts/legend.tsx";
import { Mark } from "../parts/mark.tsx";
import { VirtualRows } from "../parts/virtual.tsx";

/** How much time is on the screen, from near to far. */
const ZOOMS = {
  "3h": { ms: 3 * HOUR_MS, title: "3 hours" },
  "12h": { ms: 12 * HOUR_MS, title: "12 hours" },
  day: { ms: DAY_MS, title: "Day" },
  "3d": { ms: 3 * DAY_MS, title: "3 days" },
  week: { ms: 7 * DAY_MS, title: "Week" },
} as const;
type Zoom = keyof typeof ZOOMS;
const ORDER = Object.keys(ZOOMS) as Zoom[];
const zoomOf = (word: string | undefined): Zoom => ORDER.find((zoom) => zoom === word) ?? "day";
/** Three quarters are what was, the last one is what comes. */
const BEFORE = 0.75;

/** The span moves on by steps, so that what was read for it stays good for a while. */
function spanOf(zoom: Zoom, at: number | undefined, nowMs: number): Span {
  const { ms } = ZOOMS[zoom];
  const step = ms / 24;
  const anchor = at ?? Math.floor(nowMs / step) * step;
  const sinceMs = anchor - BEFORE * ms;
  return { sinceMs, untilMs: sinceMs + ms };
}

/** What needs a look first, then by name. */
const RANK = { bad: 0, warn: 1, live: 2, ok: 3, quiet: 4 } as const;
const byTrouble = (jobs: readonly LaneJob[]): LaneJob[] =>
  jobs
    .map((entry, index) => ({ entry, index, rank: RANK[standOf(entry.job).tone] }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ entry }) => entry);

function useWidth(): { ref: { current: HTMLDivElement | null }; width: number } {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

export function TimelineView() {
  const { route, jobs, lanes } = usePage();
  const { query } = useAddress();
  const now = useNow(15_000);
  const { all, known, problem } = useStore(jobs);
  useStore(lanes);
  const [text, setText] = useState(query["q"] ?? "");
  const filter = jobFilterOf(query["state"]);
  const zoom = zoomOf(query["span"]);
  const at = Number(query["at"]) || undefined;
  const span = useMemo(() => spanOf(zoom, at, now), [zoom, at, Math.floor(now / (ZOOMS[zoom].ms / 24))]);
  const card = useMemo(() => new CardStore(), []);
  const { ref, width } = useWidth();

  const change = (part: Record<string, string | undefined>): void =>
    route.go(pathOf("timeline", { ...query, ...part }));
  useEffect(() => {
    const timer = setTimeout(() => text !== (query["q"] ?? "") && change({ q: text }), 400);
    return () => clearTimeout(timer);
  }, [text]);

  const ordered = useMemo(() => byTrouble(all), [all]);
  const shown = useMemo(
    () => filterJobs(ordered, { query: text, filter, rowOf: lanes.row }),
    // Lanes are looked into only where they decide.
    [ordered, text, filter, filter === "all" ? undefined : lanes.revision],
  );
  const slotMs = slotOf(span, width);
  const onRange = useCallback(
    ({ from, to }: { from: number; to: number }) => {
      if (width === 0) return;
      const ids = ordered.map(({ job }) => job.id);
      const seen = shown.slice(from, to).map(({ job }) => job.id);
      lanes.want(ids, seen, { ...span, slotMs });
    },
    [ordered, shown, span, slotMs, width > 0],
  );

  const move = (share: number): void => {
    const to = (at ?? span.sinceMs + BEFORE * ZOOMS[zoom].ms) + share * ZOOMS[zoom].ms;
    change({ at: to >= now ? undefined : String(Math.round(to)) });
  };
  const zoomBy = (by: number): void => change({ span: ORDER[ORDER.indexOf(zoom) + by] ?? zoom });
  function onKeyDown(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const keys: Record<string, () => void> = {
      "+": () => zoomBy(-1),
      "-": () => zoomBy(1),
      PageUp: () => move(-0.5),
      PageDown: () => move(0.5),
    };
    const key = event.ctrlKey || event.metaKey ? undefined : keys[event.key];
    if (key === undefined) return;
    event.preventDefault();
    key();
  }

  if (known && all.length === 0) return <NoJobs />;
  const nowX = ((now - span.sinceMs) / (span.untilMs - span.sinceMs)) * width;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole view; each has a button as well
    <div onKeyDown={onKeyDown}>
      <Headline nowMs={now} />
      <div class="bar">
        <SearchField label="Find a job" value={text} onValue={setText} />
        <Choice label="Which jobs" value={filter} options={JOB_FILTERS} onValue={(state) => change({ state })} />
        <div class="segments" role="group" aria-label="How much time is shown">
          {ORDER.map((word) => (
            <button type="button" key={word} aria-pressed={word === zoom} onClick={() => change({ span: word })}>
              {ZOOMS[word].title}
            </button>
          ))}
        </div>
        <div class="segments" role="group" aria-label="Move in time">
          <button type="button" aria-label="Earlier" onClick={() => move(-0.5)}>
            ←
          </button>
          <button type="button" aria-pressed={at === undefined} onClick={() => change({ at: undefined })}>
            Now
          </button>
          <button type="button" aria-label="Later" disabled={at === undefined} onClick={() => move(0.5)}>
            →
          </button>
        </div>
        <span class="quiet bar-count" role="status">
          {text === "" && filter === "all"
            ? count(all.length, "job")
            : `${shown.length} of ${count(all.length, "job")}`}
        </span>
      </div>
      <Problem text={problem} />
      <div class="lanes" aria-busy={!known}>
        <div class="axis-row">
          <div class="lane-label quiet">
            {instantText(span.sinceMs, now)} – {instantText(span.untilMs, now)}
          </div>
          <Axis span={span} width={width} nowMs={now} box={ref} />
        </div>
        <div class="lane-area">
          {nowX >= 0 && nowX <= width ? (
            <div class="now-line" style={{ left: `calc(var(--label) + ${nowX}px)` }} />
          ) : null}
          <VirtualRows
            total={shown.length}
            rowHeight={LANE_ROW}
            onRange={onRange}
            render={(index) => {
              const entry = shown[index];
              if (entry === undefined) return null;
              const { id, name, displayName } = entry.job;
              return (
                <div class="lane" key={id}>
                  <LaneLabel entry={entry} nowMs={now} />
                  <Lane
                    {...{ span, width, card }}
                    jobId={id}
                    name={displayName ?? name}
                    row={lanes.row(id)}
                    nowMs={now}
                  />
                </div>
              );
            }}
          />
        </div>
      </div>
      {known && shown.length === 0 ? (
        <Empty title="No job fits.">
          <button
            type="button"
            onClick={() => {
              setText("");
              change({ q: undefined, state: undefined });
            }}
          >
            Show all
          </button>
        </Empty>
      ) : null}
      <Legend />
      <Card store={card} />
      <Help>
        <p>
          Each line is a job; from left to right goes the time. What is on the right of the line marked “now” is still
          to come. Jobs that need a look stand first.
        </p>
        <p>
          Point at a mark for its facts, click it for the run and what it printed. With the keyboard: Tab to a job, ←
          and → through its marks, ↑ and ↓ to other jobs, Enter opens. + and − zoom, Page Up and Page Down move in time.
        </p>
        <StatusWords />
        <p>
          Where many runs lie close together, a mark stands for several; a failure among them is always drawn by itself.
        </p>
      </Help>
    </div>
  );
}

const LANE_ROW = LANE_HEIGHT + 1;

function LaneLabel({ entry: { job }, nowMs }: { entry: LaneJob; nowMs: number }) {
  const { lanes } = usePage();
  const row = lanes.row(job.id);
  const { enabled, state } = row ?? job;
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

function Axis({
  span,
  width,
  nowMs,
  box,
}: {
  span: Span;
  width: number;
  nowMs: number;
  box: { current: HTMLDivElement | null };
}) {
  const place = (atMs: number): number => ((atMs - span.sinceMs) / (span.untilMs - span.sinceMs)) * width;
  const nowX = place(nowMs);
  return (
    <div class="axis" ref={box} aria-hidden="true">
      {ticksOf(span, width, nowMs)
        .filter(({ atMs }) => place(atMs) < width - 30)
        .map(({ atMs, label, day }) => (
          <span key={atMs} class={day ? "tick day" : "tick"} style={{ left: `${place(atMs)}px` }}>
            {label}
          </span>
        ))}
      {nowX >= 0 && nowX <= width ? (
        <span class="tick now" style={{ left: `${nowX}px` }}>
          now
        </span>
      ) : null}
    </div>
  );
}

/** The first thing a new operator sees. */
export function NoJobs() {
  return (
    <Empty title="There are no jobs yet.">
      <p>A job is a command and when it runs. Make the first one in a terminal on the gateway’s host:</p>
      <CommandLine command={'command-cron create "every 10m" --name "Disk" --command "df -h"'} />
      <p>
        Or bring those you have: <code>command-cron import --help</code> reads crontabs and systemd timers, and{" "}
        <code>command-cron adopt --all</code> takes over the command jobs of the gateway’s own cron.
      </p>
      <p>It will be here as soon as it is there.</p>
    </Empty>
  );
}
