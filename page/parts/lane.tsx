import { useMemo, useRef, useState } from "preact/hooks";
import { usePage } from "../data/page.ts";
import { pathOf } from "../logic/address.ts";
import { type Box, boxAt, countMarks, LANE_HEIGHT, layOut, pathsOf, type TimelineRow } from "../logic/layout.ts";
import { count } from "../logic/states.ts";
import type { Span } from "../logic/time.ts";
import type { CardStore } from "./card.tsx";

const EMPTY: TimelineRow["marks"] = [];

/** What a job did and will do, drawn; the pointer and the arrow keys ask for the facts. */
export function Lane({
  jobId,
  name,
  watched,
  stalled,
  row,
  span,
  width,
  nowMs,
  card,
}: {
  jobId: string;
  name: string;
  /** One of the gateway's own jobs. */
  watched: boolean;
  /** The runs that make no progress. */
  stalled: readonly string[] | undefined;
  row: TimelineRow | undefined;
  span: Span;
  width: number;
  nowMs: number;
  card: CardStore;
}) {
  const { route } = usePage();
  const plot = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const boxes = useMemo(() => {
    const laid = layOut(row ?? { marks: EMPTY, next: [] }, span, width, nowMs);
    return laid.map((box) =>
      box.status === "running" && box.runId !== undefined && stalled?.includes(box.runId) === true
        ? { ...box, status: "stalled" as const }
        : box,
    );
  }, [row, stalled, span, width, row?.marks.some(({ throughMs }) => throughMs === undefined) === true ? nowMs : 0]);
  const drawn = useMemo(
    () => (
      <svg width={width} height={LANE_HEIGHT} aria-hidden="true">
        {pathsOf(boxes).map(({ status, d }) => (
          <path key={status} d={d} class={`box box-${status}`} />
        ))}
      </svg>
    ),
    [boxes, width],
  );

  function show(box: Box | undefined): void {
    const rect = plot.current?.getBoundingClientRect();
    const hidden = box === undefined || rect === undefined;
    card.show(
      hidden
        ? undefined
        : {
            ...{ name, jobId, watched },
            box,
            nowMs,
            x: rect.left + box.x + box.width / 2,
            top: rect.top,
            bottom: rect.bottom,
          },
    );
  }
  function select(index: number): void {
    const next = Math.max(0, Math.min(index, boxes.length - 1));
    setAt(next);
    show(boxes[next]);
  }
  const open = (box: Box | undefined): void => {
    card.show(undefined);
    route.go(pathOf("job", { run: box?.runId }, jobId));
  };
  const pointed = (event: MouseEvent): Box | undefined =>
    boxAt(boxes, event.clientX - (plot.current?.getBoundingClientRect().left ?? 0));

  function onKeyDown(event: KeyboardEvent): void {
    const around = plot.current?.getRootNode() as Document | ShadowRoot | undefined;
    const lanes = [...(around?.querySelectorAll<HTMLElement>(".lane-plot") ?? [])];
    const lane = plot.current === null ? -1 : lanes.indexOf(plot.current);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => select(at === -1 ? boxes.length - 1 : at - 1),
      ArrowRight: () => select(at + 1),
      Home: () => select(0),
      End: () => select(boxes.length - 1),
      ArrowUp: () => lanes[lane - 1]?.focus(),
      ArrowDown: () => lanes[lane + 1]?.focus(),
      Enter: () => open(boxes[at]),
      Escape: () => card.show(undefined),
    };
    const key = keys[event.key];
    if (key === undefined) return;
    event.preventDefault();
    key();
  }

  const selected = boxes[at];
  return (
    <div
      ref={plot}
      class="lane-plot"
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys go through its marks
      tabIndex={0}
      aria-label={`${name}: ${saidOf(row)}. Arrow keys go through it, Enter opens.`}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (selected !== undefined) show(selected);
      }}
      onBlur={() => {
        setAt(-1);
        card.show(undefined);
      }}
      onMouseMove={(event) => show(pointed(event))}
      onMouseLeave={() => card.show(undefined)}
      onClick={(event) => open(pointed(event))}
    >
      {drawn}
      {selected === undefined ? null : (
        <div class="lane-at" style={{ left: `${selected.x - 3}px`, width: `${selected.width + 6}px` }} />
      )}
    </div>
  );
}

function saidOf(row: TimelineRow | undefined): string {
  if (row === undefined) return "not read yet";
  const { ran, bad, missed } = countMarks(row);
  const parts = [
    ran > 0 ? `${count(ran, "run")} well` : "",
    bad > 0 ? `${bad} failed` : "",
    missed > 0 ? `${missed} missed` : "",
    row.next.length > 0 ? `${row.next.length} to come` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing in this span" : parts.join(", ");
}
