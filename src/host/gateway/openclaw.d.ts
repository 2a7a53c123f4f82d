// The parts of the gateway's plugin SDK that are used, as far as they are used. `openclaw` itself is no dependency:
// the gateway that loads the plugin brings it. Checked against 2026.6.1 and 2026.9.6 by the end-to-end tests.

declare module "openclaw/plugin-sdk/channel-outbound" {
  export interface DurableSendParams {
    cfg: unknown;
    channel: string;
    to: string;
    accountId?: string;
    threadId?: string | number;
    payloads: { text: string; presentation?: unknown; replyToId?: string; mediaUrl?: string }[];
    /** No sound, where the channel knows sounds. */
    silent?: boolean;
    durability: "required" | "best_effort";
    /** 2026.9.6: what was provably not sent is given back instead of being kept for a retry. Unknown to 2026.6.1, which never retries. */
    deliveryRetryOwner?: "caller";
    /** The message has got its place in the gateway's queue, before anything is sent. */
    onDeliveryIntent?(intent: { id?: string } | undefined): void;
    signal?: AbortSignal;
  }
  export interface DurableSendResult {
    status: "sent" | "suppressed" | "partial_failed" | "failed";
    results?: { messageId?: string }[];
    receipt?: { primaryPlatformMessageId?: string; platformMessageIds?: string[] };
    deliveryIntent?: { id?: string };
    reason?: string;
    stage?: "platform_send" | "queue" | "unknown";
    error?: unknown;
  }
  export function sendDurableMessageBatch(params: DurableSendParams): Promise<DurableSendResult>;
}

declare module "openclaw/plugin-sdk/delivery-queue-runtime" {
  export interface DrainParams {
    /** Two with the same key never run at once: the second returns without a look. */
    drainKey: string;
    logLabel: string;
    cfg: unknown;
    log: { info(text: string): void; warn(text: string): void; error(text: string): void };
    /** Asked for each message that waits; only those that match are sent. */
    selectEntry(entry: { id?: string }): { match: boolean; bypassBackoff: boolean };
  }
  export function drainPendingDeliveries(params: DrainParams): Promise<void>;
}

declare module "openclaw/plugin-sdk/ssrf-runtime" {
  export interface GuardedFetchParams {
    url: string;
    init: { method: string; headers: Record<string, string>; body?: string };
    policy?: unknown;
    timeoutMs: number;
    maxRedirects: number;
    signal?: AbortSignal;
  }
  export function fetchWithSsrFGuard(
    params: GuardedFetchParams,
  ): Promise<{ response: Response; release?: () => Promise<void> }>;
}

declare module "openclaw/plugin-sdk/runtime-config-snapshot" {
  export function getRuntimeConfig(): unknown;
}

declare module "openclaw/plugin-sdk/secret-input-runtime" {
  export function resolveConfiguredSecretInputString(params: {
    config: unknown;
    env: NodeJS.ProcessEnv;
    value: unknown;
    path: string;
  }): Promise<{ value?: string; unresolvedRefReason?: string }>;
}

declare module "openclaw/plugin-sdk/session-store-runtime" {
  export function getSessionEntry(params: { agentId?: string; sessionKey: string }): unknown;
  /** Absent on 2026.6.1. */
  export const deliveryContextFromSession:
    | ((
        entry: unknown,
      ) => { channel?: string; to?: string; accountId?: string; threadId?: string | number } | undefined)
    | undefined;
}

declare module "openclaw/plugin-sdk/gateway-runtime" {
  export interface ClientEvents {
    onHelloOk(hello: { auth?: { scopes?: string[] } }): void;
    onConnectError(error: Error): void;
    onClose(code: number, reason: string): void;
  }
  export interface ClientOptions extends ClientEvents {
    url: string;
    token?: string;
    password?: string;
    role: "operator";
    scopes: string[];
    clientName: string;
    clientDisplayName: string;
    mode: string;
    /** null: none. Absent: the gateway's own. */
    deviceIdentity?: null;
  }
  export class GatewayClient {
    constructor(options: ClientOptions);
    start(): void;
    stop(): void;
    request(method: string, params: unknown, options: { timeoutMs: number; expectFinal?: boolean }): Promise<unknown>;
  }
  /** With `operator.approvals` and no other scope; it finds address and credential itself. */
  export function createOperatorApprovalsGatewayClient(
    options: Pick<ClientOptions, "clientDisplayName"> & ClientEvents & { config: unknown },
  ): Promise<GatewayClient>;
  export function callGatewayFromCli(
    method: string,
    options: { url?: string; port?: string; token?: string; password?: string; timeout?: string; json?: boolean },
    params: unknown,
    extra?: { progress?: boolean },
  ): Promise<unknown>;
}
