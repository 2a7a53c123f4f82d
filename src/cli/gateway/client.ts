import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import { MAX_TIMER_MS } from "../../kernel/clock.ts";
import { CommandCronError, systemCode } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { type DeviceIdentity, deviceStatement, readDeviceIdentity } from "./device-identity.ts";
import type { Env } from "./places.ts";
import { type GatewayTarget, resolveTarget, shownUrl } from "./target.ts";
import { type Connection, type GatewayCall, GatewayCallError } from "./types.ts";

/** The gateway protocol both supported gateway generations speak. */
const PROTOCOL = 4;
const CLIENT_ID = "cli";
const CLIENT_MODE = "cli";
/** Why a gateway that is not ready yet refuses. */
const STARTING = "startup-sidecars";
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
  const signedBy = ({ id, publicKey, sign }: DeviceIdentity) => ({
    ...{ id, publicKey, signedAt: signedAtMs, nonce },
    signature: sign(deviceStatement(id, facts)),
  });
  const auth = present({ token, password });
  return {
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    client: { id: CLIENT_ID, mode: CLIENT_MODE, version, platform: process.platform },
    role: ROLE,
    scopes: SCOPES,
    caps: [],
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
    ...(device && { device: signedBy(device) }),
  };
}

const unreachable = (target: GatewayTarget, why: string, cause?: unknown): CommandCronError =>
  new CommandCronError("GATEWAY_UNREACHABLE", { got: `${why} at ${shownUrl(target.url)} (${target.from})`, cause });

/** What a failed connection means. Only a refused one says that nothing listens. */
function connectionProblem(error: unknown): string {
  const code = systemCode(error) ?? "";
  const status = /^Unexpected server response: (\d+)$/.exec(String((error as Error).message))?.[1];
  if (code === "ECONNREFUSED") return "nothing listens";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `no host of this name (${code})`;
  if (status === "401" || status === "403")
    return `what answers wants to be signed in to itself, as a proxy before the gateway may (HTTP status ${status}),`;
  if (status !== undefined) return `a server that is no gateway answers with HTTP status ${status}`;
  if (isTlsProblem(code)) return `no secure connection (${code})`;
  return code === "" ? `no connection (${(error as Error).message})` : `no connection (${code})`;
}

const isTlsProblem = (code: string): boolean => /^ERR_(SSL|TLS)_|CERT|^UNABLE_TO_|^EPROTO$|ISSUER/.test(code);

function refusal(frame: Frame, signingIn: boolean): GatewayCallError {
  const { code = "UNAVAILABLE", message = "no reason given", details = {} } = frame.error ?? {};
  const stable = details["code"];
  const starting = details["reason"] === STARTING;
  return new GatewayCallError(message, typeof stable === "string" ? stable : code, details, signingIn && !starting);
}

/** One message of the gateway; undefined when it is none. */
function frameOf(data: unknown): Frame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}

function challengeOf(payload: unknown): Challenge | undefined {
  const { nonce, ts } = (payload ?? {}) as { nonce?: unknown; ts?: unknown };
  if (typeof nonce !== "string") return undefined;
  return typeof ts === "number" ? { nonce, ts } : { nonce };
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
      socket = new WebSocket(target.url, { perMessageDeflate: false, maxPayload: 0, followRedirects: false });
    } catch (error) {
      reject(unreachable(target, "no way to ask", error));
      return;
    }
    const connectId = randomUUID();
    const requestId = randomUUID();
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), Math.min(timeoutMs, MAX_TIMER_MS));
    let done = false;
    const finish = (settle: () => void): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.on("error", () => {}).close(1000);
      settle();
    };
    const fail = (why: string, cause?: unknown): void =>
      finish(() => {
        // One that stands still takes no leave.
        socket.terminate();
        reject(unreachable(target, why, cause));
      });
    const send = (id: string, name: string, body: unknown): void =>
      socket.send(JSON.stringify({ type: "req", id, method: name, params: body }));

    socket.on("message", (data) => {
      const frame = frameOf(data);
      if (frame === undefined) fail("a server that is no gateway answers");
      else if (frame.type === "event" && frame.event === "connect.challenge") {
        const challenge = challengeOf(frame.payload);
        if (challenge === undefined) fail("a server that is no gateway answers");
        else send(connectId, "connect", connectParams(target, challenge, device, version));
      } else if (frame.type === "res" && frame.id === connectId) {
        if (frame.ok === true) send(requestId, method, params);
        else finish(() => reject(refusal(frame, true)));
      } else if (frame.type === "res" && frame.id === requestId) {
        finish(() => (frame.ok === true ? resolve(frame.payload) : reject(refusal(frame, false))));
      }
    });
    socket.on("error", (error) => fail(connectionProblem(error), error));
    socket.on("close", (code, reason) =>
      fail(reason.length === 0 ? `the connection was closed (${code})` : `${reason}`),
    );
  });
}

/** A gateway that is still starting says when to come back. */
function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof GatewayCallError) || error.details["reason"] !== STARTING) return undefined;
  const wait = error.details["retryAfterMs"];
  return typeof wait === "number" && wait > 0 ? wait : 500;
}

/** A gateway of this machine that wants what is not in our reach: a secret from elsewhere, a paired device, its certificate. */
const needsOwnClient = (error: unknown, target: GatewayTarget): boolean =>
  target.whose !== "stranger" &&
  (error instanceof GatewayCallError
    ? error.signingIn && target.token === undefined && target.password === undefined
    : error instanceof CommandCronError && isTlsProblem(systemCode(error.cause) ?? ""));

/** A refusal to let us in says which credentials were tried, or where they were looked for. */
function explained(error: unknown, target: GatewayTarget): unknown {
  if (!(error instanceof GatewayCallError && error.signingIn)) return error;
  const found = target.token !== undefined || target.password !== undefined;
  const said = found ? `asked with the secret of ${target.looked}` : `no token and no password found: ${target.looked}`;
  return new GatewayCallError(`${error.message} (${said})`, error.code, error.details, true);
}

export interface ClientOptions {
  env: Env;
  cwd: string;
  version: string;
  /** The gateway's own client, where it is installed beside this program; much slower. */
  ownClient?: () => Promise<GatewayCall | undefined>;
}

/**
 * Asks this machine's gateway, or the one the flags name. Raises GatewayCallError when it refuses, GATEWAY_UNREACHABLE
 * when it does not answer in time, CREDENTIALS_MISSING when it is another gateway and nothing was given for it.
 */
export function createGatewayCall({ env, cwd, version, ownClient }: ClientOptions): GatewayCall {
  return async (method: string, params: unknown, connection: Connection) => {
    const target = await resolveTarget(connection, env, cwd);
    const viaOwn = async (): Promise<GatewayCall | undefined> => await ownClient?.();
    const own = target.pending ? await viaOwn() : undefined;
    if (own !== undefined) return own(method, params, connection);
    const device = readDeviceIdentity(target.stateDir);
    const endMs = Date.now() + connection.timeoutMs;
    for (;;) {
      const timeoutMs = Math.max(1, endMs - Date.now());
      try {
        return await exchange({ target, method, params, timeoutMs, device, version });
      } catch (error) {
        const waitMs = retryAfterMs(error);
        if (waitMs !== undefined && Date.now() + waitMs < endMs) await pause(waitMs);
        else {
          const other = needsOwnClient(error, target) ? await viaOwn() : undefined;
          if (other === undefined) throw explained(error, target);
          return other(method, params, connection);
        }
      }
    }
  };
}
