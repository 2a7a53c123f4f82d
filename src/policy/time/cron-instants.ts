import type { CronWalls } from "./cron-walls.ts";
import { CHANGE_REACH_MS, type Zone, type ZoneChange } from "./zone.ts";

/*
 * Wall times to instants, by the rule of docs/schedules.md:
 *
 * - A clock that goes forward leaves local times out. An expression that names its hours runs once, at the first
 *   instant after the gap, when it named any time inside it. One with a wildcard hour simply goes on.
 * - A clock that goes back shows local times twice. An expression that repeats (a wildcard among hour, minute and
 *   second) runs in both passings. A plain time of day runs in the first only.
 */

/** The first instant strictly after `afterMs`; undefined when there is none. */
export function nextInstant(walls: CronWalls, zone: Zone, afterMs: number): number | undefined {
  let wallMs = startWall(walls, zone, afterMs);
  let fromMs = afterMs;
  for (;;) {
    const next = walls.next(wallMs);
    if (next === undefined) return undefined;
    const instantMs = next - zone.offsetAt(fromMs);
    const nearMs = fromMs + CHANGE_REACH_MS;
    const change = zone.changeIn(fromMs, Math.min(instantMs, nearMs));
    if (change !== undefined) {
      if (!walls.everyHour && next < change.atMs + change.afterOffsetMs) return change.atMs;
      wallMs = wallAfter(walls, change);
      fromMs = change.atMs;
    } else if (instantMs <= nearMs) {
      return instantMs;
    } else {
      // Nothing is named in between, so changes out of reach of both ends alter nothing.
      fromMs = Math.max(nearMs, instantMs - CHANGE_REACH_MS);
    }
  }
}

/** How many instants lie in (afterMs, throughMs], without visiting them. */
export function countInstants(walls: CronWalls, zone: Zone, afterMs: number, throughMs: number): number {
  let offsetMs = zone.offsetAt(afterMs);
  let wallMs = startWall(walls, zone, afterMs);
  let fromMs = afterMs;
  let total = 0;
  for (;;) {
    const change = zone.changeIn(fromMs, throughMs);
    const endMs = change === undefined ? throughMs : change.atMs - 1;
    total += walls.count(wallMs, endMs + offsetMs);
    if (change === undefined) return total;
    if (!walls.everyHour && runsAtGapEnd(walls, change)) total += 1;
    wallMs = wallAfter(walls, change);
    fromMs = change.atMs;
    offsetMs = change.afterOffsetMs;
  }
}

/** The wall time to search after. Inside the second passing of a repeated stretch a plain time of day has had its turn. */
function startWall(walls: CronWalls, zone: Zone, afterMs: number): number {
  const wallMs = afterMs + zone.offsetAt(afterMs);
  const change = zone.recentChange(afterMs);
  return change === undefined ? wallMs : Math.max(wallMs, wallAfter(walls, change));
}

/** The wall time to search after once `change` has happened; one less than the first that may run. */
const wallAfter = (walls: CronWalls, change: ZoneChange): number =>
  change.atMs + (walls.repeats ? change.afterOffsetMs : Math.max(change.beforeOffsetMs, change.afterOffsetMs)) - 1;

/** A named time fell into the gap, and the instant after it is not named anyway (then it counts there). */
function runsAtGapEnd(walls: CronWalls, change: ZoneChange): boolean {
  const firstLeftOut = change.atMs + change.beforeOffsetMs;
  const gapEnd = change.atMs + change.afterOffsetMs;
  return walls.count(firstLeftOut - 1, gapEnd - 1) > 0 && walls.count(gapEnd - 1, gapEnd) === 0;
}
