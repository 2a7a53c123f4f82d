import type { Config } from "../../../schema/wire/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { formatDurationMs, SECOND_MS } from "../../kernel/durations.ts";
import type { Ledger, ObservedJob } from "../../ledger/types.ts";
import { overrunReason, startLimitMs, USUAL_RUNS } from "../../policy/alerts/index.ts";
import { asJob, expectationsOf, type Found } from "../../watch/index.ts";
import type { Observer } from "./observer.ts";

/** What time brings of the gateway's jobs: those that do not start, go on too long, or have not succeeded for too long. */
export function findOffTime(
  deps: { ledger: Pick<Ledger, "observed">; clock: Clock; config: Pick<Config, "gatewayJobs"> },
  observer: Pick<Observer, "jobs" | "overdueSince">,
): Found[] {
  const { ledger, clock, config } = deps;
  const nowMs = clock.nowMs();

  function late(job: ObservedJob): string | undefined {
    const limitMs = startLimitMs(expectationsOf(job, config));
    const sinceMs = observer.overdueSince(job.id);
    const overMs = nowMs - (job.nextDueMs ?? nowMs);
    if (sinceMs === undefined || clock.monotonicMs() - sinceMs < limitMs || overMs < limitMs) return undefined;
    return `due for ${formatDurationMs(overMs)} and not started`;
  }

  function overrun(job: ObservedJob): string | undefined {
    if (job.runningAtMs === undefined) return undefined;
    const ranMs = nowMs - job.runningAtMs;
    const earlierMs = ledger.observed.latest(job.id, USUAL_RUNS).flatMap(({ durationMs }) => durationMs ?? []);
    const { timeoutMs } = job;
    return overrunReason({ expect: expectationsOf(job, config), ranMs, attemptMs: ranMs, timeoutMs, earlierMs });
  }

  function silent(job: ObservedJob): string | undefined {
    const withinMs = (expectationsOf(job, config)?.okWithinSeconds ?? 0) * SECOND_MS;
    const forMs = nowMs - Math.max(job.lastOkAtMs ?? 0, job.updatedAtMs);
    if (withinMs <= 0 || forMs <= withinMs) return undefined;
    return `no success for ${formatDurationMs(forMs)}, expected within ${formatDurationMs(withinMs)}`;
  }

  return [...observer.jobs()]
    .filter(({ enabled }) => enabled)
    .flatMap((job) =>
      Object.entries({ late, overrun, silent }).flatMap(([cause, find]) => {
        const about = find(job);
        return about === undefined ? [] : [{ job: asJob(job, config), cause: cause as Found["cause"], about }];
      }),
    );
}
