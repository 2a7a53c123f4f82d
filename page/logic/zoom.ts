import { DAY_MS, HOUR_MS } from "../../src/kernel/durations.ts";
import type { Span } from "./time.ts";

/** How much time is on the screen, from near to far. */
export const ZOOMS = {
  "3h": { ms: 3 * HOUR_MS, title: "3 hours" },
  "12h": { ms: 12 * HOUR_MS, title: "12 hours" },
  day: { ms: DAY_MS, title: "Day" },
  "3d": { ms: 3 * DAY_MS, title: "3 days" },
  week: { ms: 7 * DAY_MS, title: "Week" },
} as const;
type Zoom = keyof typeof ZOOMS;
export const ZOOM_ORDER = Object.keys(ZOOMS) as Zoom[];

export const zoomOf = (word: string | undefined): Zoom => ZOOM_ORDER.find((zoom) => zoom === word) ?? "day";
/** One step nearer (-1) or further (1); at the end it stays. */
export const zoomBy = (zoom: Zoom, by: number): Zoom => ZOOM_ORDER[ZOOM_ORDER.indexOf(zoom) + by] ?? zoom;

/** Three quarters are what was, the last one is what comes. */
const BEFORE = 0.75;
/** The span moves on by steps, so that what was read for it stays good for a while. */
const STEPS = 24;

/** Which step `nowMs` is in; the span is the same as long as this is. */
export const stepOf = (zoom: Zoom, nowMs: number): number => Math.floor(nowMs / (ZOOMS[zoom].ms / STEPS));

/** The span around an instant, or around now. */
export function spanAround(zoom: Zoom, atMs: number | undefined, nowMs: number): Span {
  const { ms } = ZOOMS[zoom];
  const anchor = atMs ?? (stepOf(zoom, nowMs) * ms) / STEPS;
  const sinceMs = Math.max(0, Math.round(anchor - BEFORE * ms));
  return { sinceMs, untilMs: sinceMs + ms };
}

/** The instant to look at after a move by a share of the span; undefined when that is now again. */
export function moved(zoom: Zoom, span: Span, share: number, nowMs: number): number | undefined {
  const { ms } = ZOOMS[zoom];
  const atMs = Math.round(span.sinceMs + BEFORE * ms + share * ms);
  return atMs >= nowMs ? undefined : Math.max(0, atMs);
}
