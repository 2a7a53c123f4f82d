import {
  type ClientEvents,
  createOperatorApprovalsGatewayClient,
  GatewayClient,
} from "openclaw/plugin-sdk/gateway-runtime";
import { isSince } from "../gateway/index.ts";
import type { LoopbackAddress } from "./address.ts";
import type { Connection, ConnectionEvents } from "./port.ts";

/** From here on a client that says who it is by the gateway's credential alone gets the scopes it asks for. */
const WITHOUT_DEVICE = [2026, 9, 6];

const heard = (on: ConnectionEvents): ClientEvents => ({
  onHelloOk: (hello) => on.open(hello.auth?.scopes ?? []),
  onConnectError: on.failed,
  onClose: (code, reason) => on.failed(new Error(`closed: ${code}${reason === "" ? "" : ` ${reason}`}`)),
});

function started(client: GatewayClient): Connection {
  client.start();
  return {
    request: (method, params, options) => client.request(method, params, options),
    close: () => client.stop(),
  };
}

/** Opens one connection through the gateway's own client class. 2026.6.1 grants scopes to none but devices. */
export function openSdkConnection(
  version: string | undefined,
  address: LoopbackAddress,
  scopes: readonly string[],
  on: ConnectionEvents,
): Connection {
  const client = new GatewayClient({
    ...address,
    role: "operator",
    scopes: [...scopes],
    clientName: "gateway-client",
    clientDisplayName: "Command Cron",
    mode: "backend",
    ...(isSince(version, WITHOUT_DEVICE) ? { deviceIdentity: null } : {}),
    ...heard(on),
  });
  return started(client);
}

/** The gateway's own client for whoever asks its approvals: it finds its credential itself, and may do nothing else. */
export async function openApprovalsConnection(config: unknown, on: ConnectionEvents): Promise<Connection> {
  const client = await createOperatorApprovalsGatewayClient({
    config,
    clientDisplayName: "Command Cron",
    ...heard(on),
  });
  return started(client);
}
