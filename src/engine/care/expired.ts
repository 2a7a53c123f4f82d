import { DAY_MS } from "../../kernel/durations.ts";
import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import type { Core } from "../deps.ts";
import { removeJob } from "../jobs/index.ts";
import { inSteps } from "./steps.ts";

/** Nothing happened to it later: it was not edited, decided about, run or disabled. */
const offSinceMs = (job: JobRecord): number =>
  Math.max(
    job.updatedAtMs,
    job.cursorMs,
    (job.lastRunAtMs ?? 0) + (job.lastDurationMs ?? 0),
    job.autoDisabled?.atMs ?? 0,
  );

/** Off for as long as its policy lets it be, with nothing under way, and nothing that follows it. */
function isExpired(ledger: Ledger, job: JobRecord, atMs: number): boolean {
  const { ttlDays } = job.definition.policy ?? {};
  if (ttlDays === undefined || awaitsTrial(job.autoDisabled)) return false;
  if (offSinceMs(job) + ttlDays * DAY_MS > atMs) return false;
  const open = ledger.deliveries.list({ jobId: job.id, state: "open", limit: 1, offset: 0 }).total;
  return open === 0 && ledger.runs.active(job.id).length === 0 && ledger.jobs.levelsBelow(job.id, 1) === 0;
}

/** Removes the jobs that have been off for long enough; what is on record of them stays as retention says. */
export async function removeExpired(deps: Core, atMs: number): Promise<void> {
  const { ledger, events, logger } = deps;
  for await (const jobs of inSteps(ledger, "disabled")) {
    for (const job of jobs) {
      if (!isExpired(ledger, job, atMs)) continue;
      removeJob(deps, job.id);
      logger.info(`job ${job.id} (${job.definition.name}) is removed: off for ${job.definition.policy?.ttlDays} days`);
      events.emit("job-changed", { jobId: job.id, change: "removed" });
    }
  }
}
