import type { Config } from "../../../schema/wire/config.ts";
import type { Expectations } from "../../../schema/wire/policy.ts";
import type { Clock } from "../../kernel/clock.ts";
import { formatDurationMs } from "../../kernel/durations.ts";
import type { Ledger, ObservedJob } from "../../ledger/types.ts";
import { overrunReason, startLimitMs, USUAL_RUNS } from "../../policy/alerts/index.ts";
import { asJob, type Found, silentReason } from "../../watch/index.ts";
import type { Observer } from "./observer.ts";

/** What time brings of the gateway's jobs: those that do not start, go on too long, or have not succeeded for too long. */
export function findOffTime(
  deps: { ledger: Pick<Ledger, "observed">; clock: Clock; config: Pick<Config, "gatewayJobs"> },
  observer: Pick<Observer, "jobs" | "overdueSince">,
): Found[] {
  const { ledger, clock, config } = deps;
  const nowMs = clock.nowMs();

  function late(job: ObservedJob, expect: Expectations | undefined): string | undefined {
    const limitMs = startLimitMs(expect);
    const sinceMs = observer.overdueSince(job.id);
    const overMs = nowMs - (job.nextDueMs ?? nowMs);
    if (sinceMs === undefined || clock.monotonicMs() - sinceMs < limitMs || overMs < limitMs) return undefined;
    return `due for ${formatDurationMs(overMs)} and not started`;
  }

  function overrun({ id, runningAtMs, timeoutMs }: ObservedJob, expect: Expectations | undefined): string | undefined {
    if (runningAtMs === undefined) return undefined;
    const ranMs = nowMs - runningAtMs;
    const earlierMs = ledger.observed.latest(id, USUAL_RUNS).flatMap(({ durationMs }) => durationMs ?? []);
    return overrunReason({ expect, ranMs, attemptMs: ranMs, timeoutMs, earlierMs });
  }

  return [...observer.jobs()]
    .filter(({ enabled }) => enabled)
    .flatMap((observed) => {
      const job = asJob(observed, config);
      const expect = job.definition.policy?.expect;
      const found = {
        late: late(observed, expect),
        overrun: overrun(observed, expect),
        silent: silentReason(job, nowMs),
      };
      return Object.entries(found).flatMap(([cause, about]) =>
        about === undefined ? [] : [{ job, cause: cause as Found["cause"], about }],
      );
    });
}
