/** What becomes of a run, and of its job after it: waits, retries, pauses, what an end means, what it said of itself. */
export {
  type AfterRun,
  type AutoDisabled,
  awaitsTrial,
  DEFAULT_AUTO_DISABLE,
  DEFAULT_BACKOFF_SECONDS,
  decideAfterRun,
} from "./backoff.ts";
export { conditionAt, conditionText, isNews, readStatus, type Said, stoppedError, unknownStatus } from "./condition.ts";
export { followsEnd, isWithinGap } from "./follow.ts";
export { type GatewayEnd, observedEnd, passedWithoutRun } from "./observed.ts";
export { decideOverlap } from "./overlap.ts";
export { etaOf, stallLimitMs } from "./progress.ts";
export { DEFAULT_RETRY, decideRetry, NAMED_RETRY, retryDelayMs } from "./retry.ts";
export { meaningOf, outcomeError, toRunStatus, toWireStatus } from "./transitions.ts";
export { farewellOf } from "./until.ts";
