import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { type GatewayCall, registerCommandCronCli, resolveTarget } from "../cli/index.ts";
import { CommandCronError, errorText } from "../kernel/errors.ts";
import { present } from "../kernel/present.ts";

/** WebSocket's codes for an end that says nothing about us: it went away, was cut, restarts. */
const GONE = [1001, 1005, 1006, 1012, undefined];

/** That nobody answers is one error in both doors. */
function explained(error: unknown): unknown {
  const { name, kind, code } = (error ?? {}) as { name?: unknown; kind?: unknown; code?: number };
  if (name !== "GatewayTransportError" || (kind !== "timeout" && !GONE.includes(code))) return error;
  const [first = ""] = errorText(error).split("\n");
  return new CommandCronError("GATEWAY_UNREACHABLE", { got: first.replace(/\.$/, ""), cause: error });
}

/**
 * Asks through the gateway's own client: its config, its device identity, its rules for remote gateways. An address of
 * the environment gets what stands beside it and nothing else, as in our own client.
 */
export const callGateway: GatewayCall = async (method, params, connection) => {
  const { timeoutMs, ...flags } = connection;
  const { whose, url, token, password } = await resolveTarget(flags, process.env, process.cwd());
  const named = whose === "stranger" ? { url, ...present({ token, password }) } : flags;
  try {
    return await callGatewayFromCli(method, { ...named, timeout: String(timeoutMs), json: true }, params, {
      progress: false,
    });
  } catch (error) {
    throw explained(error);
  }
};

type Program = Parameters<typeof registerCommandCronCli>[0]["program"];

/** `program` is the gateway's commander, another copy of the library than ours; only its public methods are used. */
export function addToGatewayCli(program: unknown): void {
  registerCommandCronCli({ program: program as Program, call: callGateway });
}
