import { orUndefined } from "../../kernel/or-undefined.ts";
import { present } from "../../kernel/present.ts";
import type { NodeServer } from "../../runner/index.ts";
import { NODE_COMMAND } from "../../runner/nodes/port.ts";
import { isSince, type PluginApi } from "../gateway/index.ts";
import type { PluginFiles } from "../types.ts";
import { NODES_SINCE } from "./door.ts";

/**
 * The command that this plugin serves where it is installed on a node. The gateway registers it as well, since only who owns
 * a command may ask it of a node; nothing happens until it is asked.
 */
export function registerNodeCommand(api: PluginApi, files: PluginFiles): void {
  if (api.registerNodeHostCommand === undefined || !isSince(api.runtime?.version, NODES_SINCE)) return;
  let server: Promise<NodeServer> | undefined;
  api.registerNodeHostCommand({
    command: NODE_COMMAND,
    cap: "command-cron",
    dangerous: true,
    // The runner outlives the node's own process.
    hasActiveWork: () => false,
    async handle(paramsJSON, _io, context) {
      // Everything that does work is loaded when it is needed.
      server ??= import("./server.ts").then(({ createServer }) => createServer(api, files));
      const request: unknown = orUndefined(() => JSON.parse(paramsJSON ?? "null"));
      const authorize = (): void => {
        // The node's own exec policy; what needs a person's approval is refused, since nobody is there to ask.
        context?.prepareExecAuthorization?.("session-full")();
      };
      const asked = { authorize, ...present({ signal: context?.signal }) };
      return JSON.stringify(await (await server).answer(request, asked));
    },
  });
}
