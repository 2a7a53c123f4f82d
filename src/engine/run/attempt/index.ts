/** One attempt of a run: what the runner is asked for, where, and how its end is written. */
export { attemptResult, endAttempt, endAttemptAsLost, runningRun } from "./ends.ts";
export { createParentFiles, type ParentFiles } from "./parent.ts";
export { HERE, placed } from "./place.ts";
export { attemptKey, attemptLimits, commandSpec, logDirOf, longestMs, parseAttemptKey } from "./spec.ts";
