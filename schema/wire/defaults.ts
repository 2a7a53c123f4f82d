import { type Static, Type } from "@sinclair/typebox";
import { closed, optional } from "./common.ts";
import { Delivery } from "./delivery.ts";
import { timeoutSeconds } from "./payload.ts";
import { Expectations, JobPolicy } from "./policy.ts";

const usual = Type.Omit(Expectations, ["okWithinSeconds"]).properties;

/** Policies that may be everybody's: not those that belong to one command, its codes, check, state, contract, risk and end. */
const OWN = ["exitCodes", "until", "verify", "state", "contract", "risk", "approval"] as const;
const common = Type.Omit(JobPolicy, OWN).properties;

/** What a job has that does not name it. A policy counts as a whole: a job that names `retry` has its own `retry`. */
export const JobDefaults = closed({
  policy: optional(closed({ ...common, expect: optional(closed(usual)) })),
  timeoutSeconds: optional(timeoutSeconds),
  delivery: optional(Delivery),
});
export type JobDefaults = Static<typeof JobDefaults>;
