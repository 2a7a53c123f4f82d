import type { Clock } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import { present } from "../kernel/present.ts";
import { apart, eachApart } from "../ledger/index.ts";
import type { JobRecord, JobStatePatch, Ledger, NewRun } from "../ledger/types.ts";
import { awaitsTrial } from "../policy/run/index.ts";
import {
  type CompiledSchedule,
  compileJob,
  decideOccurrences,
  type OccurrenceDecision,
  ON_TIME_MS,
} from "../policy/time/index.ts";
import { createFanOuts } from "./fan-out.ts";
import { isOneShot, newRunFor, pauseAt, recordPassedOver, weighOverlap } from "./new-run.ts";
import { AHEAD_MS, bringBack, bringPutOffBack, unclaimedStretches } from "./set-back.ts";

/** Jobs decided in one transaction: enough of them to share its cost, few enough not to hold the event loop. */
const JOBS_PER_STEP = 10;
/** Instants of one job decided in one step; a longer backlog continues in the next. */
const INSTANTS_PER_STEP = 1_000;

export interface DeciderDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  hostTz: string;
  /** Nodes on each of which an occurrence of the job has a run, by name; undefined: it has one. */
  eachNode(job: JobRecord): readonly string[] | undefined;
  /** The job cannot be decided; it is left alone until it is changed. */
  onBroken(job: JobRecord, reason: string): void;
  /** A step that wrote something is committed. */
  decided(): void;
  /** An occurrence did not run; called inside the transaction, before the job's streaks are written. Never throws. */
  passedOver(job: JobRecord, row: NewRun): void;
  /** `cancel_other`: the runs to end before the new one may start. */
  cancelRuns(runIds: string[], by: string): void;
}

export interface Decider {
  /**
   * Decides a batch of due jobs inside one immediate transaction, then writes a batch of runs of an occurrence on many
   * nodes in another; true when more is due at once. A job that cannot be decided is left alone, and the others are decided
   * all the same.
   */
  step(nowMs: number): boolean;
  /** Whether an occurrence may not be written for all its nodes yet. */
  spreading(): boolean;
  /** Writes what is left of such occurrences. */
  spreadAll(): void;
  /** Decides what is due of one job, before it changes. */
  decide(jobId: string, shownMs: number): void;
  /** Brings back a batch of what a clock ahead of this one has decided; true when there is more. */
  bringBack(nowMs: number, shownMs: number): boolean;
}

/** What deciding one job came to: whether more of it is due, and what to do once that is committed. */
interface Decided {
  more: boolean;
  afterCommit: (() => void)[];
}

/** An occurrence that is to run. */
interface Occurrence {
  job: JobRecord;
  decision: Extract<OccurrenceDecision, { verdict: "run" }>;
  nowMs: number;
  afterCommit: (() => void)[];
  /** The node that its run is for. */
  node?: string | undefined;
}

/** Turns due occurrences into rows and moves cursors with them. */
export function createDecider(deps: DeciderDeps): Decider {
  const { ledger, events } = deps;
  const fanOuts = createFanOuts(deps);

  function decideJob(stored: JobRecord, nowMs: number): Decided {
    // The streak grows with each row, and a batch may have to be decided twice.
    const job = { ...stored };
    const afterCommit: (() => void)[] = [];
    if (!job.enabled && !awaitsTrial(job.autoDisabled)) {
      ledger.jobs.patchState(job.id, { nextDueMs: null });
      return { more: false, afterCommit };
    }
    const compiled = compileJob(job, deps.hostTz);
    const plan = decideOccurrences({
      compiled,
      cursorMs: job.cursorMs,
      nowMs,
      policy: job.definition.policy?.misfire,
      kind: job.definition.schedule.kind,
      limit: INSTANTS_PER_STEP,
    });
    const trialAtMs = plan.rows.length === 0 ? undefined : trialToWaitFor(job, nowMs);
    if (trialAtMs !== undefined) {
      ledger.jobs.patchState(job.id, { nextDueMs: trialAtMs });
      return { more: false, afterCommit };
    }
    let decided = job.cursorMs;
    for (const decision of plan.rows) {
      decided = Math.max(decided, record(job, compiled, decision, nowMs, afterCommit));
    }
    const patch: JobStatePatch = {
      cursorMs: plan.more ? decided : Math.max(decided, nowMs),
      nextDueMs: (plan.more ? nowMs : plan.nextDueMs) ?? null,
    };
    ledger.jobs.patchState(job.id, patch);
    return { more: plan.more, afterCommit };
  }

  /** The one occurrence of an `at` job that its failures have disabled stays due until the job's trial. */
  function trialToWaitFor(job: JobRecord, nowMs: number): number | undefined {
    const trialAtMs = job.autoDisabled?.trialAtMs;
    return isOneShot(job) && !job.enabled && trialAtMs !== undefined && trialAtMs > nowMs ? trialAtMs : undefined;
  }

  function record(
    job: JobRecord,
    compiled: CompiledSchedule,
    decision: OccurrenceDecision,
    nowMs: number,
    afterCommit: (() => void)[],
  ): number {
    if (decision.verdict === "missed") {
      const { scheduledForMs: firstMs, throughMs, reason } = decision;
      for (const stretch of unclaimedStretches(ledger, job.id, compiled, firstMs - 1, throughMs)) {
        recordPassedOver(deps, job, { status: "missed", reason, ...stretch }, nowMs);
      }
      return throughMs;
    }
    const { scheduledForMs, catchUp } = decision;
    const pause = pauseAt(job, scheduledForMs);
    if (pause !== undefined) skip(job, pause, scheduledForMs, nowMs);
    else if (deps.eachNode(job) === undefined) queue({ job, decision, nowMs, afterCommit });
    else fanOuts.begin({ jobId: job.id, scheduledForMs, catchUp });
    return scheduledForMs;
  }

  function skip(job: JobRecord, reason: string, scheduledForMs: number, nowMs: number, node?: string): void {
    const one = { scheduledForMs, throughMs: scheduledForMs, count: 1, node };
    recordPassedOver(deps, job, { status: "skipped", reason, ...one }, nowMs);
  }

  /** Some runs of an occurrence on many nodes. */
  function spread(nowMs: number, jobId?: string): Decided {
    const afterCommit: (() => void)[] = [];
    const write: Parameters<typeof fanOuts.spread>[0] = ({ scheduledForMs, catchUp }, job, node) =>
      queue({ job, decision: { verdict: "run", scheduledForMs, catchUp }, nowMs, afterCommit, node });
    fanOuts.spread(write, jobId);
    return { more: ledger.fanOuts.next(jobId) !== undefined, afterCommit };
  }

  /** The next runs of occurrences on many nodes; true when there are more. */
  function spreadSome(nowMs: number): boolean {
    if (!fanOuts.pending()) return false;
    committed([ledger.transaction(() => spread(nowMs))]);
    fanOuts.look();
    return fanOuts.pending();
  }

  function decideSome(nowMs: number): boolean {
    const jobs = ledger.jobs.due(nowMs, JOBS_PER_STEP);
    if (jobs.length === 0) return false;
    let unwritable: unknown;
    const decided = eachApart(
      ledger,
      jobs,
      (job) => decideJob(job, nowMs),
      (job, error) =>
        apart(
          ledger,
          () => leaveAlone(job, error),
          (again) => {
            unwritable = again;
            return { more: false, afterCommit: [] };
          },
        ),
    );
    committed(decided);
    // Such a job would be due again at once: the caller waits before it looks again.
    if (unwritable !== undefined) throw unwritable;
    return jobs.length === JOBS_PER_STEP || decided.some(({ more }) => more);
  }

  /** The run of an occurrence, or of an occurrence on one node. */
  function queue({ job, decision, nowMs, afterCommit, node }: Occurrence): void {
    const { scheduledForMs, catchUp } = decision;
    const { verdict, active } = weighOverlap(ledger, job, { catchUp, node });
    if (verdict.verdict === "skip" && !isOneShot(job)) {
      skip(job, verdict.reason, scheduledForMs, nowMs, node);
      return;
    }
    const run = newRunFor(job, { trigger: "schedule", status: "queued", scheduledForMs, ...present({ node }) }, nowMs);
    if (ledger.runs.insert(run) === "inserted") {
      afterCommit.push(() => events.emit("run-queued", { jobId: job.id, runId: run.id }));
      if (verdict.verdict === "cancel_other") {
        // Occurrences caught up together wait for one another; what is older than that is in their way.
        const inTheWay = active.filter((other) => !catchUp || other.queuedAtMs < nowMs - ON_TIME_MS);
        const others = inTheWay.map((other) => other.id);
        if (others.length > 0) afterCommit.push(() => deps.cancelRuns(others, "overlap policy cancel_other"));
      }
    }
  }

  /** Leaves a job alone that cannot be decided, in a transaction of its own. */
  function leaveAlone(job: JobRecord, error: unknown): Decided {
    ledger.jobs.patchState(job.id, { nextDueMs: null });
    return { more: false, afterCommit: [() => deps.onBroken(job, errorText(error))] };
  }

  function committed(decided: readonly Decided[]): void {
    deps.decided();
    for (const act of decided.flatMap(({ afterCommit }) => afterCommit)) act();
  }

  return {
    step(nowMs) {
      const more = decideSome(nowMs);
      return spreadSome(nowMs) || more;
    },
    spreading: fanOuts.pending,
    spreadAll() {
      while (fanOuts.pending()) spreadSome(deps.clock.nowMs());
    },

    decide(jobId, shownMs) {
      const nowMs = deps.clock.nowMs();
      const decided: Decided[] = [];
      ledger.transaction(() => {
        const ahead = ledger.jobs.get(jobId);
        if (ahead !== undefined && ahead.cursorMs > nowMs) bringBack(deps, ahead, nowMs, shownMs);
        for (;;) {
          const job = ledger.jobs.get(jobId);
          if (job?.nextDueMs === undefined || job.nextDueMs > nowMs) break;
          decided.push(
            apart(
              ledger,
              () => decideJob(job, nowMs),
              (error) => leaveAlone(job, error),
            ),
          );
        }
        // The nodes, too, are those of before the change.
        for (let more = fanOuts.pending(); more; ) {
          const some = spread(nowMs, jobId);
          decided.push(some);
          more = some.more;
        }
      });
      if (decided.length > 0) committed(decided);
    },

    bringBack(nowMs, shownMs) {
      const jobs = ledger.jobs.ahead(nowMs + AHEAD_MS, JOBS_PER_STEP);
      const bring = (job: JobRecord): number => {
        bringBack(deps, job, nowMs, shownMs);
        return 1;
      };
      const brought = eachApart(ledger, jobs, bring, (job, error) => {
        deps.onBroken(job, errorText(error));
        return 0;
      });
      if (jobs.length < JOBS_PER_STEP) ledger.transaction(() => bringPutOffBack(ledger, nowMs));
      return jobs.length === JOBS_PER_STEP && brought.includes(1);
    },
  };
}
