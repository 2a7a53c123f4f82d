import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

/** Where the gateway keeps a way out of every request, made before there was one. Unknown to older gateways. */
const GATEWAYS = Symbol.for("openclaw.detachedAsyncContext");
/** Ours: made when this process first read the plugin in, whichever copy of it that was. */
const OURS = Symbol.for("openclaw-command-cron.outside");

const shared = globalThis as unknown as Record<symbol, unknown>;
shared[OURS] ??= AsyncLocalStorage.snapshot();

/**
 * Runs what outlives a request outside of it. A plugin may be started by a request, and the gateway refuses work that is
 * begun, however much later, in the context of a request that has ended.
 */
export function outside<T>(work: () => T): T {
  const gateways = shared[GATEWAYS];
  if (gateways instanceof AsyncResource) return gateways.runInAsyncScope(work);
  return (shared[OURS] as <R>(work: () => R) => R)(work);
}
