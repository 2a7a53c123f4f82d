import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { WebSocket } from "ws";

export type Scope = "operator.read" | "operator.write" | "operator.approvals" | "operator.admin";

export interface GatewayClientOptions {
  url: string;
  token: string;
  scopes: readonly Scope[];
  /** A device identity, or a fresh one; 2026.6.1 grants scopes to none but devices. */
  device?: boolean | Device;
  /** What the client says it is; the gateway treats ids differently. */
  client?: { id: string; mode: string; platform?: string };
  /** Told of every event as it comes; `events` keeps them as well. */
  onEvent?(event: GatewayEvent): void;
}

/** A device that a gateway knows by its key. */
export interface Device {
  id: string;
  /** Both as their 32 bytes in base64url. */
  publicKey: string;
  privateKey: string;
  key: KeyObject;
}

/** What the gateway answers a request that it refuses. */
export class GatewayCallError extends Error {
  readonly code: string;
  readonly details: Record<string, unknown> | undefined;
  readonly retryable: boolean;

  constructor(error: { code?: string; message?: string; details?: Record<string, unknown>; retryable?: boolean }) {
    super(error.message ?? "refused");
    this.code = error.code ?? "";
    this.details = error.details;
    this.retryable = error.retryable ?? false;
  }
}

export interface GatewayEvent {
  event: string;
  payload: unknown;
}

export interface GatewayClient {
  /** Scopes the gateway granted. */
  scopes: string[];
  /** With which the device comes back without the shared token, and with no more than these scopes. */
  deviceToken: string | undefined;
  events: GatewayEvent[];
  call<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T>;
  close(): Promise<void>;
}

interface Frame {
  type: string;
  id?: string;
  ok?: boolean;
  event?: string;
  payload?: unknown;
  error?: ConstructorParameters<typeof GatewayCallError>[0];
}

/** Connects as an operator with the shared token and asks for exactly these scopes. */
export async function connectGateway(options: GatewayClientOptions): Promise<GatewayClient> {
  const socket = new WebSocket(options.url, {
    maxPayload: 64 * 1024 * 1024,
    // Which clients of a browser have to name.
    ...(options.client?.mode === "webchat" ? { origin: options.url.replace(/^ws/, "http") } : {}),
  });
  const pending = new Map<string, { resolve(value: unknown): void; reject(error: Error): void }>();
  const events: GatewayEvent[] = [];
  let challenged: (nonce: string) => void = () => {};
  const challenge = new Promise<string>((resolve) => {
    challenged = resolve;
  });

  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type === "event" && frame.event === "connect.challenge") {
      challenged((frame.payload as { nonce: string }).nonce);
    } else if (frame.type === "event") {
      const event = { event: frame.event ?? "", payload: frame.payload };
      events.push(event);
      options.onEvent?.(event);
    } else if (frame.type === "res" && frame.id !== undefined) {
      const waiting = pending.get(frame.id);
      pending.delete(frame.id);
      if (frame.ok === true) waiting?.resolve(frame.payload);
      else waiting?.reject(new GatewayCallError(frame.error ?? {}));
    }
  });
  socket.on("close", (code, reason) => {
    for (const { reject } of pending.values())
      reject(new Error(`the gateway closed the connection: ${code} ${reason}`));
    pending.clear();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => socket.terminate());

  function call<T>(method: string, params: unknown = {}): Promise<T> {
    const id = randomUUID();
    return new Promise<T>((resolve, reject) => {
      pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      socket.send(JSON.stringify({ type: "req", id, method, params }));
    });
  }

  const nonce = await challenge;
  try {
    const hello = await call<{ auth?: { scopes?: string[]; deviceToken?: string } }>(
      "connect",
      connectParams(options, nonce),
    );
    return {
      scopes: hello.auth?.scopes ?? [],
      deviceToken: hello.auth?.deviceToken,
      events,
      call,
      close: () =>
        new Promise((resolve) => {
          // The gateway may have been stopped.
          if (socket.readyState === socket.CLOSED) resolve();
          socket.once("close", () => resolve());
          socket.close();
        }),
    };
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

function connectParams(options: GatewayClientOptions, nonce: string): Record<string, unknown> {
  const client = { version: "0.0.0", platform: process.platform, ...(options.client ?? { id: "cli", mode: "cli" }) };
  const device = options.device === true ? newDevice() : options.device || undefined;
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client,
    role: "operator",
    scopes: options.scopes,
    caps: [],
    auth: { token: options.token },
    ...(device === undefined ? {} : { device: proofOf(device, client, options, nonce) }),
  };
}

export function newDevice(): Device {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const id = createHash("sha256").update(raw).digest("hex");
  return { id, publicKey: raw.toString("base64url"), privateKey: secret.toString("base64url"), key: privateKey };
}

/** A device proof in the gateway's second form: fields joined by bars, signed with its Ed25519 key. */
function proofOf(
  { id, publicKey, key }: Device,
  client: { id: string; mode: string },
  { scopes, token }: GatewayClientOptions,
  nonce: string,
) {
  const signedAt = Date.now();
  const proof = ["v2", id, client.id, client.mode, "operator", scopes.join(","), signedAt, token, nonce];
  const signature = sign(null, Buffer.from(proof.join("|")), key).toString("base64url");
  return { id, publicKey, signature, signedAt, nonce };
}
