import type { Destination, Receiver } from "../../../schema/wire/delivery.ts";

const AGENTS = "agent/";
export const isAgentLane = (lane: string): boolean => lane.startsWith(AGENTS);

/** Keeps the parts apart: a slash or a blank inside one would read as a border. */
const part = (value: string | number | undefined): string =>
  value === undefined ? "-" : String(value).replace(/[%/\s]/g, (character) => encodeURIComponent(character));

type Place = Pick<Destination, "to" | "threadId">;

/** Ways to write one chat of a channel, brought to one. What only the channel's server knows stays apart. */
const SPELLINGS: Record<string, (to: string, place: Place) => Place> = {
  irc: (to) => ({ to: to.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) }),
  slack: (to) => ({ to: to.replace(/^channel:/i, "") }),
  telegram(to, { threadId }) {
    const bare = to.replace(/^tg:/i, "").replace(/^(?:https?:\/\/)?t\.me\/(?=\w)/i, "@");
    const [, chat = bare, topic = threadId] = /^(.+):topic:(\d+)$/i.exec(bare) ?? [];
    return {
      to: chat.startsWith("@") ? chat.toLowerCase() : chat,
      ...(topic === undefined ? {} : { threadId: topic }),
    };
  },
};

function spelled(channel: string | undefined, place: Place): Place {
  const to = place.to?.trim();
  if (channel === undefined || to === undefined) return place;
  const bare = to.toLowerCase().startsWith(`${channel}:`) ? to.slice(channel.length + 1).trim() : to;
  return { ...place, to: bare, ...SPELLINGS[channel]?.(bare, place) };
}

/**
 * The name of a destination's lane: equal for one chat whatever way its target is written, readable, without blanks so that
 * it can be typed. All that is asked of one agent is one lane. `announce/irc/#ops`, `announce/discord/channel:12/account=work/thread=7`, `webhook/https://example.com/hook`.
 */
export function laneOf(receiver: Receiver): string {
  if (receiver.mode === "agent") return `${AGENTS}${part(receiver.agentId?.trim().toLowerCase() ?? "default")}`;
  const { mode, channel: named, accountId, ...place } = receiver;
  if (mode === "webhook") return `webhook/${(place.to ?? "-").trim()}`;
  const channel = named?.trim().toLowerCase();
  const { to, threadId } = spelled(channel, place);
  const account = accountId === undefined ? "" : `/account=${part(accountId)}`;
  const thread = threadId === undefined ? "" : `/thread=${part(threadId)}`;
  return `announce/${part(channel)}/${part(to)}${account}${thread}`;
}
