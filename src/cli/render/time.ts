import { formatDurationMs } from "../../kernel/durations.ts";

/** `in 4 min`, `2 h 10 min ago`, `now`. */
export function relative(atMs: number | undefined | null, nowMs: number): string {
  if (atMs === undefined || atMs === null) return "-";
  const delta = atMs - nowMs;
  if (Math.abs(delta) < 1_000) return "now";
  const span = formatDurationMs(Math.abs(delta));
  return delta > 0 ? `in ${span}` : `${span} ago`;
}

/** `2026-11-21 06:28:03Z`. */
export function utc(atMs: number | undefined | null): string {
  if (atMs === undefined || atMs === null) return "-";
  return new Date(atMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

export const duration = (ms: number | undefined): string => (ms === undefined ? "-" : formatDurationMs(ms));
