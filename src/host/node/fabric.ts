import { errorText } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { NODE_COMMAND, NodeCallError, type NodeFabric, type NodeFacts } from "../../runner/nodes/port.ts";
import { outside, type ServiceContext } from "../gateway/index.ts";
import type { NodeDoor } from "./types.ts";

/** The gateway's nodes as this plugin reaches them: through the gateway itself, without a connection or credential of its own. */
export function createFabric(
  { ticket, list }: NodeDoor,
  invokeNode: NonNullable<ServiceContext["invokeNode"]>,
): NodeFabric {
  return {
    async list() {
      const { nodes = [] } = (await outside(async () => await list?.({}))) ?? {};
      return nodes.map(factsOf);
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

function factsOf(node: Record<string, unknown>): NodeFacts {
  const { nodeId, displayName, connected, commands, lastSeenAtMs } = node;
  return {
    id: String(nodeId),
    name: typeof displayName === "string" ? displayName : "",
    connected: connected === true,
    serves: Array.isArray(commands) && commands.includes(NODE_COMMAND),
    ...(typeof lastSeenAtMs === "number" ? { lastSeenAtMs } : {}),
  };
}
