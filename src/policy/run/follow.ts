import type { RunStatus } from "../../../schema/wire/run.ts";
import type { FollowOn } from "../../../schema/wire/schedule.ts";
import { SECOND_MS } from "../../kernel/durations.ts";

/**
 * Whether a follower runs after an end of its parent. Only what has run counts: not `skipped` or `missed`. A canceled run
 * is neither a success nor a failure.
 */
export function followsEnd(on: FollowOn = "success", status: RunStatus): boolean {
  switch (status) {
    case "succeeded":
      return on !== "failure";
    case "failed":
    case "timed_out":
    case "lost":
      return on !== "success";
    case "canceled":
      return on === "complete";
    default:
      return false;
  }
}

/** Whether a start comes too soon after the follower's last one. One in the future was made by a clock that is set back since. */
export function isWithinGap(minGapSeconds = 0, startsAtMs: number, lastStartedAtMs: number | undefined): boolean {
  const sinceMs = startsAtMs - (lastStartedAtMs ?? Number.NEGATIVE_INFINITY);
  return sinceMs >= 0 && sinceMs < minGapSeconds * SECOND_MS;
}
