import { CommandCronError } from "../../kernel/errors.ts";

/** How far a zone's clock is ahead of UTC at an instant, milliseconds. */
function offsetAt(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(atMs);
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value);
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return local - Math.floor(atMs / 1_000) * 1_000;
}

/**
 * The instant a wall-clock time names in a zone, as ISO in UTC. A time that a clock change repeats is its first
 * passing; a time it skips is as much later as the clock moved. Raises TIME_ZONE_UNKNOWN.
 */
export function offsetlessInZone(text: string, zone: string): string {
  const wall = Date.parse(`${text.length === 10 ? `${text}T00:00` : text.replace(" ", "T")}Z`);
  if (Number.isNaN(wall))
    throw new CommandCronError("USAGE", { field: "--at", expected: "a date that exists", got: text });
  try {
    // The wall time read with the offset before a change, and with the one after it, are the only candidates.
    const before = wall - offsetAt(zone, wall - 86_400_000);
    const after = wall - offsetAt(zone, wall + 86_400_000);
    const fits = [before, after].filter((candidate) => candidate + offsetAt(zone, candidate) === wall);
    return new Date(fits.length === 0 ? before : Math.min(...fits)).toISOString();
  } catch (error) {
    throw new CommandCronError("TIME_ZONE_UNKNOWN", { field: "--tz", got: JSON.stringify(zone), cause: error });
  }
}
