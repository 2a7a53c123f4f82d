/** The life of a run: launch, settle, put back, recover. */
export {
  attemptKey,
  attemptLimits,
  commandSpec,
  createParentFiles,
  logDirOf,
  longestMs,
  type ParentFiles,
} from "./attempt/index.ts";
export { drain } from "./drain.ts";
export {
  createFollowUps,
  createPublisher,
  createRunEnds,
  createSettler,
  type Finished,
  type RunEnds,
  textsOf,
} from "./end/index.ts";
export { createLauncher } from "./launch.ts";
export { passOver } from "./pass-over.ts";
export { createLiving, createProgressKeeper } from "./progress/index.ts";
export { createRunReads } from "./reads.ts";
export { recover } from "./recover.ts";
export { createRehearsals, type Rehearsals } from "./rehearsal.ts";
export { createRunnerEvents } from "./runner-events.ts";
export { createRuns } from "./runs.ts";
