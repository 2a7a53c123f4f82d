/** The table of methods, a file a subject. */
import { approvalMethods } from "./approvals.ts";
import { deliveryMethods } from "./deliveries.ts";
import { jobMethods } from "./jobs.ts";
import { ledgerMethods } from "./ledger.ts";
import type { Method } from "./method.ts";
import { moveMethods } from "./moves.ts";
import { nodeMethods } from "./nodes.ts";
import { runMethods } from "./runs.ts";
import { stateMethods } from "./states.ts";
import { statsMethods } from "./stats.ts";

export type { Method, ServiceApi } from "./method.ts";

/** Every method the gateway learns from this plugin. docs/rpc.md is checked against it in both directions. */
export const METHODS: readonly Method[] = [
  ...jobMethods,
  ...runMethods,
  ...deliveryMethods,
  ...ledgerMethods,
  ...moveMethods,
  ...stateMethods,
  ...approvalMethods,
  ...statsMethods,
  ...nodeMethods,
];
