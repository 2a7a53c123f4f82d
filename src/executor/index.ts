export type { RunningCommand } from "./attempt.ts";
export { createExecutor, type Executor, type ExecutorOptions, systemProcessTable } from "./executor.ts";
export { identityOf, livesStill } from "./identity.ts";
export { supportedLimits } from "./launcher.ts";
export { type LogChunk, type LogPart, readLog, tailLog } from "./log/reader.ts";
export { type Orphan, reapOrphans, type Statements } from "./reap.ts";
export { COOKIE_NAME } from "./spawn.ts";
export { killCgroup, ownCgroupDir, removeTree as removeCgroup } from "./tree/cgroup.ts";
export { unstarted } from "./unstarted.ts";
