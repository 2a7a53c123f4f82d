import type { Gateway } from "../../test/helpers/gateway.ts";
import type { GatewayClient } from "../../test/helpers/gateway-client.ts";

/** The gateway lets a client write to its own cron 30 times a minute; a new connection is a new client. */
const WRITES_A_CLIENT = 29;

export interface Caller {
  /** A call that the gateway does not count. */
  read<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T>;
  /** A call of the gateway's own cron that it counts. */
  write<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T>;
  close(): Promise<void>;
}

/** Measures the engine behind the gateway's budget of writes: connects anew before it is used up. */
export async function createCaller(gateway: Gateway): Promise<Caller> {
  let client = await gateway.connect();
  let writes = 0;
  let renewing: Promise<void> | undefined;
  const open = new Map<GatewayClient, number>();
  const retired = new Set<GatewayClient>();

  async function renew(): Promise<void> {
    const old = client;
    client = await gateway.connect();
    writes = 0;
    retired.add(old);
    await closeIfIdle(old);
  }

  async function closeIfIdle(one: GatewayClient): Promise<void> {
    if (!retired.has(one) || (open.get(one) ?? 0) > 0) return;
    retired.delete(one);
    open.delete(one);
    await one.close();
  }

  async function call<T>(method: string, params: unknown): Promise<T> {
    const through = client;
    open.set(through, (open.get(through) ?? 0) + 1);
    try {
      return await through.call<T>(method, params);
    } finally {
      open.set(through, (open.get(through) ?? 1) - 1);
      await closeIfIdle(through);
    }
  }

  return {
    read: (method, params = {}) => call(method, params),
    async write(method, params = {}) {
      while (writes >= WRITES_A_CLIENT) {
        renewing ??= renew().finally(() => {
          renewing = undefined;
        });
        await renewing;
      }
      writes += 1;
      return await call(method, params);
    },
    async close() {
      await Promise.all([...retired, client].map((one) => one.close()));
    },
  };
}
