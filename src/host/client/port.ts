import type { Config } from "../../../schema/wire/config.ts";
import type { GatewayClientStatus } from "../../engine/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { outside } from "../gateway/index.ts";
import type { LoopbackAddress } from "./address.ts";

interface RequestOptions {
  timeoutMs?: number;
  /** The answer is what the method comes to, and not that it has begun. */
  expectFinal?: true;
}

/** Requests to the gateway this plugin runs in. */
export interface GatewayPort {
  /** Whether the operator's setting includes this scope. */
  allows(scope: "operator.read" | "operator.write"): boolean;
  /**
   * Asks one method of the gateway and answers what it answered. Connects when there is no connection. Raises
   * GATEWAY_CLIENT_UNAVAILABLE when none can be made, and the gateway's own error when it refuses the request.
   */
  request<T>(method: string, params: unknown, options?: RequestOptions): Promise<T>;
  status(): GatewayClientStatus;
  /** Lets go at once; what is under way fails. */
  close(): void;
}

/** One connection, from its start to its first failure. */
export interface Connection {
  request(method: string, params: unknown, options: RequestOptions & { timeoutMs: number }): Promise<unknown>;
  close(): void;
}

export interface ConnectionEvents {
  open(granted: readonly string[]): void;
  /** It could not be made, or it has ended. */
  failed(error: Error): void;
}

interface GatewayPortDeps {
  /** `approvals`: to ask the gateway's own approvals, and nothing else. */
  mode: NonNullable<Config["gatewayClient"]> | "approvals";
  clock: Clock;
  /** Where the gateway is asked, or what is missing. */
  address(): Promise<LoopbackAddress | { missing: string }>;
  open(address: LoopbackAddress, scopes: readonly string[], on: ConnectionEvents): Promise<Connection>;
}

const SCOPES = {
  off: [],
  read: ["operator.read"],
  write: ["operator.read", "operator.write"],
  approvals: ["operator.approvals"],
} as const;
const CONNECT_MS = 10 * SECOND_MS;
const REQUEST_MS = 10 * SECOND_MS;
/** A connection that nobody needs is closed: every one of them is sent all that the gateway broadcasts. */
const LINGER_MS = MINUTE_MS;
/** After a connection that failed nothing is tried for so long: the gateway counts failed sign-ins. */
const RETRY_MS = 30 * SECOND_MS;

const unavailable = (reason: string, cause?: unknown): CommandCronError =>
  new CommandCronError("GATEWAY_CLIENT_UNAVAILABLE", { details: { reason }, got: reason, cause });

/**
 * The plugin's own client of its gateway: connects when something is asked, lets go when nothing is asked for a while,
 * and begins anew after a failure. Works outside of every request, so that a start by a reload is like one by a boot.
 */
export function createGatewayPort({ mode, clock, address, open }: GatewayPortDeps): GatewayPort {
  const scopes: readonly string[] = SCOPES[mode];
  let connecting: Promise<Connection> | undefined;
  let current: Connection | undefined;
  /** The last one, and until when nothing is tried because of it. */
  let failure: { error: CommandCronError; untilMs: number } | undefined;
  let closed = false;
  let underWay = 0;
  let cancelLinger = (): void => {};
  /** Ends the connection that is being made. */
  let giveUp = (): void => {};

  function letGo(): void {
    cancelLinger();
    const ended = current;
    current = undefined;
    connecting = undefined;
    ended?.close();
  }

  function fail(error: CommandCronError, waitMs = RETRY_MS): CommandCronError {
    failure = { error, untilMs: clock.monotonicMs() + waitMs };
    letGo();
    return error;
  }

  async function connect(): Promise<Connection> {
    const found = await address().catch((error: unknown) => ({ missing: errorText(error) }));
    if (closed) throw unavailable("the service stops");
    // Nobody was asked: right after its start a gateway does not say yet where it listens.
    if ("missing" in found) throw fail(unavailable(found.missing), 0);
    return await new Promise<Connection>((resolve, reject) => {
      let made: Connection | undefined;
      let granted = false;
      let served = false;
      let over = false;
      const end = (reason: string, cause?: unknown): void => {
        if (over) return;
        over = true;
        cancelTimer();
        // One that served ends without ado, and its end is told after it was let go of, too: the next request makes another.
        if (served) {
          if (current === made) letGo();
          return;
        }
        made?.close();
        reject(fail(unavailable(reason, cause)));
      };
      giveUp = () => end("the service stops");
      const cancelTimer = clock.setTimer(() => end(`no answer for ${CONNECT_MS / SECOND_MS} s`), CONNECT_MS);
      function settle(): void {
        if (made === undefined || !granted) return;
        cancelTimer();
        failure = undefined;
        served = true;
        current = made;
        resolve(made);
      }
      const on: ConnectionEvents = {
        open(given) {
          const lacking = scopes.filter((scope) => !given.includes(scope));
          if (lacking.length > 0) return end(`the gateway does not grant ${lacking.join(", ")}`);
          granted = true;
          settle();
        },
        failed: (error) => end(errorText(error), error),
      };
      open(found, scopes, on).then(
        (connection) => {
          made = connection;
          if (over) connection.close();
          else settle();
        },
        (error: unknown) => end(errorText(error), error),
      );
    });
  }

  function connection(): Promise<Connection> {
    if (closed) throw unavailable("the service stops");
    if (mode === "off") throw unavailable('`gatewayClient` is "off"');
    if (current !== undefined) return Promise.resolve(current);
    if (failure !== undefined && clock.monotonicMs() < failure.untilMs) throw failure.error;
    connecting ??= connect().finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  function linger(): void {
    cancelLinger();
    if (underWay === 0 && !closed) cancelLinger = clock.setTimer(letGo, LINGER_MS);
  }

  return {
    allows: (scope) => scopes.includes(scope),
    request: <T>(method: string, params: unknown, { timeoutMs = REQUEST_MS, ...options }: RequestOptions = {}) =>
      outside(async () => {
        underWay += 1;
        // A request that is long under way is no idle connection.
        cancelLinger();
        try {
          return (await (await connection()).request(method, params, { ...options, timeoutMs })) as T;
        } finally {
          underWay -= 1;
          linger();
        }
      }),
    status() {
      if (mode === "off") return { mode, state: "off", detail: 'off: `gatewayClient` is "off"' };
      if (current !== undefined) return { mode, state: "connected", detail: `connected with ${scopes.join(", ")}` };
      if (failure !== undefined) return { mode, state: "unavailable", detail: String(failure.error.details["reason"]) };
      return { mode, state: "idle", detail: `${scopes.join(", ")}; connects when it is needed` };
    },
    close() {
      closed = true;
      giveUp();
      letGo();
    },
  };
}
