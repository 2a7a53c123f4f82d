import type { AgentReceiver, DeliveryKind, Destination } from "../../../schema/wire/delivery.ts";
import { present } from "../../kernel/present.ts";
import type { JobDefinition } from "../../ledger/types.ts";
import { type Named, resolveNames } from "../../policy/addresses/index.ts";
import { laneOf } from "./lane.ts";

export interface Target {
  kind: Extract<DeliveryKind, "result" | "completion">;
  destination: Destination;
}

/**
 * Where a finished run of this job is sent at this moment: its own target, the completion webhook, and further receivers,
 * names resolved, each lane once. Empty: nobody asked to be told.
 */
export function destinationsFor({ delivery }: Pick<JobDefinition, "delivery">, config: Named): Target[] {
  if (delivery === undefined) return [];
  const { bestEffort, completionDestination, also = [] } = delivery;
  const softly = bestEffort === undefined ? {} : { bestEffort };
  const targets: Target[] = [];
  const own = ownDestination(delivery);
  if (own !== undefined) targets.push({ kind: "result", destination: own });
  if (completionDestination !== undefined) {
    targets.push({ kind: "completion", destination: { mode: "webhook", to: completionDestination.to, ...softly } });
  }
  for (const destination of also) if (destination.mode !== "agent") targets.push({ kind: "result", destination });
  const lanes = new Set<string>();
  const addresses = targets.flatMap(({ kind, destination }) =>
    resolveNames(config, destination).map((address): Target => ({ kind, destination: address })),
  );
  return addresses.filter(({ destination }) => {
    const lane = laneOf(destination);
    return !lanes.has(lane) && lanes.add(lane);
  });
}

/** The job's own destination. */
export function ownDestination(delivery: NonNullable<JobDefinition["delivery"]>): Destination | undefined {
  const { mode, channel, to, accountId, threadId, bestEffort } = delivery;
  return mode === "none" ? undefined : { mode, ...present({ channel, to, accountId, threadId, bestEffort }) };
}

/** The agents that are asked about runs of this job. */
export const agentsOf = ({ delivery }: Pick<JobDefinition, "delivery">): AgentReceiver[] =>
  (delivery?.also ?? []).filter((receiver) => receiver.mode === "agent");
