import type { Clock } from "../kernel/clock.ts";
import type { EventName, Events } from "../kernel/events.ts";
import type { ServiceContext } from "./gateway/index.ts";

/** Which part of the state a client should read again. */
const PARTS: Record<EventName, string> = {
  "job-changed": "jobs",
  "run-queued": "runs",
  "run-started": "runs",
  "run-finished": "runs",
  "delivery-changed": "deliveries",
  "alert-changed": "alerts",
  notice: "notices",
};
/** Changes of this long are told together: a client rereads, it does not count. */
const GATHER_MS = 200;

/**
 * Tells connected clients that something changed, as the event `plugin.command-cron.changed {revision, parts}`. Answers
 * how to stop. Gateways without plugin events are told nothing.
 */
export function forwardEvents(events: Events, gateway: ServiceContext["gatewayEvents"], clock: Clock): () => void {
  if (gateway === undefined) return () => {};
  const changed = new Set<string>();
  let revision = 0;
  let cancelTimer: (() => void) | undefined;

  function tell(): void {
    cancelTimer = undefined;
    revision += 1;
    gateway?.emit("changed", { revision, parts: [...changed].sort() }, { scope: "operator.read" });
    changed.clear();
  }

  const names = Object.keys(PARTS) as EventName[];
  const stops = names.map((name) =>
    events.on(name, () => {
      changed.add(PARTS[name]);
      cancelTimer ??= clock.setTimer(tell, GATHER_MS);
    }),
  );
  return () => {
    for (const stop of stops) stop();
    cancelTimer?.();
  };
}
