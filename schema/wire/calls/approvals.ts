import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonBlank, NonEmpty, oneOf, optional, PageParams } from "../common.ts";
import { APPROVAL_DOORS, APPROVAL_STATES, Risk } from "../steps.ts";
import { jobRef, page } from "./shared.ts";

export const ApprovalsParams = closed({
  ...jobRef,
  runId: optional(NonEmpty),
  all: optional(Type.Boolean(), "Decided ones as well; default false."),
  ...PageParams,
});

export const ApproveParams = closed({
  runId: NonEmpty,
  hash: optional(
    Type.String({ pattern: "^[0-9a-f]{8,64}$" }),
    "eight or more of the digits that were looked at; refused when it is another by now",
  ),
});

export const RejectParams = closed({
  runId: NonEmpty,
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" }),
});

/** One request, and what became of it. */
export const ApprovalEntry = Type.Object({
  runId: NonEmpty,
  attempt: Type.Integer({ minimum: 1, description: "Of the run: each attempt is approved by itself." }),
  jobId: NonEmpty,
  jobName: NonBlank,
  state: oneOf(APPROVAL_STATES),
  risk: optional(Risk),
  why: optional(Type.String(), "`policy.approval.reason`."),
  command: Type.String({ description: "In one line; what looks like a secret is masked." }),
  hash: optional(Type.String(), "Of all that is approved."),
  plan: optional(Type.String(), "What the plan printed."),
  requestedAtMs: InstantMs,
  expiresAtMs: InstantMs,
  decidedAtMs: optional(InstantMs),
  decidedBy: optional(Type.String()),
  door: optional(oneOf(APPROVAL_DOORS)),
  reason: optional(Type.String(), "Why it was decided so."),
});
export type ApprovalEntry = Static<typeof ApprovalEntry>;

export const ApprovalsResult = Type.Object({
  approvals: Type.Array(ApprovalEntry),
  ...page,
});
export type ApprovalsResult = Static<typeof ApprovalsResult>;
