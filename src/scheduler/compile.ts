import { orUndefined } from "../kernel/or-undefined.ts";
import type { JobDefinition, JobRecord } from "../ledger/types.ts";
import { type CompiledSchedule, compileSchedule, nextAfter } from "../policy/time/index.ts";

/** What of a job its schedule depends on. */
export type Scheduled = Pick<JobRecord, "id" | "createdAtMs"> & { definition: Pick<JobDefinition, "schedule"> };

/** The schedule of a job, ready to be asked. Raises what `compileSchedule` raises. */
export const compileJob = (job: Scheduled, hostTz: string): CompiledSchedule =>
  compileSchedule(job.definition.schedule, { jobId: job.id, hostTz, anchorDefaultMs: job.createdAtMs });

/** The first instant a stored job has ahead of it, strictly after `afterMs`. */
export const firstDueMs = (job: JobRecord, afterMs: number, hostTz: string): number | undefined =>
  nextAfter(compileJob(job, hostTz), afterMs);

/** The same; undefined where this host cannot compute the schedule. */
export const compileJobOrNot = (job: JobRecord, hostTz: string): CompiledSchedule | undefined =>
  orUndefined(() => compileJob(job, hostTz));
