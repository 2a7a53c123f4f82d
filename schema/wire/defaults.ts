import type { Static } from "@sinclair/typebox";
import { closed, optional } from "./common.ts";
import { Delivery } from "./delivery.ts";
import { timeoutSeconds } from "./payload.ts";
import { Expectations, JobPolicy } from "./policy.ts";

const { okWithinSeconds: _own, ...usual } = Expectations.properties;

/** Policies that may be everybody's: not those that belong to one command, its codes, check, state, contract, risk and end. */
const {
  exitCodes: _codes,
  until: _until,
  verify: _verify,
  state: _state,
  contract: _contract,
  risk: _risk,
  approval: _approval,
  ...common
} = JobPolicy.properties;

/** What a job has that does not name it. A policy counts as a whole: a job that names `retry` has its own `retry`. */
export const JobDefaults = closed({
  policy: optional(closed({ ...common, expect: optional(closed(usual)) })),
  timeoutSeconds: optional(timeoutSeconds),
  delivery: optional(Delivery),
});
export type JobDefaults = Static<typeof JobDefaults>;
