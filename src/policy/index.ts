export {
  type AlertDecision,
  type AlertQuestion,
  type AlertRun,
  type AlertSettings,
  alertSettings,
  causeKey,
  DEFAULT_ALERT,
  decideAlert,
  type OpenIncident,
} from "./alert.ts";
export {
  type AfterRun,
  type AfterRunQuestion,
  type AutoDisabledState,
  DEFAULT_AUTO_DISABLE,
  DEFAULT_BACKOFF_SECONDS,
  decideAfterRun,
  type StreakState,
} from "./backoff.ts";
export {
  DEFAULT_DELIVERY_BACKOFF_SECONDS,
  DEFAULT_DELIVERY_JITTER,
  type DeliveryAttemptQuestion,
  nextDeliveryAttempt,
} from "./delivery-backoff.ts";
export { failureRoutes } from "./failure-route.ts";
export { decideOverlap, type OverlapDecision, type OverlapQuestion } from "./overlap.ts";
export { DEFAULT_RETRY, decideRetry, type RetryDecision, type RetryQuestion, retryDelayMs } from "./retry.ts";
export {
  type AlertFacts,
  alertText,
  disabledText,
  maskLikelySecrets,
  type RecoveryFacts,
  recoveryText,
} from "./text/alert-text.ts";
export { compileMatch } from "./text/match.ts";
export { firstBytes, lastBytes, safeText } from "./text/safe-text.ts";
export {
  type DeliveryDecision,
  type DeliveryQuestion,
  decideDelivery,
  isNoReply,
  type SuppressReason,
} from "./text/speak.ts";
export { type KeptStream, type SummaryQuestion, showStream, summarize } from "./text/text.ts";
export { parseAt, parseInstant } from "./time/at.ts";
export { type ClockChange, type DescribedInstant, describeInstant, previewInstants } from "./time/instant.ts";
export {
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  decideOccurrences,
  type MisfireQuestion,
  type OccurrenceDecision,
  ON_TIME_MAX,
  ON_TIME_MS,
} from "./time/misfire.ts";
export { quietUntil } from "./time/quiet.ts";
export {
  assertCanFire,
  type CompiledSchedule,
  type CompileOptions,
  compileSchedule,
  countBetween,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  staggerOffsetMs,
} from "./time/schedule.ts";
export {
  canRunBecome,
  type EndedAttempt,
  FIRST_RUN_STATUSES,
  isFinalRunStatus,
  outcomeError,
  RUN_TRANSITIONS,
  toRunStatus,
  toWireStatus,
} from "./transitions.ts";
export { checkWebhooks, checkWebhookUrl, webhookUrlProblem } from "./webhook-url.ts";
