import type { Delivery } from "../../../schema/wire/delivery.ts";
import type { JobPatch } from "../../../schema/wire/job.ts";
import type { JobDefinition } from "../../ledger/types.ts";
import { nameIn } from "../../policy/addresses/index.ts";

type Fields = Record<string, unknown>;

/** Lays a patch over a value: absent keeps, null clears, anything else replaces. */
function overlay<T extends object>(base: T, patch: object): T {
  const merged: Fields = { ...(base as Fields) };
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
  let definition = overlay(stored, plain);
  if (payload !== undefined) definition = { ...definition, payload: overlay(definition.payload, payload) };
  if (delivery !== undefined) {
    const before: Delivery = definition.delivery ?? { mode: "announce" };
    const base = namesPlace(delivery) ? withoutTarget(before) : turned(before, delivery.mode);
    definition = { ...definition, delivery: overlay(base, delivery) };
  }
  if (failureAlert === null) {
    const { failureAlert: _gone, ...rest } = definition;
    definition = rest;
  } else if (failureAlert !== undefined) {
    const base = definition.failureAlert === false ? {} : (definition.failureAlert ?? {});
    const { channel: _channel, accountId: _account, ...unplaced } = base;
    const next = failureAlert === false ? false : overlay(namesPlace(failureAlert) ? unplaced : base, failureAlert);
    definition = { ...definition, failureAlert: next };
  }
  if (policy === null) {
    const { policy: _gone, ...rest } = definition;
    definition = rest;
  } else if (policy !== undefined) {
    definition = { ...definition, policy: overlay(definition.policy ?? {}, policy) };
  }
  return definition;
}

/** A name that comes without a channel stands for the whole address; what was there before is none of its. */
const namesPlace = (patch: { to?: string | null; channel?: string | null } | false): boolean =>
  patch !== false && nameIn({ to: patch.to, channel: patch.channel }) !== undefined;

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
