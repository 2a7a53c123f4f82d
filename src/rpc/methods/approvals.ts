import {
  ApprovalEntry,
  ApprovalsParams,
  ApprovalsResult,
  ApproveParams,
  RejectParams,
} from "../../../schema/wire/calls/approvals.ts";
import { present } from "../../kernel/present.ts";
import { jobIdFor, type Method, method, pageOf, runIdFor } from "./method.ts";

export const approvalMethods: readonly Method[] = [
  method({
    name: "approvals",
    scope: "operator.read",
    says: "`{approvals, total, …}`: what waits for a person's decision, newest first; with `all` decided ones as well.",
    params: ApprovalsParams,
    result: ApprovalsResult,
    run(engine, params) {
      const jobId = jobIdFor(engine, params);
      const runId = runIdFor(engine, params.runId);
      return engine.approvals({
        ...pageOf(params),
        openOnly: params.all !== true,
        ...present({ jobId, runId }),
      });
    },
  }),
  method({
    name: "approve",
    scope: "operator.approvals",
    says: "The approved request; the run starts when it has a slot, if nothing has changed until then.",
    params: ApproveParams,
    result: ApprovalEntry,
    run: (engine, { runId, ...decision }, caller) => engine.approve(runId, decision, caller),
  }),
  method({
    name: "reject",
    scope: "operator.approvals",
    says: "The rejected request; its run ends as `skipped`.",
    params: RejectParams,
    result: ApprovalEntry,
    run: (engine, { runId, ...decision }, caller) => engine.reject(runId, decision, caller),
  }),
];
