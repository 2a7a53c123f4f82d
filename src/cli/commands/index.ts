/** One file a command of the program. */

export { addApprovals } from "./approvals/index.ts";
export { callName, EXIT_OK, EXIT_USAGE, printFailure, SHORT_DOOR } from "./command.ts";
export { addCompletion } from "./completion.ts";
export { addCreate } from "./create.ts";
export { addDeliveries } from "./deliveries.ts";
export { addEdit } from "./edit.ts";
export { addJobs } from "./jobs.ts";
export { addLogs } from "./logs/index.ts";
export { addNext } from "./next.ts";
export { addNodes } from "./nodes/index.ts";
export { addPlan } from "./plan/index.ts";
export { addReport } from "./report.ts";
export { addCancel, addRun } from "./run.ts";
export { addRuns } from "./runs.ts";
export { addCare, addStatus } from "./service/index.ts";
export { addShow } from "./show.ts";
export { addState } from "./state.ts";
export { addCompare, addStats } from "./stats/index.ts";
export { addSummary } from "./summary/index.ts";
export { addTimeline } from "./timeline.ts";
export { addTransfer } from "./transfer/index.ts";
export { addTree } from "./tree.ts";
