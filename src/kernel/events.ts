import { errorText } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** Committed facts that rooms and the host may react to. Payloads carry ids, never records: listeners read again. */
export interface EventMap {
  "job-changed": { jobId: string; change: "added" | "updated" | "removed" };
  "run-queued": { jobId: string; runId: string };
  /** A request can be asked, or is over. */
  "approval-changed": { runId: string };
  "run-started": { runId: string; attempt: number };
  /** It said something new of how far it is. */
  "run-progress": { runId: string };
  "run-finished": { jobId: string; runId: string; status: string };
  "delivery-changed": { deliveryId: string; state: string };
  "alert-changed": { alertId: string; state: "open" | "closed" };
  /** Something about the gateway's own jobs. */
  "observed-changed": Record<string, never>;
  notice: { code: string; message: string };
}

export type EventName = keyof EventMap;
type Listener<K extends EventName> = (payload: EventMap[K]) => void;

export interface Events {
  on<K extends EventName>(name: K, listener: Listener<K>): () => void;
  emit<K extends EventName>(name: K, payload: EventMap[K]): void;
}

/** A synchronous bus. A listener that throws is logged and cannot break the sender or the other listeners. */
export function createEvents(logger: Logger): Events {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(payload as never);
        } catch (error) {
          logger.error(`listener of ${name} failed: ${errorText(error)}`);
        }
      }
    },
  };
}
