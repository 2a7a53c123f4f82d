import type { TimelineResult } from "../../schema/wire/calls/runs.ts";
import { isBad, type MarkStatus, SEVERITY } from "./states.ts";
import type { Span } from "./time.ts";

export type TimelineRow = TimelineResult["jobs"][number];

/** One thing to see on a lane, in pixels of its width. */
export interface Box {
  status: MarkStatus;
  x: number;
  /** At least what can be seen and hit. */
  width: number;
  fromMs: number;
  /** Absent while it goes on, and for what is to come. */
  throughMs?: number;
  runs: number;
  runId?: string;
}

const LEAST_WIDTH = 5;
/** Circles of what is to come do not overlap. */
const PLANNED_APART = 10;
const SLOTS_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000];

/** How long a slot is, so that two marks side by side can be told apart. */
export const slotOf = ({ sinceMs, untilMs }: Span, width: number): number =>
  SLOTS_MS.find((slotMs) => slotMs >= ((untilMs - sinceMs) / Math.max(100, width)) * 7) ?? 14_400_000;

/** Where everything on a lane stands, by time. */
export function layOut(row: Pick<TimelineRow, "marks" | "next">, span: Span, width: number, nowMs: number): Box[] {
  const scale = width / (span.untilMs - span.sinceMs);
  const place = (atMs: number): number => (atMs - span.sinceMs) * scale;
  const boxes: Box[] = [];
  for (const mark of row.marks) {
    const { status, fromMs, throughMs, runs, runId } = mark;
    const endMs = throughMs ?? Math.max(nowMs, fromMs);
    if (endMs < span.sinceMs || fromMs > span.untilMs) continue;
    const x = Math.max(0, place(fromMs));
    const end = Math.min(width, place(status === "queued" || status === "awaiting_approval" ? fromMs : endMs));
    const shown = Math.max(LEAST_WIDTH, end - x);
    boxes.push({
      ...{ status, fromMs, runs, runId },
      ...(throughMs === undefined ? {} : { throughMs }),
      x: Math.min(x, width - LEAST_WIDTH),
      width: shown,
    });
  }
  let lastX = -Infinity;
  for (const atMs of row.next) {
    if (atMs < nowMs || atMs < span.sinceMs || place(atMs) > width - LEAST_WIDTH) continue;
    if (place(atMs) - lastX < PLANNED_APART) continue;
    lastX = place(atMs);
    boxes.push({
      status: "planned",
      fromMs: atMs,
      runs: 1,
      x: lastX,
      width: LEAST_WIDTH,
    });
  }
  return boxes.sort((a, b) => a.fromMs - b.fromMs);
}

/** What the pointer means: the nearest thing within reach, of several the one that must be seen. */
export function boxAt(boxes: readonly Box[], x: number, reach = 6): Box | undefined {
  let best: Box | undefined;
  for (const box of boxes) {
    if (x < box.x - reach || x > box.x + box.width + reach) continue;
    const inside = x >= box.x && x <= box.x + box.width;
    const bestInside = best !== undefined && x >= best.x && x <= best.x + best.width;
    const graver = best === undefined || SEVERITY.indexOf(box.status) < SEVERITY.indexOf(best.status);
    if (best === undefined || (inside && !bestInside) || (inside === bestInside && graver)) best = box;
  }
  return best;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const bar = (x: number, width: number, y: number, height: number): string =>
  `M${round(x)} ${y}h${round(width)}v${height}h${-round(width)}z`;
const circle = (x: number, y: number, r: number): string =>
  `M${round(x - r)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

export const LANE_HEIGHT = 44;
const MIDDLE = LANE_HEIGHT / 2;

/** Each status has a shape of its own, so that nothing is told by colour alone. */
const SHAPES: Record<MarkStatus, (box: Box) => string> = {
  succeeded: ({ x, width }) => bar(x, width, MIDDLE - 5, 10),
  // Taller than all others, and with a point on top.
  failed: spike,
  timed_out: spike,
  lost: spike,
  missed: ({ x, width }) =>
    `M${round(x)} ${MIDDLE - 7}h10l-5 12z${width > LEAST_WIDTH ? bar(x, width, MIDDLE - 8, 3) : ""}`,
  skipped: ({ x }) => circle(x + 2.5, MIDDLE, 2.5),
  canceled: ({ x, width }) => bar(x, width, MIDDLE - 5, 10),
  running: ({ x, width }) => {
    const body = Math.max(1, width - 7);
    return `M${round(x)} ${MIDDLE - 7}h${round(body)}l7 7l-7 7h${-round(body)}z`;
  },
  // Striped, within two rails.
  stalled: ({ x, width }) => stripes(x, width) + bar(x, width, MIDDLE - 8, 2) + bar(x, width, MIDDLE + 6, 2),
  queued: ({ x }) => circle(x + 5, MIDDLE, 5),
  // A ring.
  awaiting_approval: ({ x }) => `${circle(x + 5, MIDDLE, 6)}${circle(x + 5, MIDDLE, 2.5)}`,
  planned: ({ x }) => circle(x + 2, MIDDLE, 3.5),
};

function stripes(x: number, width: number): string {
  let d = "";
  for (let at = x; at + 4 <= x + width; at += 8) d += bar(at, 4, MIDDLE - 6, 12);
  return d;
}

function spike({ x, width }: Box): string {
  return `${bar(x, width, MIDDLE - 10, 20)}M${round(x + width / 2 - 4)} ${MIDDLE - 10}l4 -7l4 7z`;
}

/** All boxes of a lane as one path a status, the gravest last, which is on top. */
export function pathsOf(boxes: readonly Box[]): { status: MarkStatus; d: string }[] {
  const paths = new Map<MarkStatus, string>();
  for (const box of boxes) paths.set(box.status, (paths.get(box.status) ?? "") + SHAPES[box.status](box));
  return [...SEVERITY].reverse().flatMap((status) => {
    const d = paths.get(status);
    return d === undefined ? [] : [{ status, d }];
  });
}

/** What a lane holds, for those who do not see it. */
export function countMarks(row: Pick<TimelineRow, "marks">): { ran: number; bad: number; missed: number } {
  const sum = (fits: (status: MarkStatus) => boolean): number =>
    row.marks.reduce((total, mark) => total + (fits(mark.status) ? mark.runs : 0), 0);
  return {
    ran: sum((status) => status === "succeeded"),
    bad: sum((status) => isBad(status) && status !== "missed"),
    missed: sum((status) => status === "missed"),
  };
}

/** Of runs that were to be: how many were well, in percent; undefined where there were none. */
export function okRate(latest: TimelineRow["latest"]): number | undefined {
  const judged = latest.filter(({ status }) => status === "succeeded" || isBad(status));
  const good = judged.filter(({ status }) => status === "succeeded").length;
  return judged.length === 0 ? undefined : Math.floor((100 * good) / judged.length);
}

/** Bars of the newest durations, the oldest first, each relative to the longest. */
export function sparkBars(
  latest: TimelineRow["latest"],
  width: number,
  height: number,
): { x: number; y: number; width: number; height: number; bad: boolean }[] {
  const timed = latest.flatMap(({ durationMs, status }) => (durationMs === undefined ? [] : [{ durationMs, status }]));
  const longest = Math.max(1, ...timed.map(({ durationMs }) => durationMs));
  const step = width / 30;
  return timed.reverse().map(({ durationMs, status }, index) => {
    const tall = Math.max(2, (durationMs / longest) * height);
    const x = width - (timed.length - index) * step;
    return { x: round(x), y: round(height - tall), width: round(step - 1), height: round(tall), bad: isBad(status) };
  });
}
