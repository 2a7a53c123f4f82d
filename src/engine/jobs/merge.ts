import type { Delivery } from "../../../schema/wire/delivery.ts";
import type { JobPatch } from "../../../schema/wire/job.ts";
import type { JobDefinition } from "../../ledger/types.ts";
import { nameIn } from "../../policy/addresses/index.ts";

type FailureAlert = Exclude<NonNullable<JobDefinition["failureAlert"]>, false>;

/** Lays a patch over a value: absent keeps, null clears, anything else replaces. */
function overlay<T extends object>(base: T, patch: object): T {
  const merged = { ...(base as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = value;
  }
  return merged as T;
}

/**
 * The definition after an edit, by the gateway's patch rules: payload, delivery and policy merge field by field, so
 * that an edit of one field leaves the command intact; a change to or from a webhook drops the other's target.
 */
export function mergeDefinition(stored: JobDefinition, patch: JobPatch): JobDefinition {
  const { enabled: _enabled, payload, delivery, failureAlert, policy, ...plain } = patch;
  return overlay(stored, {
    ...plain,
    payload: payload && overlay(stored.payload, payload),
    delivery: delivery && overlay(placed(stored.delivery, delivery), delivery),
    failureAlert: failureAlert && overlay(unplaced(stored.failureAlert || {}, failureAlert), failureAlert),
    policy: policy && overlay(stored.policy ?? {}, policy),
  });
}

/** The delivery that a patch is laid over. */
function placed(before: Delivery = { mode: "announce" }, patch: NonNullable<JobPatch["delivery"]>): Delivery {
  return namesPlace(patch) ? withoutTarget(before) : turned(before, patch.mode);
}

/** The same of where failures are told. */
function unplaced(before: FailureAlert, patch: { to?: string | null; channel?: string | null }): FailureAlert {
  const { channel: _channel, accountId: _account, ...rest } = before;
  return namesPlace(patch) ? rest : before;
}

/** A name that comes without a channel stands for the whole address; what was there before is none of its. */
const namesPlace = ({ to, channel }: { to?: string | null; channel?: string | null }): boolean =>
  nameIn({ to, channel }) !== undefined;

/** What is left of a delivery whose mode changes: silence keeps the target for later, a webhook shares none. */
function turned(before: Delivery, mode: Delivery["mode"] | undefined): Delivery {
  if (mode === undefined || mode === before.mode) return before;
  const { completionDestination: _completion, ...silent } = before;
  const base = mode === "announce" ? before : silent;
  return mode === "webhook" || before.mode === "webhook" ? withoutTarget(base) : base;
}

function withoutTarget(delivery: Delivery): Delivery {
  const { channel: _channel, to: _to, accountId: _account, threadId: _thread, ...rest } = delivery;
  return rest;
}
