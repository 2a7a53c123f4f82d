import type { Instant } from "../../../schema/wire/calls/shared.ts";
import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { type CompiledSchedule, occurrencesBetween } from "./schedule.ts";
import { type Zone, zoneOf } from "./zone.ts";

/**
 * What the zone's clock does around an instant. `gap`: it has just gone forward, local times before it were left out.
 * `overlap-first`, `overlap-second`: this local time is shown twice; which passing. `offset`: in a list, the clock changed
 * since the line before.
 */
type ClockChange = "gap" | "overlap-first" | "overlap-second" | "offset";

/** Shows an instant in UTC and in a zone, and what its clock does there. Raises TIME_ZONE_UNKNOWN. */
export function describeInstant(atMs: number, tz: string): Instant {
  const zone = zoneOf(tz);
  const offsetMs = zone.offsetAt(atMs);
  const change = changeAt(zone, atMs, offsetMs);
  return {
    atMs,
    utc: new Date(atMs).toISOString(),
    // East of Greenwich the last hours have a local time that no date holds.
    local: new Date(Math.min(atMs + offsetMs, MAX_DATE_MS))
      .toISOString()
      .replace("T", " ")
      .replace(/(\.000)?Z$/, ""),
    offset: renderOffset(offsetMs),
    ...(change === undefined ? {} : { change }),
  };
}

/** The next `count` instants after `afterMs`, in the schedule's own zone. */
export function previewInstants(compiled: CompiledSchedule, afterMs: number, count: number): Instant[] {
  const zone = zoneOf(compiled.tz);
  const { instants } = occurrencesBetween(compiled, afterMs, Number.POSITIVE_INFINITY, count);
  let offsetMs = zone.offsetAt(afterMs);
  return instants.map((atMs) => {
    const described = describeInstant(atMs, compiled.tz);
    const changed = zone.offsetAt(atMs) !== offsetMs;
    offsetMs = zone.offsetAt(atMs);
    return changed && described.change === undefined ? { ...described, change: "offset" as const } : described;
  });
}

function changeAt(zone: Zone, atMs: number, offsetMs: number): ClockChange | undefined {
  const past = zone.recentChange(atMs);
  if (past !== undefined) {
    const size = past.afterOffsetMs - past.beforeOffsetMs;
    if (size > 0 && past.atMs === atMs) return "gap";
    if (size < 0 && atMs < past.atMs - size) return "overlap-second";
  }
  const coming = zone.changeIn(atMs, atMs + DAY_MS);
  if (coming !== undefined && atMs + offsetMs >= coming.atMs + coming.afterOffsetMs) return "overlap-first";
  return undefined;
}

function renderOffset(offsetMs: number): string {
  const size = Math.abs(offsetMs) / 1_000;
  const parts = [Math.floor(size / 3_600), Math.floor((size % 3_600) / 60), size % 60];
  const text = parts.slice(0, parts[2] === 0 ? 2 : 3).map((part) => String(part).padStart(2, "0"));
  return `${offsetMs < 0 ? "-" : "+"}${text.join(":")}`;
}
