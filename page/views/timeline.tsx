import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useJobList } from "../data/job-list.ts";
import { usePage } from "../data/page.ts";
import { pathOf } from "../logic/address.ts";
import { filterJobs, inOrder, LANE_FILTERS } from "../logic/filter.ts";
import { LANE_HEIGHT, slotOf } from "../logic/layout.ts";
import { count } from "../logic/states.ts";
import { instantText } from "../logic/time.ts";
import { moved, spanAround, stepOf, ZOOM_ORDER, ZOOMS, zoomBy, zoomOf } from "../logic/zoom.ts";
import { Axis } from "../parts/axis.tsx";
import { Card, CardStore } from "../parts/card.tsx";
import { Choice, Empty, Help, Problem, SearchField } from "../parts/common.tsx";
import { Headline } from "../parts/headline.tsx";
import { Lane } from "../parts/lane.tsx";
import { LaneLabel } from "../parts/lane-label.tsx";
import { Legend, StatusWords } from "../parts/legend.tsx";
import { NoJobs } from "../parts/no-jobs.tsx";
import { VirtualRows } from "../parts/virtual.tsx";

/** Below this width the name of a job stands above its lane instead of beside it. */
const NARROW = "(max-width: 640px)";
const LANE_ROW = LANE_HEIGHT + 1;
const NARROW_ROW = LANE_ROW + 26;

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const changed = (): void => setNarrow(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return narrow;
}

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
  const { gateway } = usePage();
  const { lanes, route, query, now, all, known, problem, text, setText, filter, signs } = useJobList("timeline");
  const zoom = zoomOf(query["span"]);
  const at = Number(query["at"]) || undefined;
  const span = useMemo(() => spanAround(zoom, at, now), [zoom, at, stepOf(zoom, now)]);
  const card = useMemo(() => new CardStore(gateway), [gateway]);
  const { ref, width } = useWidth();
  const narrow = useNarrow();

  const change = (part: Record<string, string | undefined>): void =>
    route.go(pathOf("timeline", { ...query, ...part }));

  const ordered = useMemo(() => inOrder(all, "trouble", signs), [all, signs]);
  const shown = useMemo(
    () => filterJobs(ordered, { query: text, filter, signs, rowOf: lanes.row }),
    // Lanes are looked into only where they decide.
    [ordered, text, filter, signs, filter === "all" ? undefined : lanes.revision],
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

  const move = (share: number): void => change({ at: moved(zoom, span, share, now)?.toString() });
  function onKeyDown(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const keys: Record<string, () => void> = {
      "+": () => change({ span: zoomBy(zoom, -1) }),
      "-": () => change({ span: zoomBy(zoom, 1) }),
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
        <SearchField label="Find a job" hint="Find a job or a #tag" value={text} onValue={setText} />
        <Choice label="Which jobs" value={filter} options={LANE_FILTERS} onValue={(state) => change({ state })} />
        <div class="segments" role="group" aria-label="How much time is shown">
          {ZOOM_ORDER.map((word) => (
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
      <Legend />
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
            rowHeight={narrow ? NARROW_ROW : LANE_ROW}
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
                    watched={entry.watched !== undefined}
                    stalled={signs.get(id)?.stalled?.runIds}
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
