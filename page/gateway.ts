import type { Changed, PageAnswer, PageBoot } from "../schema/wire/page.ts";
import { CHANGED_PARTS } from "../src/kernel/page.ts";

/** Whether changes are being told: `live`, or `lost` while the gateway cannot be reached. */
export type Connection = "live" | "lost";

/** The gateway as the views ask it, in a frame or as a native page. */
export interface Gateway {
  /** True where the operator's own scopes stand behind every call. */
  readonly native: boolean;
  /** The answer of `cron.command.<method>`. Raises a GatewayError. */
  read<T>(method: string, params?: object): Promise<T>;
  /** As `read`, for methods that change something. Absent where the page may only look. */
  act?<T>(method: string, params?: object): Promise<T>;
  /** Calls back for every change, and with every part after a time without connection. Answers how to stop. */
  onChange(fn: (change: Changed) => void): () => void;
  onConnection(fn: (connection: Connection) => void): () => void;
  /** The gateway's clock, which schedules go by; the browser's may be off. */
  now(): number;
}

/** `code` is one of docs/errors.md, or `UNREACHABLE`. */
export class GatewayError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "GatewayError";
    this.code = code;
  }
}

/** How long until a connection that was refused is tried again. */
const AGAIN_MS = 3_000;

export function listeners<T>(): { add(fn: (value: T) => void): () => void; tell(value: T): void } {
  const all = new Set<(value: T) => void>();
  return {
    add(fn) {
      all.add(fn);
      return () => void all.delete(fn);
    },
    tell(value) {
      for (const fn of all) fn(value);
    },
  };
}

/** What came with the document is older than what is asked for later. */
const FIRST_LOOK_MS = 5_000;
const keyOf = (method: string, params: object): string => `${method} ${JSON.stringify(params)}`;

/** In the Control UI's frame: reads and events under the ticket the document came with. */
export function frameGateway(boot: PageBoot, reload: () => void, reloadSoon: () => void = reload): Gateway {
  let ticket = boot.ticket;
  const changes = listeners<Changed>();
  const connections = listeners<Connection>();
  const aheadMs = boot.now - Date.now();

  const url = (path: string, query: Record<string, string> = {}) =>
    `${boot.base}/${path}?${new URLSearchParams({ ticket, ...query })}`;

  // Each is good for one question, and for the first look alone.
  const first = new Map((boot.first ?? []).map(({ method, params, result }) => [keyOf(method, params), result]));
  setTimeout(() => first.clear(), FIRST_LOOK_MS);

  async function read<T>(method: string, params: object = {}): Promise<T> {
    const key = keyOf(method, params);
    if (first.has(key)) {
      const result = first.get(key) as T;
      first.delete(key);
      return result;
    }
    let answer: PageAnswer<T>;
    try {
      const response = await fetch(url(`read/${method}`, { params: JSON.stringify(params) }), { credentials: "omit" });
      answer = (await response.json()) as PageAnswer<T>;
    } catch {
      throw new GatewayError("UNREACHABLE", "The gateway cannot be reached.");
    }
    if (answer.ok) return answer.result;
    if (answer.error.code === "TICKET_REFUSED") reload();
    throw new GatewayError(answer.error.code, answer.error.message);
  }

  /**
   * The browser connects again by itself unless it is refused; whether that is the ticket's end, a read tells. `before` is
   * let go once this one is open, so that nothing falls between the two.
   */
  function listen(lostBefore: boolean, before?: EventSource): void {
    const source = new EventSource(url("events", before === undefined ? { since: String(boot.revision) } : {}));
    let lost = lostBefore;
    source.onopen = () => {
      before?.close();
      connections.tell("live");
      if (lost) changes.tell({ revision: 0, parts: CHANGED_PARTS });
      lost = false;
    };
    source.onerror = () => {
      before?.close();
      lost = true;
      connections.tell("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => {
        void read("lanes").catch(() => {});
        listen(true);
      }, AGAIN_MS);
    };
    source.addEventListener("changed", (event) => changes.tell(JSON.parse(event.data) as Changed));
    // Before it is refused anything: its reader is asked for again, at a moment when nobody looks.
    source.addEventListener("ending", reloadSoon);
    source.addEventListener("ticket", (event) => {
      ticket = (JSON.parse(event.data) as { ticket: string }).ticket;
      // The address of a source cannot be changed, and a connection lost later would come back with the old ticket.
      listen(false, source);
    });
  }
  listen(false);

  return {
    native: false,
    read,
    onChange: changes.add,
    onConnection: connections.add,
    now: () => Date.now() + aheadMs,
  };
}

/** The Control UI as it serves a native page; its calls carry the operator's own scopes. */
export interface NativeHost {
  readonly connection: { connected: boolean; canRead: boolean; canWrite: boolean; canAdmin: boolean };
  request<T>(method: string, params?: object): Promise<T>;
  onEvent(event: string, listener: (payload: unknown) => void): () => void;
  /** Calls back when anything of it changed, `connection` too. */
  subscribe(listener: () => void): () => void;
}

/** As a page of the Control UI itself. */
export function nativeGateway(host: NativeHost): Gateway {
  async function ask<T>(method: string, params: object = {}): Promise<T> {
    try {
      return await host.request<T>(`cron.command.${method}`, params);
    } catch (thrown) {
      const { message, details } = thrown as { message?: string; details?: { code?: string } };
      throw new GatewayError(details?.code ?? "UNREACHABLE", message ?? String(thrown));
    }
  }
  return {
    native: true,
    read: ask,
    ...(host.connection.canAdmin ? { act: ask } : {}),
    onChange: (fn) => {
      let connected = host.connection.connected;
      const stops = [
        host.onEvent("plugin.command-cron.changed", (payload) => fn(payload as Changed)),
        host.subscribe(() => {
          if (!connected && host.connection.connected) fn({ revision: 0, parts: CHANGED_PARTS });
          connected = host.connection.connected;
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    onConnection: (fn) => host.subscribe(() => fn(host.connection.connected ? "live" : "lost")),
    now: () => Date.now(),
  };
}
