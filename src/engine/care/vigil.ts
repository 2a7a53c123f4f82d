import type { Outbox } from "../../outbox/index.ts";
import type { Sender } from "../../outbox/port.ts";
import { createTimeWatch, type Judging, type TimeWatchDeps } from "../../watch/index.ts";
import type { Problem } from "../api.ts";
import type { Core } from "../deps.ts";
import { attemptLimits, longestMs } from "../run/index.ts";
import { createHeartbeat } from "./heartbeat.ts";
import type { Notices } from "./notices.ts";

/** What goes on by itself to notice what no run tells: jobs that are off their time, and to others, that the service is well. */
export function createVigil(
  deps: Pick<TimeWatchDeps, keyof Core | "teller" | "movedAtMs" | "pool" | "observed"> & {
    judging: Judging;
    outbox: Pick<Outbox, "enqueue" | "kick">;
    notices: Pick<Notices, "raise" | "close" | "over">;
    sender: Pick<Sender, "ping">;
    problems(): readonly Problem[];
  },
): { start(): void; stop(): void } {
  const { judging, outbox } = deps;
  const timeWatch = createTimeWatch({
    ...deps,
    ...judging,
    send(findings) {
      for (const finding of findings) outbox.enqueue(finding);
    },
    kick: outbox.kick,
    timeoutMs: (definition) => longestMs(attemptLimits(definition)) ?? 0,
  });
  const heartbeat = createHeartbeat({ ...deps, config: judging.config.alerts?.heartbeat });
  return {
    start() {
      timeWatch.start();
      heartbeat.start();
    },
    stop() {
      heartbeat.stop();
      timeWatch.stop();
    },
  };
}
