import type { QuietHours } from "../../../schema/wire/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../kernel/durations.ts";
import { instantOfWall, zoneOf } from "./zone.ts";

/**
 * When the quiet time that holds at `nowMs` ends; undefined outside it. `start` is inside, `end` is not; a start after
 * the end wraps over midnight; equal times mean no quiet time. Hours that name no zone are read in `hostTz`. An end that
 * a clock change leaves out comes at the gap's end; a gap that takes the start after it too ends nothing, and the quiet
 * goes on to the next day's end. Raises TIME_ZONE_UNKNOWN.
 */
export function quietUntil(
  hours: Pick<QuietHours, "start" | "end" | "tz">,
  nowMs: number,
  hostTz = "UTC",
): number | undefined {
  const zone = zoneOf(hours.tz ?? hostTz, "config.delivery.quietHours");
  const wallMs = nowMs + zone.offsetAt(nowMs);
  const dayMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
  const time = wallMs - dayMs;
  const start = timeOfDay(hours.start);
  const end = timeOfDay(hours.end);
  const wraps = start > end;
  const quiet = wraps ? time >= start || time < end : time >= start && time < end;
  if (!quiet) return undefined;
  const endWallMs = dayMs + end + (wraps && time >= start ? DAY_MS : 0);
  const firstMs = instantOfWall(endWallMs, zone);
  // In the second passing of a repeated stretch the first passing of its end is over.
  const untilMs = firstMs > nowMs ? firstMs : nowMs + endWallMs - wallMs;
  return quietUntil(hours, untilMs, hostTz) ?? untilMs;
}

function timeOfDay(text: string): number {
  const [hour, minute] = text.split(":");
  return Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS;
}
