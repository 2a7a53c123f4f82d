import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
import { HOUR_MS, MINUTE_MS, parseDurationMs } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { instantOfWall, type Zone, zoneOf } from "./zone.ts";

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The instant an `at` text names, milliseconds: ISO 8601 date or date-time with its zone, without one read as UTC, or
 * epoch milliseconds. The gateway reads it so. Undefined when the text is none of these.
 */
export function parseInstant(text: string, localZone?: Zone): number | undefined {
  const raw = text.trim();
  if (/^\d{10,16}$/.test(raw)) return inRange(Number(raw));
  const parts = ISO.exec(raw);
  if (parts === null) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] = parts;
  const wallMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const shown = new Date(wallMs).toISOString();
  if (Number(year) < 1970 || shown !== `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`) return undefined;
  const ms = wallMs + Math.floor(Number(`0.${fraction || "0"}`) * 1_000);
  if (zone === undefined) return inRange(localZone === undefined ? ms : instantOfWall(ms, localZone));
  const offset = parseOffsetMs(zone);
  return offset === undefined ? undefined : inRange(ms - offset);
}

/**
 * Reads what an operator types for a one-shot: an ISO text or a duration from now such as `20m`. Answers the ISO instant
 * in UTC. `tz` is the zone of an ISO text that names none (default UTC). Raises SCHEDULE_INVALID, TIME_ZONE_UNKNOWN.
 */
export function parseAt(text: string, nowMs: number, tz?: string): string {
  const zone = tz === undefined ? undefined : zoneOf(tz);
  const delayMs = parseDurationMs(text.trim().replace(/^\+/, ""));
  const atMs = delayMs === undefined ? parseInstant(text, zone) : inRange(nowMs + delayMs);
  if (atMs === undefined) throw invalidAt(text);
  return new Date(atMs).toISOString();
}

export const invalidAt = (text: string): CommandCronError =>
  new CommandCronError("SCHEDULE_INVALID", {
    field: "schedule.at",
    expected: "an ISO 8601 time such as 2027-01-31T09:00:00Z",
    got: JSON.stringify(text.slice(0, 200)),
  });

const inRange = (ms: number): number | undefined => (ms >= 0 && ms <= MAX_DATE_MS ? ms : undefined);

function parseOffsetMs(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}
