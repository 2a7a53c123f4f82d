/** Pure decisions, without clock or I/O. */
export {
  type AlertDecision,
  type AlertQuestion,
  type AlertRun,
  type AlertSettings,
  alertSettings,
  causeKey,
  DEFAULT_ALERT,
  decideAlert,
  isCooled,
  type OpenIncident,
  outcomeWords,
} from "./alert.ts";
export {
  type AfterRun,
  type AfterRunQuestion,
  type AutoDisabledState,
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
  DEFAULT_DELIVERY_JITTER,
  type DeliveryAttemptQuestion,
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
  TIME_CAUSES,
  type TimeCause,
  USUAL_RUNS,
} from "./expect.ts";
export { escalationOf, failsUnheard, failureRoutes, type Routing } from "./failure-route.ts";
export { followsEnd, isWithinGap } from "./follow.ts";
export { addInto, bucketOf, type Histogram, quantileOf } from "./histogram.ts";
export { type GatewayEnd, type ObservedEnd, observedEnd, type PassedQuestion, passedWithoutRun } from "./observed.ts";
export { decideOverlap, type OverlapDecision, type OverlapQuestion } from "./overlap.ts";
export { type EtaQuestion, etaOf, stallLimitMs } from "./progress.ts";
export {
  DEFAULT_RETRY,
  decideRetry,
  NAMED_RETRY,
  type RetryDecision,
  type RetryQuestion,
  retryDelayMs,
} from "./retry.ts";
export {
  type AlertFacts,
  type AlertMessage,
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
  type LivingFacts,
  lastBytes,
  livingEnd,
  livingText,
  maskLikelySecrets,
  onlyRuns,
  type RecoveryFacts,
  recoveryText,
  redacted,
  type SummaryQuestion,
  type SuppressReason,
  safeText,
  saysMore,
  showStream,
  summarize,
  timeText,
} from "./text/index.ts";
export {
  assertCanFire,
  type ClockChange,
  type CompiledSchedule,
  type CompileOptions,
  compileSchedule,
  countBetween,
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  type DescribedInstant,
  decideOccurrences,
  describeInstant,
  lastAtOrBefore,
  type MisfireQuestion,
  missedRange,
  nextAfter,
  type OccurrenceDecision,
  ON_TIME_MAX,
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
  type EndedAttempt,
  meaningOf,
  outcomeError,
  toRunStatus,
  toWireStatus,
} from "./transitions.ts";
export { type GoodRun, TREND_RUNS, trendOf } from "./trend.ts";
export { farewellOf, type UntilQuestion } from "./until.ts";
export { checkWebhooks, checkWebhookUrl, webhookUrlProblem } from "./webhook-url.ts";
