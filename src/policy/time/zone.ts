import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { createLru } from "./lru.ts";

/** One change of a zone's clock. Forward leaves a gap in local time, backward repeats a stretch of it. */
export interface ZoneChange {
  /** First instant of the new offset. */
  atMs: number;
  beforeOffsetMs: number;
  afterOffsetMs: number;
}

export interface Zone {
  name: string;
  /** Local time minus UTC at this instant, milliseconds. */
  offsetAt(atMs: number): number;
  /** The first change in (afterMs, throughMs]. */
  changeIn(afterMs: number, throughMs: number): ZoneChange | undefined;
  /** The latest change at or before `atMs` that is not older than two days: its gap or repeated stretch may still count. */
  recentChange(atMs: number): ZoneChange | undefined;
}

interface ZoneYear {
  startOffsetMs: number;
  changes: ZoneChange[];
}

/** Formatters are heavy; few installations use more zones than this. */
const ZONES_KEPT = 128;
const YEARS_KEPT = 400;
/** Longer than any clock change: the largest, a crossing of the date line, is 24 hours. */
const RECENT_MS = 2 * DAY_MS;

const zones = createLru<Zone>(ZONES_KEPT);

/** The named zone. Raises TIME_ZONE_UNKNOWN. */
export function zoneOf(name: string, field = "schedule.tz"): Zone {
  return zones.get(name, () => createZone(name, field));
}

/**
 * The instant at which a zone's clock shows `wallMs` (local time written as if it were UTC), by the clock rule: the first
 * passing of a repeated time, the gap's end for a time that was left out.
 */
export function instantOfWall(wallMs: number, zone: Zone): number {
  const before = wallMs - zone.offsetAt(wallMs - DAY_MS);
  if (before + zone.offsetAt(before) === wallMs) return before;
  const after = wallMs - zone.offsetAt(wallMs + DAY_MS);
  if (after + zone.offsetAt(after) === wallMs) return after;
  return zone.recentChange(before)?.atMs ?? after;
}

function createZone(name: string, field: string): Zone {
  const offsetAt = offsetReader(name, field);
  const years = new Map<number, ZoneYear>();

  function yearOf(year: number): ZoneYear {
    const known = years.get(year);
    if (known !== undefined) return known;
    if (years.size >= YEARS_KEPT) years.clear();
    const made = readYear(offsetAt, year);
    years.set(year, made);
    return made;
  }

  return {
    name,
    offsetAt(atMs) {
      const { startOffsetMs, changes } = yearOf(utcYear(atMs));
      return changes.findLast((change) => change.atMs <= atMs)?.afterOffsetMs ?? startOffsetMs;
    },
    changeIn(afterMs, throughMs) {
      const last = utcYear(throughMs);
      for (let year = utcYear(afterMs); year <= last; year++) {
        const found = yearOf(year).changes.find((change) => change.atMs > afterMs);
        if (found !== undefined) return found.atMs <= throughMs ? found : undefined;
      }
      return undefined;
    },
    recentChange(atMs) {
      const since = atMs - RECENT_MS;
      for (let year = utcYear(atMs); year >= utcYear(since); year--) {
        const found = yearOf(year).changes.findLast((change) => change.atMs <= atMs);
        if (found !== undefined) return found.atMs > since ? found : undefined;
      }
      return undefined;
    },
  };
}

const utcYear = (atMs: number): number => new Date(atMs).getUTCFullYear();

/** Reads the offset from the platform's own zone data, which is kept current with it. */
function offsetReader(name: string, field: string): (atMs: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch (cause) {
    throw new CommandCronError("TIME_ZONE_UNKNOWN", {
      field,
      expected: "an IANA time zone",
      got: JSON.stringify(name),
      cause,
    });
  }
  return (atMs) => {
    const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(format.format(atMs));
    if (match?.[1] === undefined) return 0;
    const size = Number(match[2]) * HOUR_MS + Number(match[3]) * MINUTE_MS + Number(match[4] ?? 0) * SECOND_MS;
    return match[1] === "-" ? -size : size;
  };
}

/** Looks once a day and narrows each difference to its millisecond. No zone changes its clock there and back within a day. */
function readYear(offsetAt: (atMs: number) => number, year: number): ZoneYear {
  const endMs = Date.UTC(year + 1, 0, 1) - 1;
  let knownMs = Date.UTC(year, 0, 1) - 1;
  let knownOffsetMs = offsetAt(knownMs);
  const startOffsetMs = knownOffsetMs;
  const changes: ZoneChange[] = [];
  while (knownMs < endMs) {
    const nextMs = Math.min(knownMs + DAY_MS, endMs);
    const nextOffsetMs = offsetAt(nextMs);
    if (nextOffsetMs !== knownOffsetMs) {
      const atMs = firstDifferent(offsetAt, knownMs, nextMs, knownOffsetMs);
      changes.push({ atMs, beforeOffsetMs: knownOffsetMs, afterOffsetMs: nextOffsetMs });
    }
    knownMs = nextMs;
    knownOffsetMs = nextOffsetMs;
  }
  return { startOffsetMs, changes };
}

function firstDifferent(
  offsetAt: (atMs: number) => number,
  sameMs: number,
  differentMs: number,
  offsetMs: number,
): number {
  let low = sameMs;
  let high = differentMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offsetMs) low = middle;
    else high = middle;
  }
  return high;
}
