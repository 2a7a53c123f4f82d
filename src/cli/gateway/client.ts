import { randomUUID } from "node:crypto";
import { CommandCronError } from "../../kernel/errors.ts";
import { type GatewayTarget, resolveTarget } from "./config.ts";
import { type DeviceIdentity, deviceStatement, readDeviceIdentity } from "./device-identity.ts";
import { type Connection, type GatewayCall, GatewayCallError } from "./types.ts";

/** The gateway protocol both supported gateway generations speak. */
const PROTOCOL = 4;
const CLIENT_ID = "cli";
const CLIENT_MODE = "cli";
const ROLE = "operator";
const SCOPES = ["operator.admin", "operator.read", "operator.write"];

interface Frame {
  type?: string;
  event?: string;
  id?: string;
  ok?: boolean;
  payload?: unknown;
  error?: { code?: string; message?: string; retryAfterMs?: number; details?: Record<string, unknown> };
}

interface Challenge {
  nonce: string;
  ts?: number;
}

function connectParams(
  target: GatewayTarget,
  challenge: Challenge,
  device: DeviceIdentity | undefined,
  version: string,
) {
  const { token, password } = target;
  const signedAtMs = challenge.ts ?? Date.now();
  const { nonce } = challenge;
  const facts = {
    clientId: CLIENT_ID,
    clientMode: CLIENT_MODE,
    role: ROLE,
    scopes: SCOPES,
    signedAtMs,
    token: token ?? "",
    nonce,
    platform: process.platform,
  };
  const auth = { ...(token === undefined ? {} : { token }), ...(password === undefined ? {} : { password }) };
  return {
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    client: { id: CLIENT_ID, mode: CLIENT_MODE, version, platform: process.platform },
    role: ROLE,
    scopes: SCOPES,
    caps: [],
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
    ...(device === undefined
      ? {}
      : {
          device: {
            id: device.id,
            publicKey: device.publicKey,
            signature: device.sign(deviceStatement(device.id, facts)),
            signedAt: signedAtMs,
            nonce,
          },
        }),
  };
}

/** The address without anything secret in it. */
function shown(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return "an address that is no URL";
  }
}

const unreachable = (target: GatewayTarget, why: string, cause?: unknown): CommandCronError =>
  new CommandCronError("GATEWAY_UNREACHABLE", { got: `${why} at ${shown(target.url)}`, cause });

function refusal(frame: Frame): GatewayCallError {
  const { code = "UNAVAILABLE", message = "no reason given", details = {} } = frame.error ?? {};
  const stable = details["code"];
  return new GatewayCallError(message, typeof stable === "string" ? stable : code, details);
}

interface Exchange {
  target: GatewayTarget;
  method: string;
  params: unknown;
  timeoutMs: number;
  device: DeviceIdentity | undefined;
  version: string;
}

/** One connection, one question, one answer. */
function exchange({ target, method, params, timeoutMs, device, version }: Exchange): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(target.url);
    } catch (error) {
      reject(unreachable(target, "it cannot be addressed", error));
      return;
    }
    const connectId = randomUUID();
    const requestId = randomUUID();
    const timer = setTimeout(
      () => finish(() => reject(unreachable(target, `no answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    let done = false;
    const finish = (settle: () => void): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.close(1000);
      settle();
    };
    const send = (id: string, name: string, body: unknown): void =>
      socket.send(JSON.stringify({ type: "req", id, method: name, params: body }));

    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(String(event.data)) as Frame;
      if (frame.type === "event" && frame.event === "connect.challenge") {
        send(connectId, "connect", connectParams(target, frame.payload as Challenge, device, version));
      } else if (frame.type === "res" && frame.id === connectId) {
        if (frame.ok === true) send(requestId, method, params);
        else finish(() => reject(refusal(frame)));
      } else if (frame.type === "res" && frame.id === requestId) {
        finish(() => (frame.ok === true ? resolve(frame.payload) : reject(refusal(frame))));
      }
    });
    socket.addEventListener("error", () => finish(() => reject(unreachable(target, "nothing listens"))));
    socket.addEventListener("close", (event) => {
      const why = event.reason === "" ? `the connection was closed (${event.code})` : event.reason;
      finish(() => reject(unreachable(target, why)));
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A gateway that is still starting says when to come back. */
function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof GatewayCallError) || error.details["reason"] !== "startup-sidecars") return undefined;
  const wait = error.details["retryAfterMs"];
  return typeof wait === "number" && wait > 0 ? wait : 500;
}

/**
 * Asks this machine's gateway, or the one the flags name. Raises GatewayCallError when it refuses and
 * GATEWAY_UNREACHABLE when it does not answer in time.
 */
export function createGatewayCall(env: Readonly<Record<string, string | undefined>>, version: string): GatewayCall {
  return async (method: string, params: unknown, connection: Connection) => {
    const target = resolveTarget(connection, env);
    const device = readDeviceIdentity(env);
    const endMs = Date.now() + connection.timeoutMs;
    for (;;) {
      const timeoutMs = Math.max(1, endMs - Date.now());
      try {
        return await exchange({ target, method, params, timeoutMs, device, version });
      } catch (error) {
        const waitMs = retryAfterMs(error);
        if (waitMs === undefined || Date.now() + waitMs >= endMs) throw error;
        await pause(waitMs);
      }
    }
  };
}
