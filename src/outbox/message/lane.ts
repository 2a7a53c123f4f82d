import type { Destination } from "../../../schema/wire/delivery.ts";

/** Keeps the parts apart: a slash or a blank inside one would read as a border. */
const part = (value: string | number | undefined): string =>
  value === undefined ? "-" : String(value).replace(/[%/\s]/g, (character) => encodeURIComponent(character));

/**
 * The name of a destination's lane: equal for equal destinations, readable, without blanks so that it can be typed.
 * `announce/irc/#ops`, `announce/discord/channel:12/account=work/thread=7`, `webhook/https://example.com/hook`.
 */
export function laneOf({ mode, channel, to, accountId, threadId }: Destination): string {
  if (mode === "webhook") return `webhook/${(to ?? "-").trim()}`;
  const account = accountId === undefined ? "" : `/account=${part(accountId)}`;
  const thread = threadId === undefined ? "" : `/thread=${part(threadId)}`;
  return `announce/${part(channel)}/${part(to)}${account}${thread}`;
}
