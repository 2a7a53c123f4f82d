/** When somebody is to be told that something is not as it was meant, and what usual is. */
export { type AlertDecision, type AlertRun, alertSettings, decideAlert, outcomeWords } from "./alert.ts";
export {
  DEFAULT_START_WITHIN_SECONDS,
  frequencyWord,
  gapAfter,
  hearsOfMissed,
  isTimeCause,
  overrunReason,
  startLimitMs,
  type TimeCause,
  USUAL_RUNS,
} from "./expect.ts";
export { addInto, bucketOf, type Histogram, quantileOf } from "./histogram.ts";
export { FLAKY_RUNS, TREND_RUNS, trendOf } from "./trend.ts";
