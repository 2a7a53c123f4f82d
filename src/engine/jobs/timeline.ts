import { setImmediate as nextTurn } from "node:timers/promises";
import type { Job } from "../../../schema/wire/job.ts";
import type { Clock } from "../../kernel/clock.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { pick, present } from "../../kernel/present.ts";
import type { JobRecord, LedgerReads, ObservedJob, RunMark, RunSpan } from "../../ledger/types.ts";
import { type CompiledSchedule, compileJob, nextAfter, type Scheduled } from "../../policy/time/index.ts";
import { plainSchedule } from "../../watch/index.ts";
import type { EngineApi } from "../api.ts";

/** Newest runs of a job that are told with it. */
const LATEST = 30;
/** Instants to come that are told of one job. */
const MOST_NEXT = 300;

interface TimelineDeps {
  ledger: LedgerReads;
  clock: Pick<Clock, "nowMs">;
  hostTz: string;
  view(job: JobRecord): Job;
}

/** What jobs did and will do; between two jobs everything else has its turn. */
export function createTimeline({ ledger, clock, hostTz, view }: TimelineDeps): EngineApi["timeline"] {
  /** A schedule that this host cannot compute has nothing to come. */
  function toCome(job: Scheduled & Pick<JobRecord, "enabled" | "nextDueMs">, span: RunSpan): number[] {
    if (!job.enabled || job.nextDueMs === undefined) return [];
    return orUndefined(() => instantsBySlot(compileJob(job, hostTz), clock.nowMs(), span)) ?? [];
  }

  /** One of the gateway's own jobs: what was observed of it. */
  function ofGateway(job: ObservedJob, span: RunSpan) {
    const { id, enabled, nextDueMs } = job;
    const definition = { schedule: plainSchedule(job) };
    const first = enabled && nextDueMs !== undefined && nextDueMs <= span.untilMs ? [nextDueMs] : [];
    const later = toCome({ ...job, definition }, span).filter((atMs) => atMs > (first[0] ?? atMs));
    const running: RunMark[] =
      job.runningAtMs === undefined
        ? []
        : [{ runId: `${id}:${job.runningAtMs}`, status: "running", runs: 1, fromMs: job.runningAtMs }];
    return {
      jobId: id,
      enabled,
      state: present({
        nextRunAtMs: nextDueMs,
        lastRunStatus: job.lastStatus,
        ...pick(job, "runningAtMs", "lastRunAtMs", "lastError", "lastDurationMs", "lastOkAtMs", "totals"),
        consecutiveErrors: job.consecutiveErrors,
      }),
      marks: [...ledger.observed.marks(id, span), ...running],
      next: [...first, ...later],
      latest: ledger.observed.latest(id, LATEST),
    };
  }

  return async ({ ids, ...span }) => {
    const jobs = [];
    for (const id of ids) {
      await nextTurn();
      const job = ledger.jobs.get(id);
      const observed = job === undefined ? ledger.observed.job(id) : undefined;
      if (observed !== undefined) jobs.push(ofGateway(observed, span));
      if (job === undefined) continue;
      jobs.push({
        jobId: id,
        enabled: job.enabled,
        state: view(job).state,
        marks: ledger.runs.marks(id, span),
        next: toCome(job, span),
        latest: ledger.runs.latest(id, LATEST),
      });
    }
    return { jobs };
  };
}

/** The first instant of each slot in (afterMs, untilMs]. */
function instantsBySlot(compiled: CompiledSchedule, afterMs: number, { untilMs, slotMs }: RunSpan): number[] {
  const instants: number[] = [];
  let next = nextAfter(compiled, afterMs);
  while (next !== undefined && next <= untilMs && instants.length < MOST_NEXT) {
    instants.push(next);
    next = nextAfter(compiled, (Math.floor(next / slotMs) + 1) * slotMs - 1);
  }
  return instants;
}
