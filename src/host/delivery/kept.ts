import type * as Queue from "openclaw/plugin-sdk/delivery-queue-runtime";
import { newId } from "../../kernel/ids.ts";

type Drain = typeof Queue.drainPendingDeliveries;

/**
 * The ids of the messages that the gateway keeps in its queue. It is asked to send none of them: its only reader is the
 * one that sends what it is told to. undefined: this gateway has no such reader.
 */
export async function keptByGateway(
  config: unknown,
  load: () => Promise<{ drainPendingDeliveries: Drain }> = () => import("openclaw/plugin-sdk/delivery-queue-runtime"),
): Promise<ReadonlySet<string> | undefined> {
  const queue = await load().catch(() => undefined);
  if (typeof queue?.drainPendingDeliveries !== "function") return undefined;
  const kept = new Set<string>();
  await queue.drainPendingDeliveries({
    drainKey: `command-cron:${newId()}`,
    logLabel: "command-cron",
    cfg: config,
    log: { info() {}, warn() {}, error() {} },
    selectEntry({ id }) {
      if (id !== undefined) kept.add(id);
      return { match: false, bypassBackoff: false };
    },
  });
  return kept;
}
