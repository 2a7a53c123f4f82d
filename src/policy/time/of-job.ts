import type { Schedule } from "../../../schema/wire/schedule.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { type CompiledSchedule, compileSchedule, nextAfter } from "./schedule.ts";

/** What of a job its schedule depends on. */
export interface Scheduled {
  id: string;
  createdAtMs: number;
  definition: { schedule: Schedule };
}

/** The schedule of a job, ready to be asked. Raises what `compileSchedule` raises. */
export const compileJob = (job: Scheduled, hostTz: string): CompiledSchedule =>
  compileSchedule(job.definition.schedule, { jobId: job.id, hostTz, anchorDefaultMs: job.createdAtMs });

/** The first instant a job has ahead of it, strictly after `afterMs`. */
export const firstDueMs = (job: Scheduled, afterMs: number, hostTz: string): number | undefined =>
  nextAfter(compileJob(job, hostTz), afterMs);

/** The same as `compileJob`; undefined where this host cannot compute the schedule. */
export const compileJobOrNot = (job: Scheduled, hostTz: string): CompiledSchedule | undefined =>
  orUndefined(() => compileJob(job, hostTz));
