import type { Job, JobInput } from "../../../schema/wire/job.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { JobDefinition, JobRecord, LedgerReads } from "../../ledger/types.ts";
import {
  assertCanFire,
  compileSchedule,
  previewInstants,
  refuseYears,
  zoneOfSchedule,
} from "../../policy/time/index.ts";
import type { EngineApi } from "../api.ts";
import { requireJob } from "../lookup.ts";
import { jobView, paged, runningAtMs } from "../views.ts";
import { withParentId } from "./chain.ts";
import { parentOf } from "./content.ts";
import { createStats } from "./stats.ts";
import { createTimeline } from "./timeline.ts";
import { createTree, waitsFor } from "./tree.ts";

interface JobReadsDeps {
  ledger: LedgerReads;
  clock: Pick<Clock, "nowMs">;
  hostTz: string;
}

/** Looking at jobs: nothing here writes, so a ledger that is only read will do. */
export function createJobReads({ ledger, clock, hostTz }: JobReadsDeps) {
  const compile = (definition: Pick<JobDefinition, "schedule">, jobId: string, createdAtMs: number) =>
    compileSchedule(definition.schedule, { jobId, hostTz, anchorDefaultMs: createdAtMs });
  const instants = (definition: JobDefinition, jobId: string, createdAtMs: number, afterMs: number, count: number) =>
    previewInstants(compile(definition, jobId, createdAtMs), afterMs, count);
  const parentName = (job: JobRecord): string | undefined => parentOf(ledger, job.definition)?.definition.name;
  const view = (job: JobRecord): Job => jobView(job, runningAtMs(ledger, job.id), parentName(job));

  const api: Pick<EngineApi, "getJob" | "listJobs" | "next"> = {
    getJob: (idOrName) => view(requireJob(ledger, idOrName)),

    listJobs(query) {
      const page = ledger.jobs.list(query);
      const since = new Map(ledger.runs.running().map((run) => [run.jobId, run.startedAtMs]));
      const jobs = page.rows.map((job) => jobView(job, since.get(job.id), parentName(job)));
      return { jobs, ...paged(page, query) };
    },

    next(target, count, afterMs) {
      const nowMs = afterMs ?? clock.nowMs();
      if (target.id !== undefined) {
        const job = requireJob(ledger, target.id);
        const after = waitsFor(ledger, job.definition);
        return {
          instants: instants(job.definition, job.id, job.createdAtMs, nowMs, count),
          timeZone: zoneOfSchedule(job.definition.schedule, hostTz),
          ...(after === undefined ? {} : { after }),
        };
      }
      const schedule = target.schedule as JobInput["schedule"];
      refuseYears(schedule);
      const definition = withParentId(ledger, { schedule } as JobDefinition);
      const after = waitsFor(ledger, definition);
      assertCanFire(compile(definition, "preview", nowMs), nowMs);
      return {
        instants: instants(definition, "preview", nowMs, nowMs, count),
        timeZone: zoneOfSchedule(schedule, hostTz),
        ...(after === undefined ? {} : { after }),
      };
    },
  };
  const timeline = createTimeline({ ledger, clock, compile, view });
  const tree = createTree(ledger, (idOrName) => requireJob(ledger, idOrName));
  return { api: { ...api, timeline, tree, ...createStats(ledger, clock) }, compile, instants, view };
}
