import { newToken } from "../../kernel/ids.ts";
import { isRecord } from "../../kernel/record.ts";
import { NODE_COMMAND } from "../../runner/nodes/port.ts";
import { isSince, type PluginApi } from "../gateway/index.ts";
import type { NodeDoor } from "./types.ts";

/** The first gateway that lets a plugin's service ask its own command of a node. */
export const NODES_SINCE = [2026, 9, 6];

/**
 * Keeps everybody else from the command of the nodes: whoever may call nodes, an agent among them, could run anything there.
 * Undefined where the gateway cannot keep such a door.
 */
export function createNodeDoor(api: PluginApi): NodeDoor | undefined {
  const list = api.runtime?.nodes?.list;
  if (!isSince(api.runtime?.version, NODES_SINCE) || list === undefined) return undefined;
  if (api.registerNodeInvokePolicy === undefined) return undefined;
  const ticket = newToken();
  api.registerNodeInvokePolicy({
    commands: [NODE_COMMAND],
    dangerous: true,
    async handle({ params, invokeNode }) {
      const { ticket: given, ...rest } = isRecord(params) ? params : {};
      if (given === ticket) return await invokeNode({ params: rest });
      const message = `${NODE_COMMAND} is asked by the service of Command Cron only; use its jobs`;
      return { ok: false, code: "FORBIDDEN", message };
    },
  });
  return { ticket, list: (query) => list(query) };
}
