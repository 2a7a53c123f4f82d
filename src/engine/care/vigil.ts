import type { RunRecord } from "../../ledger/types.ts";
import type { Outbox } from "../../outbox/index.ts";
import type { Sender } from "../../outbox/port.ts";
import { createTimeWatch, type Found, type Judging, type Teller } from "../../watch/index.ts";
import type { Problem } from "../api.ts";
import type { Core } from "../deps.ts";
import { attemptLimits, longestMs } from "../run/index.ts";
import { createHeartbeat } from "./heartbeat.ts";
import type { Notices } from "./notices.ts";

/** What goes on by itself to notice what no run tells: jobs that are off their time, and to others, that the service is well. */
export function createVigil(
  deps: Core & {
    judging: Judging;
    teller: Teller;
    outbox: Pick<Outbox, "enqueue" | "kick">;
    notices: Pick<Notices, "raise" | "close" | "over">;
    movedAtMs(run: RunRecord): number;
    pool(name: string): { limit: number; running: number };
    observed?: { find(): Found[]; quiet(): boolean };
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
