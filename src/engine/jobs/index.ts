/** Jobs: checked, stored, edited, removed. */
export { exportEntry, findDeclared, isUnchanged } from "./content.ts";
export { createJobs, type Jobs } from "./jobs.ts";
export { createLook } from "./look.ts";
export { createJobReads } from "./reads.ts";
export { removeJob } from "./removal.ts";
