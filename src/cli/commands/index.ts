/** One file a command of the program, or a folder where it takes more. */
import { approvals } from "./approvals.ts";
import type { CliCommand, CliGroup } from "./command.ts";
import { completion } from "./completion.ts";
import { create } from "./create.ts";
import { deliveries, lanes } from "./deliveries.ts";
import { edit } from "./edit.ts";
import { jobs } from "./jobs.ts";
import { logs } from "./logs/index.ts";
import { next } from "./next.ts";
import { nodes } from "./nodes.ts";
import { plan } from "./plan/index.ts";
import { report } from "./report.ts";
import { cancel, run } from "./run.ts";
import { runs } from "./runs.ts";
import { care, service } from "./service/index.ts";
import { show } from "./show.ts";
import { state } from "./state.ts";
import { compare, stats } from "./stats/index.ts";
import { summary } from "./summary.ts";
import { timeline } from "./timeline.ts";
import { transfer } from "./transfer/index.ts";
import { tree } from "./tree.ts";

export { addCommand, callName, SHORT_DOOR } from "./command.ts";
export { EXIT_OK, EXIT_USAGE, printFailure } from "./failure.ts";

/** In the order `--help` shows them. */
export const COMMANDS: readonly (CliCommand | CliGroup)[] = [
  create,
  ...jobs,
  show,
  edit,
  run,
  cancel,
  runs,
  ...approvals,
  summary,
  timeline,
  stats,
  compare,
  logs,
  next,
  state,
  tree,
  ...service,
  nodes,
  deliveries,
  lanes,
  report,
  ...plan,
  ...transfer,
  ...care,
  completion,
];
