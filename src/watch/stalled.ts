import type { Clock } from "../kernel/clock.ts";
import { formatDurationMs } from "../kernel/durations.ts";
import { placeText } from "../kernel/progress.ts";
import type { Ledger, RunRecord } from "../ledger/types.ts";
import { stallLimitMs } from "../policy/run/index.ts";
import type { Found } from "./subject.ts";

/** Runs whose progress stands still for longer than their job lets it; what is ended for it is the runner's to see. */
export function findStalled(deps: {
  ledger: Ledger;
  clock: Clock;
  /** When a running attempt moved last, by the monotonic clock. */
  movedAtMs(run: RunRecord): number;
}): Found[] {
  const { ledger, clock } = deps;
  return ledger.runs.running().flatMap((run) => {
    const job = ledger.jobs.get(run.jobId);
    const { progress: policy, contract } = job?.definition.policy ?? {};
    const limitMs = stallLimitMs(policy);
    if (job === undefined || limitMs === undefined || policy?.onStall === "end") return [];
    // What it tells of is something else, which is judged by its word.
    if (contract !== undefined) return [];
    const stillMs = clock.monotonicMs() - deps.movedAtMs(run);
    if (stillMs < limitMs) return [];
    const place = placeText(ledger.attempts.get(run.id, run.attempt)?.progress);
    const about = `no progress for ${formatDurationMs(stillMs)}${place === "" ? "" : `, at ${place}`}`;
    return [{ job, cause: "stalled" as const, about, runId: run.id }];
  });
}
