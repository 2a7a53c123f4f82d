/** The life of a run: launch, settle, put back, recover. */
export { drain } from "./drain.ts";
export { createRunEnds, type Finished, type RunEnds } from "./end-run.ts";
export { createFollowUps } from "./follow-up.ts";
export { createLauncher } from "./launch.ts";
export { createParentFiles, type ParentFiles } from "./parent.ts";
export { passOver } from "./pass-over.ts";
export { createLiving, createProgressKeeper } from "./progress/index.ts";
export { createPublisher, textsOf } from "./publish.ts";
export { createRunReads } from "./reads.ts";
export { recover } from "./recover.ts";
export { createRehearsals, type Rehearsals } from "./rehearsal.ts";
export { createRunnerEvents } from "./runner-events.ts";
export { createRuns } from "./runs.ts";
export { createSettler } from "./settle.ts";
export { attemptKey, attemptLimits, commandSpec, logDirOf, longestMs } from "./spec.ts";
