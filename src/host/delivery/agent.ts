import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import type { OutboundMessage, SendResult } from "../../outbox/port.ts";
import type { GatewayPort } from "../client/index.ts";
import { refused } from "./send-errors.ts";

/** Beyond its own limit the gateway needs time to end a turn and to say so. */
const ENDS_MS = 60_000;
/** Kept of an answer; no message is as long. */
const ANSWER_LETTERS = 65_536;

/**
 * Asks an agent through the plugin's own client and waits for its answer. It is asked once: only what certainly never
 * reached the gateway is asked again. Without a session of the operator's the agent's model alone answers, without tools.
 */
export async function askAgent(
  client: Pick<GatewayPort, "allows" | "request">,
  message: OutboundMessage,
): Promise<SendResult> {
  const { deliveryId, text, asks: { agentId, sessionKey, timeoutSeconds } = { timeoutSeconds: 300 } } = message;
  if (!client.allows("operator.write")) return refused('agents are asked with `gatewayClient: "write"`');
  const alone = `explicit:model-run-${deliveryId}`;
  const where =
    sessionKey === undefined
      ? { sessionKey: agentId === undefined ? alone : `agent:${agentId}:${alone}`, modelRun: true }
      : { sessionKey, disableMessageTool: true };
  const params = {
    ...present({ agentId }),
    ...where,
    message: text,
    deliver: false,
    timeout: timeoutSeconds,
    idempotencyKey: deliveryId,
  };
  try {
    const timeoutMs = timeoutSeconds * 1_000 + ENDS_MS;
    return answered(await client.request<unknown>("agent", params, { timeoutMs, expectFinal: true }));
  } catch (error) {
    if (isUnavailable(error)) return { kind: "failed", permanent: false, error: errorText(error) };
    if (isAnswer(error)) return refused(`the agent: ${errorText(error)}`);
    return { kind: "unknown", error: errorText(error) };
  }
}

/** No request was made. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof CommandCronError && error.code === "GATEWAY_CLIENT_UNAVAILABLE";

/** The gateway has answered that it will not, or that the turn has failed; anything else says nothing of the turn. */
const isAnswer = (error: unknown): boolean => isRecord(error) && typeof error["gatewayCode"] === "string";

function answered(final: unknown): SendResult {
  const { runId, status, result } = isRecord(final) ? final : {};
  const payloads = isRecord(result) && Array.isArray(result["payloads"]) ? result["payloads"].filter(isRecord) : [];
  const textOf = (bad: boolean): string =>
    payloads
      .filter(({ isError, text }) => (isError === true) === bad && typeof text === "string")
      .map(({ text }) => (text as string).slice(0, ANSWER_LETTERS))
      .join("\n");
  const said = textOf(false);
  const problem = textOf(true);
  if (status !== "ok" || (said === "" && problem !== "")) {
    const why = problem === "" ? said : problem;
    const ended = status === "timeout" ? "the agent did not answer in time" : `the agent: ${String(status)}`;
    return refused(why === "" ? ended : `${ended}: ${why}`);
  }
  return {
    kind: "sent",
    messageIds: typeof runId === "string" ? [runId] : [],
    receipt: { answer: said.slice(0, ANSWER_LETTERS) },
  };
}
