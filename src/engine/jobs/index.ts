/** Jobs: checked, stored, edited, removed. */
export { checkChain, waitingFor, withParentId } from "./chain.ts";
export { checkPolicy } from "./check.ts";
export { exportEntry, findDeclared, isUnchanged } from "./content.ts";
export { createJobs, type Jobs } from "./jobs.ts";
export { asksInVain, createLook } from "./look.ts";
export { checkName, namedBy } from "./named.ts";
export { createJobReads } from "./reads.ts";
export { closeAbout, removeJob } from "./removal.ts";
export { checkRisk, checkStillChecked, isCheckOf, isUncheckedWrite } from "./risk.ts";
export { eachNode, eachOnce, nodesFor, targetRules } from "./target.ts";
