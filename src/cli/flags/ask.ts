import { ASKED_WHEN } from "../../../schema/limits.ts";
import type { AgentReceiver, Delivery, DeliveryPatch } from "../../../schema/wire/delivery.ts";
import { present } from "../../kernel/present.ts";
import { choiceFlag, countFlag, given, type Options, textFlag, usage } from "./parse.ts";

type Asked = Partial<Omit<AgentReceiver, "mode">>;

const askedBy = (options: Options): Asked =>
  present({
    when: choiceFlag(options, "--ask", ASKED_WHEN),
    agentId: textFlag(options, "--ask-agent"),
    sessionKey: textFlag(options, "--ask-session-key"),
    message: textFlag(options, "--ask-message"),
    timeoutSeconds: countFlag(options, "--ask-timeout-seconds", 5),
    channel: textFlag(options, "--ask-channel")?.toLowerCase(),
    to: textFlag(options, "--ask-to"),
  });

/** The agent as the flags have it, over how it was asked before. */
function receiverOf(asked: Asked, before: Asked = {}): AgentReceiver {
  const { when, ...rest } = { ...before, ...asked };
  if (when === undefined) throw usage("--ask", `beside the other --ask flags: ${ASKED_WHEN.join(", ")}`, "nothing");
  return { ...rest, mode: "agent", when };
}

/** Whom a new job asks about what it says. */
export function createAsked(options: Options): Pick<Delivery, "also"> {
  const asked = askedBy(options);
  return Object.keys(asked).length === 0 ? {} : { also: [receiverOf(asked)] };
}

/** The further receivers after an edit; undefined when no flag is about the agent among them. */
export async function editAsked(
  options: Options,
  stored: () => Promise<Delivery | undefined>,
): Promise<Pick<DeliveryPatch, "also"> | undefined> {
  const asked = askedBy(options);
  const off = given(options, "--no-ask");
  const changes = Object.keys(asked).length > 0;
  if (off && changes) throw usage("--no-ask", "no other --ask flag beside it", "both");
  if (!off && !changes) return undefined;
  const { also = [] } = (await stored()) ?? {};
  const others = also.filter(({ mode }) => mode !== "agent");
  if (off) return { also: others.length === 0 ? null : others };
  const [before, second] = also.filter((receiver) => receiver.mode === "agent");
  if (second !== undefined)
    throw usage("--ask", "a job that asks one agent; edit the others as JSON", "one with several");
  return { also: [...others, receiverOf(asked, before)] };
}
