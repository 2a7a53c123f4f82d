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
  type AlertFacts,
  alertText,
  disabledText,
  maskLikelySecrets,
  type RecoveryFacts,
  recoveryText,
} from "./alert-text.ts";
export { parseAt, parseInstant } from "./at.ts";
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
export { type ClockChange, type DescribedInstant, describeInstant, previewInstants } from "./instant.ts";
export { compileMatch } from "./match.ts";
export {
  DEFAULT_MISFIRE_MAX,
  DEFAULT_MISFIRE_WINDOW_SECONDS,
  decideOccurrences,
  type MisfireQuestion,
  type OccurrenceDecision,
  ON_TIME_MAX,
  ON_TIME_MS,
} from "./misfire.ts";
export { decideOverlap, type OverlapDecision, type OverlapQuestion } from "./overlap.ts";
export { quietUntil } from "./quiet.ts";
export { DEFAULT_RETRY, decideRetry, type RetryDecision, type RetryQuestion, retryDelayMs } from "./retry.ts";
export { firstBytes, lastBytes, safeText } from "./safe-text.ts";
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
} from "./schedule.ts";
export {
  type DeliveryDecision,
  type DeliveryQuestion,
  decideDelivery,
  isNoReply,
  type SuppressReason,
} from "./speak.ts";
export { type KeptStream, type SummaryQuestion, showStream, summarize } from "./text.ts";
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
