import { errorText } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { NODE_COMMAND, NodeCallError, type NodeFabric, type NodeFacts } from "../../runner/nodes/port.ts";
import { type GatewayConfig, outside, type ServiceContext } from "../gateway/index.ts";
import type { NodeDoor } from "./types.ts";

/** The gateway's nodes as this plugin reaches them: through the gateway itself, without a connection or credential of its own. */
export function createFabric(
  { ticket, list }: NodeDoor,
  invokeNode: NonNullable<ServiceContext["invokeNode"]>,
  config: () => GatewayConfig,
): NodeFabric {
  return {
    async list() {
      const { nodes = [] } = (await outside(async () => await list?.({}))) ?? {};
      const { allow } = config().gateway?.nodes?.commands ?? {};
      const isLetThrough = Array.isArray(allow) && allow.includes(NODE_COMMAND);
      return nodes.map((node) => factsOf(node, isLetThrough));
    },
    async call(nodeId, request, { timeoutMs, signal }) {
      try {
        const params = { ...request, ticket };
        const answer = await outside(() => invokeNode({ nodeId, command: NODE_COMMAND, params, timeoutMs, signal }));
        return isRecord(answer) ? answer["payload"] : undefined;
      } catch (error) {
        const details = isRecord(error) && isRecord(error["details"]) ? error["details"] : {};
        throw new NodeCallError(errorText(error), details["nodeCommandDispatched"] !== false);
      }
    },
  };
}

/** Why a connected node does not serve, as far as the gateway knows: what is missing first in the order of pairing. */
function whyNotServing({ approvalState, pendingRequestId }: Record<string, unknown>, isLetThrough: boolean): string {
  if (!isLetThrough) return `gateway.nodes.commands.allow does not name ${NODE_COMMAND}`;
  if (typeof pendingRequestId === "string") return `it waits for \`openclaw nodes approve ${pendingRequestId}\``;
  if (approvalState === "unapproved") return "it is not approved; see `openclaw nodes pending`";
  return "the plugin is not installed or not on there, or it has not connected again since it was let through";
}

/** A node of the gateway's list. */
export function factsOf(node: Record<string, unknown>, isLetThrough: boolean): NodeFacts {
  const { nodeId, displayName, commands, lastSeenAtMs } = node;
  const connected = node["connected"] === true;
  const serves = Array.isArray(commands) && commands.includes(NODE_COMMAND);
  return {
    id: String(nodeId),
    name: typeof displayName === "string" ? displayName : "",
    connected,
    serves,
    ...(connected && !serves ? { notServing: whyNotServing(node, isLetThrough) } : {}),
    ...(typeof lastSeenAtMs === "number" ? { lastSeenAtMs } : {}),
  };
}
