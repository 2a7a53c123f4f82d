/** Which instants a schedule names, and what becomes of those that have passed. */
export { parseAt, parseInstant } from "./at.ts";
export { type ClockChange, type DescribedInstant, describeInstant, previewInstants } from "./instant.ts";
export {
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  decideOccurrences,
  type MisfireQuestion,
  missedRange,
  type OccurrenceDecision,
  ON_TIME_MAX,
  ON_TIME_MS,
} from "./misfire.ts";
export { quietUntil } from "./quiet.ts";
export {
  assertCanFire,
  type CompiledSchedule,
  type CompileOptions,
  compileSchedule,
  countBetween,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  refuseYears,
  staggerOffsetMs,
  zoneOfSchedule,
} from "./schedule.ts";
