import { expect, test } from "vitest";
import { forwardEvents } from "../../src/host/events.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";

function handClock() {
  const waiting: (() => void)[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    setTimer: (fn) => {
      waiting.push(fn);
      return () => void waiting.splice(waiting.indexOf(fn), 1);
    },
  };
  return { clock, fire: () => waiting.splice(0).map((fn) => fn()), waiting };
}

test("changes are gathered into one small event that says what to read again", () => {
  const { clock, fire, waiting } = handClock();
  const events = createEvents(silentLogger);
  const told: unknown[] = [];
  const stop = forwardEvents(events, clock, (change) => void told.push(change));
  events.emit("run-started", { runId: "r", attempt: 1 });
  events.emit("run-finished", { jobId: "j", runId: "r", status: "succeeded" });
  events.emit("delivery-changed", { deliveryId: "d", state: "sent" });
  fire();
  events.emit("job-changed", { jobId: "j", change: "added" });
  fire();
  expect(told).toEqual([
    { revision: 1, parts: ["deliveries", "runs"] },
    { revision: 2, parts: ["jobs"] },
  ]);
  events.emit("job-changed", { jobId: "j", change: "removed" });
  stop();
  events.emit("job-changed", { jobId: "j", change: "added" });
  expect(waiting).toEqual([]);
});
