/** The life of a run: launch, settle, put back, recover. */
export { drain } from "./drain.ts";
export { MINIMAL_ENV } from "./env.ts";
export { attemptKey, createLauncher, logDirOf, parseAttemptKey } from "./launch.ts";
export { passOver } from "./pass-over.ts";
export { createPublisher } from "./publish.ts";
export { createRunReads } from "./reads.ts";
export { recover } from "./recover.ts";
export { createRuns } from "./runs.ts";
export { createSettler, type Settler } from "./settle.ts";
