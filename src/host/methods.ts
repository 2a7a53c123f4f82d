import type { Caller } from "../engine/api.ts";
import { isAgentCaller } from "./agents/index.ts";
import type { GatewayClientInfo, MethodHandler, PluginApi } from "./gateway/index.ts";
import { METHOD_SCOPES } from "./method-scopes.ts";
import type { Service } from "./service.ts";

/** Registers every method of the table; each asks the service of this registration. */
export function registerMethods(api: PluginApi, service: Service): void {
  for (const [name, scope] of Object.entries(METHOD_SCOPES)) {
    api.registerGatewayMethod(name, createHandler(service, name), { scope });
  }
}

/** Always answers: a handler that stays silent leaves its caller waiting for ever. */
function createHandler(service: Service, name: string): MethodHandler {
  return async ({ params, client, respond }) => {
    const refused = isAgentCaller(client);
    const answer = await service.call(name, params, callerOf(client), refused ? "AGENT_REFUSED" : undefined);
    if (answer.ok) respond(true, answer.payload);
    else respond(false, undefined, answer.error);
  };
}

/** A short name for the audit trail; nothing else of `client` may leave this function. */
function callerOf(client: GatewayClientInfo | null | undefined): Caller {
  const { id, mode } = client?.connect?.client ?? {};
  return { label: id === undefined ? "gateway" : id === mode || mode === undefined ? id : `${id} (${mode})` };
}
