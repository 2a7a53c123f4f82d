import type { Job } from "../../../schema/wire/job.ts";
import type { Schedule } from "../../../schema/wire/schedule.ts";
import type { Clock } from "../../kernel/clock.ts";
import { present } from "../../kernel/present.ts";
import type { JobRecord, LedgerReads } from "../../ledger/types.ts";
import {
  assertCanFire,
  compileJob,
  previewInstants,
  refuseYears,
  type Scheduled,
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
  const instants = (job: Scheduled, afterMs: number, count: number) =>
    previewInstants(compileJob(job, hostTz), afterMs, count);
  const parentName = (job: JobRecord): string | undefined => parentOf(ledger, job.definition)?.definition.name;
  const view = (job: JobRecord): Job => jobView(job, runningAtMs(ledger, job.id), parentName(job));

  /** A schedule that no job has yet. Raises what is wrong with it. */
  function previewed(schedule: Schedule, nowMs: number): Scheduled {
    refuseYears(schedule);
    const job = { id: "preview", createdAtMs: nowMs, definition: withParentId(ledger, { schedule }) };
    assertCanFire(compileJob(job, hostTz), nowMs);
    return job;
  }

  const api: Pick<EngineApi, "getJob" | "listJobs" | "next"> = {
    getJob: (idOrName) => view(requireJob(ledger, idOrName)),

    listJobs(query) {
      const page = ledger.jobs.list(query);
      const since = new Map(ledger.runs.running().map((run) => [run.jobId, run.startedAtMs]));
      const jobs = page.rows.map((job) => jobView(job, since.get(job.id), parentName(job)));
      return { jobs, ...paged(page, query) };
    },

    next({ id, schedule }, count, afterMs) {
      const nowMs = afterMs ?? clock.nowMs();
      const job = id === undefined ? previewed(schedule as Schedule, nowMs) : requireJob(ledger, id);
      return {
        instants: instants(job, nowMs, count),
        timeZone: zoneOfSchedule(job.definition.schedule, hostTz),
        ...present({ after: waitsFor(ledger, job.definition) }),
      };
    },
  };
  const timeline = createTimeline({ ledger, clock, hostTz, view });
  const tree = createTree(ledger, (idOrName) => requireJob(ledger, idOrName));
  return { api: { ...api, timeline, tree, ...createStats(ledger, clock) }, instants, view };
}
