/** Which instants a schedule names, and what becomes of those that have passed. */
export { parseAt, parseInstant } from "./at.ts";
export { describeInstant, previewInstants } from "./instant.ts";
export {
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  decideOccurrences,
  missedRange,
  type OccurrenceDecision,
  ON_TIME_MS,
} from "./misfire.ts";
export { compileJob, compileJobOrNot, firstDueMs, type Scheduled } from "./of-job.ts";
export { quietUntil } from "./quiet.ts";
export {
  assertCanFire,
  type CompiledSchedule,
  compileSchedule,
  countBetween,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  refuseYears,
  staggerOffsetMs,
  zoneOfSchedule,
} from "./schedule.ts";
