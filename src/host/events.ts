import type { Changed } from "../../schema/wire/page.ts";
import type { Clock } from "../kernel/clock.ts";
import type { EventName, Events } from "../kernel/events.ts";

/** Which part of the state a client should read again. */
const PARTS: Record<EventName, string> = {
  "job-changed": "jobs",
  "run-queued": "runs",
  "approval-changed": "runs",
  "run-started": "runs",
  "run-progress": "progress",
  "run-finished": "runs",
  "delivery-changed": "deliveries",
  "alert-changed": "alerts",
  "observed-changed": "jobs",
  notice: "notices",
};
/** Changes of this long are told together: a client rereads, it does not count. */
const GATHER_MS = 200;

/**
 * Tells what changed, gathered: to connected clients as the event `plugin.command-cron.changed {revision, parts}`, and to
 * open pages. Answers how to stop.
 */
export function forwardEvents(events: Events, clock: Clock, tell: (change: Changed) => void): () => void {
  const changed = new Set<string>();
  let revision = 0;
  let cancelTimer: (() => void) | undefined;

  function gathered(): void {
    cancelTimer = undefined;
    revision += 1;
    tell({ revision, parts: [...changed].sort() });
    changed.clear();
  }

  const names = Object.keys(PARTS) as EventName[];
  const stops = names.map((name) =>
    events.on(name, () => {
      changed.add(PARTS[name]);
      cancelTimer ??= clock.setTimer(gathered, GATHER_MS);
    }),
  );
  return () => {
    for (const stop of stops) stop();
    cancelTimer?.();
  };
}
