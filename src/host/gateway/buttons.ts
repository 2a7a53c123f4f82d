import type { Action } from "../../../schema/wire/delivery.ts";
import type { OutboundMessage } from "../../outbox/port.ts";

/** Clicks on buttons whose value begins with it come to this plugin. */
export const NAMESPACE = "command-cron";

/** Channels whose messages have buttons; others carry the command in their text. */
export const BUTTON_CHANNELS = ["telegram", "slack", "discord"] as const;

/** Of these it is not certain that a click comes back: the text carries the command as well. */
const CERTAIN: ReadonlySet<string> = new Set(["telegram"]);
const HAVE_BUTTONS: ReadonlySet<string> = new Set(BUTTON_CHANNELS);

export const SILENCE_SECONDS = 3_600;

/** A button's value has room for 47 letters on Telegram: an action is one of them. */
const BUTTONS: Record<Action, { label: string; letter: string; style?: "danger" }> = {
  run: { label: "Re-run", letter: "r" },
  stop: { label: "Stop", letter: "s", style: "danger" },
  tail: { label: "Tail", letter: "t" },
  silence: { label: "Silence 1 h", letter: "q" },
  disable: { label: "Disable", letter: "d", style: "danger" },
};
const ACTION_OF = new Map(Object.entries(BUTTONS).map(([action, { letter }]) => [letter, action as Action]));

interface Button {
  label: string;
  style?: "danger";
  action: { type: "callback"; value: string };
}

/** What is shown below a text. */
interface Presentation {
  tone?: "danger";
  blocks: { type: "buttons"; buttons: Button[] }[];
}

type Message = Pick<OutboundMessage, "deliveryId" | "channel" | "actions" | "alarming">;

/** The buttons of a message, each of which names its delivery; undefined where there are none. */
export function presentationOf({ deliveryId, channel = "", actions, alarming }: Message): Presentation | undefined {
  if (actions === undefined || !HAVE_BUTTONS.has(channel)) return undefined;
  const id = deliveryId.replaceAll("-", "");
  const buttons = actions.names.map((name): Button => {
    const { label, letter, style } = BUTTONS[name];
    const action = { type: "callback", value: `${NAMESPACE}:${letter}:${id}` } as const;
    return style === undefined ? { label, action } : { label, style, action };
  });
  return { ...(alarming === true ? { tone: "danger" } : {}), blocks: [{ type: "buttons", buttons }] };
}

/** The line that says in a message what could be done, where no button does. */
export function commandLine({ channel = "", actions }: Pick<Message, "channel" | "actions">): string | undefined {
  if (actions === undefined || CERTAIN.has(channel)) return undefined;
  return `Act: /cron ${actions.names.join("|")} ${actions.jobId.slice(0, 8)}`;
}

/** Channels in which a message answers another one. The ids of the others are of their own making. */
const HAVE_REPLIES: ReadonlySet<string> = new Set(["telegram", "discord"]);

/** The message that this one answers, where the channel shows that. */
export const answeredBy = ({
  channel = "",
  replyTo,
}: Pick<OutboundMessage, "channel" | "replyTo">): string | undefined =>
  HAVE_REPLIES.has(channel) ? replyTo : undefined;

/** What a button's value, without the namespace, asks for; undefined: it is none of ours. */
export function readButton(payload: string): { action: Action; deliveryId: string } | undefined {
  const [, letter = "", ...parts] =
    /^([a-z]):([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(payload) ?? [];
  const action = ACTION_OF.get(letter);
  return action === undefined ? undefined : { action, deliveryId: parts.join("-") };
}
