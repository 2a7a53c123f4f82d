/** One command, one attempt: spawn, capture, limits, and the whole tree ended; knows no ledger. */
export type { OnProgress, OnStarted, RunningCommand } from "./attempt.ts";
export { diagnoseCommand } from "./diagnose.ts";
export { createExecutor, type Executor, systemProcessTable } from "./executor.ts";
export { fingerprint } from "./fingerprint/index.ts";
export { identityOf, livesStill } from "./identity.ts";
export { supportedLimits } from "./launcher.ts";
export { logFiles, readLog, tailLog } from "./log/index.ts";
export { type Orphan, reapOrphans, type Statements } from "./reap.ts";
export { checkState } from "./state-file.ts";
export { killCgroup, ownCgroupDir, removeCgroup } from "./tree/index.ts";
export { type Approved, MINIMAL_ENV, STEP_VARIABLE } from "./types.ts";
export { unstarted } from "./unstarted.ts";
