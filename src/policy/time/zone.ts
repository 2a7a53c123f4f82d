import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
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

/** The zone's clock between two instants a stretch apart. */
interface Stretch {
  startOffsetMs: number;
  endOffsetMs: number;
  /** In (start, end]. */
  change: ZoneChange | undefined;
}

/** Formatters are heavy; few installations use more zones than this. */
const ZONES_KEPT = 128;
/** Shorter than the time between any two changes of a zone: the shortest on record, and to come, is a week. */
const STRETCH_MS = 4 * DAY_MS;
/** Some 170 years of one zone. */
const STRETCHES_KEPT = 16_384;
/** Longer than any clock change: the largest, a crossing of the date line, is 24 hours. */
export const CHANGE_REACH_MS = 2 * DAY_MS;

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
  const readOffset = offsetReader(name, field);
  const stretches = new Map<number, Stretch>();

  function stretchOf(index: number): Stretch {
    const known = stretches.get(index);
    if (known !== undefined) return known;
    if (stretches.size >= STRETCHES_KEPT) stretches.clear();
    const [startMs, endMs] = [index * STRETCH_MS, (index + 1) * STRETCH_MS];
    const startOffsetMs = stretches.get(index - 1)?.endOffsetMs ?? readOffset(startMs);
    const endOffsetMs = stretches.get(index + 1)?.startOffsetMs ?? readOffset(endMs);
    const change =
      startOffsetMs === endOffsetMs
        ? undefined
        : {
            atMs: firstDifferent(readOffset, startMs, endMs, startOffsetMs),
            beforeOffsetMs: startOffsetMs,
            afterOffsetMs: endOffsetMs,
          };
    const made = { startOffsetMs, endOffsetMs, change };
    stretches.set(index, made);
    return made;
  }

  return {
    name,
    offsetAt(atMs) {
      const { startOffsetMs, endOffsetMs, change } = stretchOf(indexOf(atMs));
      return change !== undefined && change.atMs <= atMs ? endOffsetMs : startOffsetMs;
    },
    changeIn(afterMs, throughMs) {
      for (let index = indexOf(afterMs); index <= indexOf(throughMs); index++) {
        const { change } = stretchOf(index);
        if (change !== undefined && change.atMs > afterMs) return change.atMs <= throughMs ? change : undefined;
      }
      return undefined;
    },
    recentChange(atMs) {
      const sinceMs = atMs - CHANGE_REACH_MS;
      for (let index = indexOf(atMs); index >= indexOf(sinceMs); index--) {
        const { change } = stretchOf(index);
        if (change !== undefined && change.atMs <= atMs) return change.atMs > sinceMs ? change : undefined;
      }
      return undefined;
    },
  };
}

const indexOf = (atMs: number): number => Math.floor(atMs / STRETCH_MS);

/** Reads the offset from the platform's own zone data, which is kept current with it. */
function offsetReader(name: string, field: string): (atMs: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", year: "numeric" });
  } catch (cause) {
    throw new CommandCronError("TIME_ZONE_UNKNOWN", {
      field,
      expected: "an IANA time zone",
      got: JSON.stringify(name),
      cause,
    });
  }
  return (atMs) => {
    const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(format.format(Math.min(atMs, MAX_DATE_MS)));
    if (match?.[1] === undefined) return 0;
    const size = Number(match[2]) * HOUR_MS + Number(match[3]) * MINUTE_MS + Number(match[4] ?? 0) * SECOND_MS;
    return match[1] === "-" ? -size : size;
  };
}

/** Narrows a change to its second; zones change on whole ones. */
function firstDifferent(
  offsetAt: (atMs: number) => number,
  sameMs: number,
  differentMs: number,
  offsetMs: number,
): number {
  let low = sameMs;
  let high = differentMs;
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / (2 * SECOND_MS)) * SECOND_MS;
    if (offsetAt(middle) === offsetMs) low = middle;
    else high = middle;
  }
  return high;
}
