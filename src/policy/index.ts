/** Pure decisions, without clock or I/O. */
export {
  type AlertDecision,
  type AlertQuestion,
  type AlertRun,
  alertSettings,
  causeKey,
  DEFAULT_ALERT,
  decideAlert,
  type OpenIncident,
  outcomeWords,
} from "./alert.ts";
export {
  type AfterRun,
  type AfterRunQuestion,
  type AutoDisabled,
  awaitsTrial,
  DEFAULT_AUTO_DISABLE,
  DEFAULT_BACKOFF_SECONDS,
  decideAfterRun,
  type StreakState,
} from "./backoff.ts";
export { changesBetween } from "./changes.ts";
export {
  conditionAt,
  conditionText,
  isNews,
  readStatus,
  type Said,
  stoppedError,
  unknownStatus,
} from "./condition.ts";
export { namesFromDefaults, saidBy, withDefaults } from "./defaults.ts";
export {
  DEFAULT_DELIVERY_BACKOFF_SECONDS,
  nextDeliveryAttempt,
} from "./delivery-backoff.ts";
export {
  addressesOf,
  type Named,
  nameIn,
  namesOf,
  resolveNames,
} from "./destinations.ts";
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
export { escalationOf, failsUnheard, failureRoutes, type Routing } from "./failure-route.ts";
export { followsEnd, isWithinGap } from "./follow.ts";
export { addInto, bucketOf, type Histogram, quantileOf } from "./histogram.ts";
export { type GatewayEnd, observedEnd, passedWithoutRun } from "./observed.ts";
export { decideOverlap } from "./overlap.ts";
export { etaOf, stallLimitMs } from "./progress.ts";
export {
  DEFAULT_RETRY,
  decideRetry,
  NAMED_RETRY,
  retryDelayMs,
} from "./retry.ts";
export {
  alertAbout,
  alertText,
  commandLine,
  compileMatch,
  type DeliveryDecision,
  type DeliveryQuestion,
  type DigestFacts,
  decideDelivery,
  digestText,
  disabledText,
  findsMatch,
  firstBytes,
  headline,
  isLongInline,
  isNoReply,
  isOtherLevel,
  type KeptStream,
  lastBytes,
  livingEnd,
  livingText,
  maskLikelySecrets,
  onlyRuns,
  recoveryText,
  redacted,
  type SummaryQuestion,
  safeText,
  saysMore,
  showStream,
  summarize,
  timeText,
} from "./text/index.ts";
export {
  assertCanFire,
  type CompiledSchedule,
  compileSchedule,
  countBetween,
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  decideOccurrences,
  describeInstant,
  lastAtOrBefore,
  missedRange,
  nextAfter,
  type OccurrenceDecision,
  ON_TIME_MS,
  occurrencesBetween,
  parseAt,
  parseInstant,
  previewInstants,
  quietUntil,
  refuseYears,
  staggerOffsetMs,
  zoneOfSchedule,
} from "./time/index.ts";
export {
  meaningOf,
  outcomeError,
  toRunStatus,
  toWireStatus,
} from "./transitions.ts";
export { TREND_RUNS, trendOf } from "./trend.ts";
export { farewellOf } from "./until.ts";
export { checkWebhooks, checkWebhookUrl, webhookUrlProblem } from "./webhook-url.ts";
