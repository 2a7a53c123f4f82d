import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Connection, frameGateway, GatewayError, type NativeHost, nativeGateway } from "../../../page/gateway.ts";
import type { Changed, PageBoot } from "../../../schema/wire/page.ts";

const BOOT: PageBoot = {
  base: "/base",
  ticket: "first",
  version: "1",
  native: false,
  revision: 3,
  now: Date.UTC(2027, 0, 4, 12),
};

/** A browser's event source, whose server is the test. */
class Source {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 0;
  onopen: () => void = () => {};
  onerror: () => void = () => {};
  readonly #heard = new Map<string, (event: { data: string }) => void>();
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    Source.all.push(this);
  }
  addEventListener(name: string, heard: (event: { data: string }) => void): void {
    this.#heard.set(name, heard);
  }
  close(): void {
    this.readyState = Source.CLOSED;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen();
  }
  says(name: string, data: unknown): void {
    this.#heard.get(name)?.({ data: JSON.stringify(data) });
  }
  fails(forGood: boolean): void {
    this.readyState = forGood ? Source.CLOSED : 0;
    this.onerror();
  }
}

const newest = (): Source => Source.all.at(-1) ?? new Source("none");
const asked: URL[] = [];
let answers: () => unknown;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2027, 0, 3, 12) });
  Source.all = [];
  asked.length = 0;
  answers = () => ({ ok: true, result: { fine: true } });
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(new URL(url, "http://gateway"));
    return { json: async () => answers() };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function opened() {
  const reload = vi.fn();
  const gateway = frameGateway(BOOT, reload);
  const changes: Changed[] = [];
  const connections: Connection[] = [];
  gateway.onChange((change) => changes.push(change));
  gateway.onConnection((connection) => connections.push(connection));
  newest().opens();
  return { gateway, reload, changes, connections };
}

describe("in the frame", () => {
  test("a read carries ticket and parameters, and answers the result or the method's refusal", async () => {
    const { gateway } = opened();
    expect(await gateway.read("get", { id: "a&b" })).toEqual({ fine: true });
    expect(asked[0]?.pathname).toBe("/base/read/get");
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({ ticket: "first", params: '{"id":"a&b"}' });
    answers = () => ({ ok: false, error: { code: "JOB_NOT_FOUND", message: "none" } });
    await expect(gateway.read("get")).rejects.toEqual(new GatewayError("JOB_NOT_FOUND", "none"));
    expect(gateway.act).toBeUndefined();
  });

  test("what came with the document is not asked for, once and for the first look alone", async () => {
    const first = [
      { method: "status", params: {}, result: "with it" },
      { method: "list", params: { limit: 60 }, result: "with it" },
    ];
    const gateway = frameGateway({ ...BOOT, first }, vi.fn());
    expect(newest().url).toBe("/base/events?ticket=first&since=3");
    expect(await gateway.read("status")).toBe("with it");
    expect(await gateway.read("status")).toEqual({ fine: true });
    vi.advanceTimersByTime(5_000);
    expect(await gateway.read("list", { limit: 60 })).toEqual({ fine: true });
    expect(asked).toHaveLength(2);
  });

  test("it goes by the gateway's clock, whatever the browser's says", () => {
    const { gateway } = opened();
    expect(gateway.now()).toBe(BOOT.now);
    vi.advanceTimersByTime(5_000);
    expect(gateway.now()).toBe(BOOT.now + 5_000);
  });

  test("a new ticket is taken over without a moment in which nobody listens", async () => {
    const { gateway, changes } = opened();
    const [before] = Source.all;
    before?.says("ticket", { ticket: "second" });
    expect([before?.readyState, newest().url]).toEqual([1, "/base/events?ticket=second"]);
    before?.says("changed", { revision: 1, parts: ["runs"] });
    newest().opens();
    expect(before?.readyState).toBe(Source.CLOSED);
    expect(changes).toEqual([{ revision: 1, parts: ["runs"] }]);
    await gateway.read("status");
    expect(asked.at(-1)?.searchParams.get("ticket")).toBe("second");
  });

  test("a connection that comes back has everything read again", () => {
    const { changes, connections } = opened();
    newest().fails(false);
    newest().opens();
    expect(connections).toEqual(["live", "lost", "live"]);
    expect(changes).toEqual([{ revision: 0, parts: ["alerts", "deliveries", "jobs", "notices", "runs"] }]);
  });

  test("a refused ticket loads the page again; a gateway that is away does not", async () => {
    const { reload, connections } = opened();
    answers = () => {
      throw new TypeError("Failed to fetch");
    };
    newest().fails(true);
    await vi.advanceTimersByTimeAsync(3_000);
    newest().fails(true);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reload).not.toHaveBeenCalled();
    expect(connections.slice(1)).toEqual(["lost", "lost"]);
    answers = () => ({ ok: false, error: { code: "TICKET_REFUSED", message: "ended" } });
    newest().fails(true);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });
});

describe("as a native page", () => {
  function hosted(canAdmin: boolean) {
    const events = new Map<string, (payload: unknown) => void>();
    const listeners = new Set<() => void>();
    const host = {
      connection: { connected: true, canRead: true, canWrite: canAdmin, canAdmin },
      request: vi.fn(async () => ({ fine: true }) as never),
      onEvent: (event: string, listener: (payload: unknown) => void) => {
        events.set(event, listener);
        return () => void events.delete(event);
      },
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const tell = (): void => {
      for (const listener of listeners) listener();
    };
    return { host: host satisfies NativeHost, events, tell, listeners };
  }

  test("it asks with the operator's own scopes, and acts where they allow it", async () => {
    const { host } = hosted(true);
    const gateway = nativeGateway(host);
    await gateway.act?.("run", { id: "a" });
    expect(host.request).toHaveBeenCalledWith("cron.command.run", { id: "a" });
    expect(nativeGateway(hosted(false).host).act).toBeUndefined();
    host.request.mockRejectedValueOnce({ message: "no such job", details: { code: "JOB_NOT_FOUND" } });
    await expect(gateway.read("get")).rejects.toEqual(new GatewayError("JOB_NOT_FOUND", "no such job"));
  });

  test("it hears of changes, reads everything after a time away, and stops when told", () => {
    const { host, events, tell, listeners } = hosted(true);
    const changes: Changed[] = [];
    const stop = nativeGateway(host).onChange((change) => changes.push(change));
    events.get("plugin.command-cron.changed")?.({ revision: 3, parts: ["jobs"] });
    host.connection.connected = false;
    tell();
    host.connection.connected = true;
    tell();
    tell();
    expect(changes.map(({ revision }) => revision)).toEqual([3, 0]);
    stop();
    expect([events.size, listeners.size]).toEqual([0, 0]);
  });
});
