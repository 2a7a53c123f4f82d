import type { Config } from "../../schema/wire/config.ts";
import type { Expectations } from "../../schema/wire/policy.ts";
import { present } from "../kernel/present.ts";
import type { JobRecord, Ledger, ObservedJob } from "../ledger/types.ts";

/** What the operator expects of one of the gateway's jobs. */
export function expectationsOf(
  { id, name }: ObservedJob,
  { gatewayJobs }: Pick<Config, "gatewayJobs">,
): Expectations | undefined {
  const expect = gatewayJobs?.expect ?? {};
  return Object.hasOwn(expect, id) ? expect[id] : Object.hasOwn(expect, name) ? expect[name] : undefined;
}

/** Its schedule as the gateway follows it, that is without a spread. Kinds that are not known here cannot be computed, and are not. */
export function plainSchedule({ schedule }: ObservedJob): JobRecord["definition"]["schedule"] {
  const { staggerMs: _, ...plain } = schedule;
  return plain as JobRecord["definition"]["schedule"];
}

/** One of the gateway's jobs as a job is judged here: it has no delivery and no alert settings of its own. */
export function asJob(job: ObservedJob, config: Pick<Config, "gatewayJobs">): JobRecord {
  const expect = expectationsOf(job, config);
  const written = { name: job.name, schedule: plainSchedule(job), payload: { kind: "command" as const, argv: [] } };
  return {
    ...present({ nextDueMs: job.nextDueMs, lastOkAtMs: job.lastOkAtMs }),
    ...{ id: job.id, origin: "cron", observed: true, revision: 0, enabled: job.enabled, cursorMs: 0 },
    ...{ createdAtMs: job.createdAtMs, updatedAtMs: job.updatedAtMs, totals: job.totals },
    ...{ consecutiveErrors: job.consecutiveErrors, consecutiveSkipped: job.consecutiveSkipped },
    definition: expect === undefined ? written : { ...written, policy: { expect } },
    written,
  };
}

/** What an incident is about: a job that runs here, or one of the gateway's. */
export function subjectOf(ledger: Ledger, id: string, config: Pick<Config, "gatewayJobs">): JobRecord | undefined {
  const own = ledger.jobs.get(id);
  const observed = own === undefined ? ledger.observed.job(id) : undefined;
  return observed === undefined ? own : asJob(observed, config);
}
