import type { Config } from "../../../schema/wire/config.ts";
import { present } from "../../kernel/present.ts";
import type { ObservedJob, ObservedRun } from "../../ledger/types.ts";
import type { Outbox } from "../../outbox/index.ts";
import { startLimitMs } from "../../policy/alerts/index.ts";
import { observedEnd, passedWithoutRun } from "../../policy/run/index.ts";
import { compileJobOrNot } from "../../policy/time/index.ts";
import { asJob, expectationsOf, type Watch } from "../../watch/index.ts";
import type { Core, GatewayRun } from "../deps.ts";
import { closeAbout } from "../jobs/index.ts";
import type { ClockGuard } from "./clock-guard.ts";

/** What the gateway's run said, kept of it. */
const SUMMARY_LENGTH = 2_000;

type End = Omit<ObservedRun, "seq">;

export interface JudgeDeps extends Core {
  config: Pick<Config, "gatewayJobs">;
  hostTz: string;
  watch: Pick<Watch, "judgeRun">;
  outbox: Pick<Outbox, "enqueue" | "kick">;
}

/** What was observed of one of the gateway's jobs at one look. */
interface Seen {
  job: ObservedJob;
  before: ObservedJob;
  ends: readonly GatewayRun[];
  moved: boolean;
  guard: ClockGuard;
}

/** Writes what was observed of the gateway's jobs, and judges it as runs of our own are judged. */
export function createObservedJudge(deps: JudgeDeps) {
  const { ledger, clock, config, hostTz, watch, outbox } = deps;

  /** What it means, by the same rules as for a run of our own; messages go out with the transaction. */
  function tell(before: ObservedJob, after: ObservedJob, run: End): void {
    if (before.toldByGateway && run.status === "failed") return;
    const { beganMs, endedMs, status, error, summary } = run;
    const didRun = status === "succeeded" || status === "failed";
    const findings = watch.judgeRun({
      job: asJob(before, config),
      after: { consecutiveErrors: after.consecutiveErrors, consecutiveSkipped: after.consecutiveSkipped },
      run: {
        ...{ seq: 0, id: run.runId, jobId: run.jobId, jobName: run.jobName, jobRevision: 0, turn: 0 },
        ...{ trigger: "schedule", covers: run.covers, pool: "", exclusive: true, attempt: 1, status },
        ...{ queuedAtMs: beganMs, readyAtMs: beganMs, endedAtMs: endedMs, deliveryStatus: "not-requested" },
        ...(didRun ? { startedAtMs: beganMs } : { scheduledForMs: beganMs, throughMs: endedMs }),
        ...(status === "missed" ? { reason: "misfire_policy" } : {}),
      },
      status,
      error,
      text: summary ?? "",
    });
    for (const finding of findings) outbox.enqueue(finding);
  }

  function count(job: ObservedJob, run: End): void {
    const { status, beganMs, endedMs } = run;
    const { totals } = job;
    if (status === "missed") {
      job.totals = { ...totals, missed: totals.missed + run.covers };
      job.consecutiveSkipped += 1;
      return;
    }
    const word = status === "succeeded" ? "ok" : status === "failed" ? "error" : "skipped";
    job.totals = { ...totals, runs: totals.runs + 1, [word]: totals[word] + 1 };
    if (word !== "skipped") job.consecutiveOk = word === "ok" ? job.consecutiveOk + 1 : 0;
    job.consecutiveErrors = word === "error" ? job.consecutiveErrors + 1 : word === "ok" ? 0 : job.consecutiveErrors;
    job.consecutiveSkipped = word === "skipped" ? job.consecutiveSkipped + 1 : 0;
    job.lastStatus = word;
    job.lastRunAtMs = beganMs;
    job.lastDurationMs = Math.max(0, endedMs - beganMs);
    if (word === "ok") job.lastOkAtMs = endedMs;
    if (run.error === undefined) delete job.lastError;
    else job.lastError = run.error;
    if (run.deliveryStatus !== undefined) job.lastDeliveryStatus = run.deliveryStatus;
  }

  function runOf(job: ObservedJob, end: GatewayRun): End {
    const { status, error } = observedEnd(end);
    const endedMs = end.ts ?? (end.runAtMs === undefined ? clock.nowMs() : end.runAtMs + (end.durationMs ?? 0));
    const beganMs = end.runAtMs ?? endedMs;
    return {
      jobId: job.id,
      jobName: job.name,
      runId: end.runId ?? `${job.id}:${beganMs}`,
      status,
      enqueued: job.main && status === "succeeded",
      beganMs,
      endedMs: Math.max(beganMs, endedMs),
      covers: 1,
      source: end.source ?? "event",
      ...present({
        said: end.status,
        completionStatus: end.completionStatus,
        deliveryStatus: end.deliveryStatus,
        deliveryError: end.deliveryError,
        error: error?.slice(0, SUMMARY_LENGTH),
        summary: end.summary?.slice(0, SUMMARY_LENGTH),
      }),
    };
  }

  return {
    /** Instants that passed without a run, inside the caller's transaction; counted on the job. */
    passed({ job, before, ends, moved, guard }: Seen): void {
      const { nextDueMs: dueMs } = before;
      const nowMs = clock.nowMs();
      if (!moved || dueMs === undefined || dueMs > nowMs || guard.isJumped(dueMs)) return;
      const limitMs = startLimitMs(expectationsOf(job, config));
      const begins = [
        ...ledger.observed.begins(job.id, dueMs - 1_000, nowMs),
        ...ends.flatMap(({ runAtMs }) => (runAtMs === undefined ? [] : [runAtMs])),
        ...(job.runningAtMs === undefined ? [] : [job.runningAtMs]),
      ];
      const passed = passedWithoutRun({
        compiled: compileJobOrNot(asJob(job, config), hostTz),
        dueMs,
        throughMs: Math.min(nowMs, (job.nextDueMs ?? dueMs + 1) - 1),
        begins,
        graceMs: (atMs) => guard.graceMs(atMs, limitMs),
      });
      if (passed === undefined) return;
      const run: End = {
        ...{ jobId: job.id, jobName: job.name, runId: `${job.id}:missed:${passed.fromMs}`, status: "missed" },
        ...{ enqueued: false, beganMs: passed.fromMs, endedMs: passed.throughMs, covers: passed.count },
        source: "derived",
      };
      if (ledger.observed.add(run) === "exists") return;
      count(job, run);
      tell(before, job, run);
    },
    /** Ends, the oldest first; of several only what the newest means is told. Counted on the job. */
    ended(job: ObservedJob, ends: readonly GatewayRun[], tells: boolean): void {
      let last: { before: ObservedJob; run: End } | undefined;
      for (const end of ends) {
        const run = runOf(job, end);
        if (ledger.observed.add(run) === "exists") continue;
        const before = { ...job };
        count(job, run);
        last = { before, run };
      }
      if (last !== undefined && tells) tell(last.before, job, last.run);
    },
    removed(jobId: string): void {
      ledger.observed.forget(jobId);
      closeAbout(deps, jobId);
    },
  };
}
export type ObservedJudge = ReturnType<typeof createObservedJudge>;
