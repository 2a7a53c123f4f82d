import type { Config } from "../../../schema/wire/config.ts";
import type { AgentReceiver, Destination, Receiver } from "../../../schema/wire/delivery.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";

/** The settings that names stand in. */
export type Named = Pick<Config, "destinations" | "groups">;

const ESCALATE_AFTER_SECONDS = 900;

type Address = { [Key in "mode" | "channel" | "to"]?: Receiver[Key] | null | undefined };

/** The name that stands in an address's place (`@ops`). Beside a channel it is that channel's own word for somebody. */
export function nameIn({ mode, channel, to }: Address): string | undefined {
  if (mode !== "webhook" && typeof channel === "string") return undefined;
  return /^@(.+)$/.exec(to?.trim() ?? "")?.[1]?.toLowerCase();
}

const own = <T>(record: Record<string, T> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;

/** The names in use, as they are written: `@ops`. */
export const namesOf = ({ destinations, groups }: Named): string[] =>
  [...Object.keys(destinations ?? {}), ...Object.keys(groups ?? {})].map((name) => `@${name}`);

function membersOf(config: Named, name: string): string[] | undefined {
  const group = own(config.groups, name);
  if (group !== undefined) return Array.isArray(group) ? group : group.to;
  return own(config.destinations, name) === undefined ? undefined : [name];
}

/**
 * The addresses that a destination stands for at this moment, in their order: itself, or what the settings say of its name.
 * What the destination says itself of account, thread and effort counts. Empty: no such name.
 */
export function addressesOf(config: Named, destination: Destination): Destination[] {
  const name = nameIn(destination);
  if (name === undefined) return [destination];
  const { mode: _mode, channel: _channel, to: _to, ...said } = destination;
  return (membersOf(config, name) ?? []).flatMap((member): Destination[] => {
    const address = own(config.destinations, member);
    return address === undefined ? [] : [{ mode: "announce", ...address, ...said }];
  });
}

/** Where an agent's answer is to go by its question; undefined: to the job's own destination. */
export function answerAddress({ channel, to, accountId, threadId }: AgentReceiver): Destination | undefined {
  if (channel === undefined && to === undefined) return undefined;
  return { mode: "announce", ...present({ channel, to, accountId, threadId }) };
}

/** The same; a name that is not there any more stands for itself, so that what goes there is kept and told of. */
export function resolveNames(config: Named, destination: Destination): Destination[] {
  const found = addressesOf(config, destination);
  return found.length === 0 ? [destination] : found;
}

/** After how long without a word the next of a group is told; undefined: it is no group. */
export function escalatesAfterMs(config: Named, destination: Address): number | undefined {
  const group = own(config.groups, nameIn(destination) ?? "");
  if (group === undefined) return undefined;
  const { escalateAfterSeconds = ESCALATE_AFTER_SECONDS } = Array.isArray(group) ? {} : group;
  return escalateAfterSeconds * SECOND_MS;
}
