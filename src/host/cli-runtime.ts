import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { type GatewayCall, registerCommandCronCli } from "../cli/index.ts";

/** Asks through the gateway's own client: its config, its device identity, its rules for remote gateways. */
const call: GatewayCall = async (method, params, connection) => {
  const { timeoutMs, ...flags } = connection;
  return await callGatewayFromCli(method, { ...flags, timeout: String(timeoutMs), json: true }, params, {
    progress: false,
  });
};

type Program = Parameters<typeof registerCommandCronCli>[0]["program"];

/** `program` is the gateway's commander, another copy of the library than ours; only its public methods are used. */
export function addToGatewayCli(program: unknown): void {
  registerCommandCronCli({ program: program as Program, call });
}
