/** One file a command of the program, or a folder where it takes more. */
import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addApprovals } from "./approvals.ts";
import { addCompletion } from "./completion.ts";
import { addCreate } from "./create.ts";
import { addDeliveries } from "./deliveries.ts";
import { addEdit } from "./edit.ts";
import { addJobs } from "./jobs.ts";
import { addLogs } from "./logs/index.ts";
import { addNext } from "./next.ts";
import { addNodes } from "./nodes.ts";
import { addPlan } from "./plan/index.ts";
import { addReport } from "./report.ts";
import { addCancel, addRun } from "./run.ts";
import { addRuns } from "./runs.ts";
import { addCare, addStatus } from "./service/index.ts";
import { addShow } from "./show.ts";
import { addState } from "./state.ts";
import { addCompare, addStats } from "./stats/index.ts";
import { addSummary } from "./summary.ts";
import { addTimeline } from "./timeline.ts";
import { addTransfer } from "./transfer/index.ts";
import { addTree } from "./tree.ts";

export { callName, SHORT_DOOR } from "./command.ts";
export { EXIT_OK, EXIT_USAGE, printFailure } from "./failure.ts";

/** In the order `--help` shows them. */
export const COMMANDS: readonly ((root: Command, io: CliIo) => void)[] = [
  addCreate,
  addJobs,
  addShow,
  addEdit,
  addRun,
  addCancel,
  addRuns,
  addApprovals,
  addSummary,
  addTimeline,
  addStats,
  addCompare,
  addLogs,
  addNext,
  addState,
  addTree,
  addStatus,
  addNodes,
  addDeliveries,
  addReport,
  addPlan,
  addTransfer,
  addCare,
  addCompletion,
];
