import type { AgentReceiver, Destination } from "../../../schema/wire/delivery.ts";
import { pick, present } from "../../kernel/present.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";
import { addressesOf } from "../../policy/addresses/index.ts";
import type { OutboxDeps } from "../deps.ts";
import type { OutboundMessage } from "../port.ts";
import { laneOf } from "./lane.ts";
import { signatureHeaders, webhookKey } from "./signature.ts";

/** How long an agent may take where its question does not say. */
export const ANSWERS_WITHIN_SECONDS = 300;

/** Makes the message of one attempt: a webhook is signed anew each time, under the same id. Raises what secrets raise. */
export async function composeMessage(
  deps: Pick<OutboxDeps, "clock" | "config" | "resolveSecret" | "ledger">,
  delivery: DeliveryRecord,
  edits?: string,
): Promise<OutboundMessage> {
  const { destination, content } = delivery;
  if (destination.mode === "agent") return questionTo(delivery, destination);
  const { mode, channel, to, accountId, threadId } = destination;
  const message: OutboundMessage = {
    deliveryId: delivery.id,
    mode,
    ...pick(content, "text", "code", "file", "silent"),
    ...present({ channel, to, accountId, threadId, edits }),
    ...present({ actions: actionsOf(delivery), replyTo: answered(deps.ledger, delivery) }),
    ...(delivery.kind === "alert" ? { alarming: true } : {}),
  };
  if (mode === "announce") return message;
  const { body = "" } = content;
  const keys = await webhookKeys(deps);
  const signed = signatureHeaders({ id: delivery.id, atMs: deps.clock.nowMs(), body, keys });
  return {
    ...message,
    body,
    headers: { "content-type": "application/json", ...signed },
    ...(mayCarryToken(deps.config, delivery) ? { authorized: true } : {}),
  };
}

const questionTo = ({ id, content }: DeliveryRecord, receiver: AgentReceiver): OutboundMessage => {
  const { mode, agentId, sessionKey, timeoutSeconds = ANSWERS_WITHIN_SECONDS } = receiver;
  return { deliveryId: id, mode, text: content.text, asks: { ...present({ agentId, sessionKey }), timeoutSeconds } };
};

/** The message about the alert whose end this one tells, in the same lane. */
function answered(ledger: OutboxDeps["ledger"], { kind, alertId, lane }: DeliveryRecord): string | undefined {
  if (kind !== "recovery" || alertId === undefined) return undefined;
  const told = ledger.deliveries
    .ofAlert(alertId)
    .findLast((one) => one.lane === lane && one.state === "sent" && one.kind !== "recovery");
  return told?.receipt?.messageIds[0];
}

function actionsOf({ jobId, content: { actions = [] } }: DeliveryRecord): OutboundMessage["actions"] {
  return jobId === undefined || actions.length === 0 ? undefined : { jobId, names: actions };
}

/** Jobs and settings are an administrator's; a report's own address is named by whoever may write. */
function mayCarryToken(config: OutboxDeps["config"], { kind, destination }: DeliveryRecord): boolean {
  if (kind !== "report") return true;
  const { alerts, destinations = {} } = config;
  const named = Object.keys(destinations).map((name): Destination => ({ mode: "announce", to: `@${name}` }));
  const set = alerts?.destination === undefined ? named : [alerts.destination, ...named];
  const lanes = set.flatMap((one) => addressesOf(config, one)).map(laneOf);
  return lanes.includes(laneOf(destination));
}

/** Resolved for each attempt, so that a rotated secret counts from the next one on. */
async function webhookKeys({ config, resolveSecret }: Pick<OutboxDeps, "config" | "resolveSecret">): Promise<Buffer[]> {
  const secrets = config.webhook?.secrets ?? [];
  return Promise.all(
    secrets.map(async (secret, index) =>
      webhookKey(typeof secret === "string" ? secret : await resolveSecret(secret), `config.webhook.secrets[${index}]`),
    ),
  );
}
