/** The processes of one attempt: finding them, measuring them, ending them. */
export { type AttemptCgroup, type Cgroups, killCgroup, openCgroups, ownCgroupDir, removeCgroup } from "./cgroup.ts";
export { observeTree } from "./observe.ts";
export { createPosixTree } from "./posix.ts";
export { createSampler } from "./sampler.ts";
export { sharingLists } from "./shared-list.ts";
export { isAlive, type ProcessTable, sendSignal } from "./table.ts";
export { linuxProcessTable } from "./table-linux.ts";
export { psProcessTable } from "./table-ps.ts";
export type { ProcessTree } from "./tree.ts";
export { createWindowsTree } from "./windows.ts";
