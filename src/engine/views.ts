import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import type { Job } from "../../schema/wire/job.ts";
import type { ProgressEntry } from "../../schema/wire/progress.ts";
import { type AttemptEntry, FINAL_RUN_STATUSES, type RunEntry } from "../../schema/wire/run.ts";
import type { NodeRef } from "../../schema/wire/target.ts";
import { pick, present } from "../kernel/present.ts";
import type {
  AttemptRecord,
  DeliveryRecord,
  JobRecord,
  LedgerReads,
  Page,
  PageAsked,
  RunRecord,
} from "../ledger/types.ts";
import { triesOf } from "../outbox/lanes/index.ts";
import { namesFromDefaults } from "../policy/definition/index.ts";
import { toWireStatus } from "../policy/run/index.ts";
import { safeText, showStream } from "../policy/text/index.ts";
import { staggerOffsetMs } from "../policy/time/index.ts";
import type { Paged } from "./api.ts";

/** Text of one stream in a run entry; `log` has all of it. */
export const ENTRY_STREAM_MAX_BYTES = 65_536;

/** Where a page stands among the others, in the gateway's words and ours. */
export function paged({ rows, total, more, cursor, partial }: Page<unknown>, asked: PageAsked): Paged {
  const byOffset = more && asked.cursor === undefined;
  return {
    total,
    offset: asked.offset,
    limit: asked.limit,
    hasMore: cursor !== undefined,
    nextOffset: byOffset ? asked.offset + rows.length : null,
    ...present({ nextCursor: cursor, partial }),
  };
}

/** A stored job in the gateway's shape. */
export function jobView(job: JobRecord, runningAtMs: number | undefined, parentName: string | undefined): Job {
  const { schedule } = job.definition;
  const fromDefaults = namesFromDefaults(job.written, job.definition);
  const stagger = schedule.kind === "cron" ? (schedule.staggerMs ?? 0) : 0;
  return present({
    id: job.id,
    ...job.definition,
    sessionTarget: job.definition.sessionTarget ?? "isolated",
    wakeMode: job.definition.wakeMode ?? "now",
    ...pick(job, "enabled", "createdAtMs", "updatedAtMs"),
    configRevision: `r${job.revision}`,
    parentName,
    fromDefaults: fromDefaults.length === 0 ? undefined : fromDefaults,
    staggerOffsetMs: stagger > 0 ? staggerOffsetMs(job.id, stagger) : undefined,
    state: present({
      nextRunAtMs: job.nextDueMs,
      runningAtMs,
      lastRunStatus: job.lastStatus,
      ...pick(job, "lastRunAtMs", "lastStatus", "lastError", "lastDurationMs", "lastOkAtMs", "totals"),
      ...pick(job, "consecutiveErrors", "consecutiveSkipped", "condition", "autoDisabled"),
      slow: job.slow === true || undefined,
      flaky: job.flaky === true || undefined,
      lastDelivered: deliveredOf(job.lastDeliveryStatus),
      ...pick(job, "lastDeliveryStatus", "lastDeliveryError"),
    }),
  });
}

/** Only where a message was owed; undefined while nobody knows. */
const deliveredOf = (status: string | undefined): boolean | undefined =>
  status === "delivered" ? true : status === "not-delivered" ? false : undefined;

export const runningAtMs = (ledger: LedgerReads, jobId: string): number | undefined =>
  ledger.runs.active(jobId).find((run) => run.status === "running")?.startedAtMs;

const refOf = ({ id, name }: NodeRef): NodeRef => ({ id, name });

const attemptView = (attempt: AttemptRecord): AttemptEntry =>
  present({
    ...pick(attempt, "attempt", "outcome", "error", "startedAtMs", "endedAtMs"),
    exitCode: attempt.exitCode ?? null,
    signal: attempt.signal ?? null,
    pid: attempt.identity?.pid,
    node: attempt.node?.id ? refOf(attempt.node) : undefined,
    ...pick(attempt, "verify", "state", "progress", "cleanup", "resources"),
  });

const completionOf = (run: RunRecord): RunEntry["completionStatus"] => {
  const wire = toWireStatus(run.status);
  if (wire === undefined) return undefined;
  if (run.deliveryStatus === "unknown" || run.deliveryStatus === "pending") return "unknown";
  return wire === "error" || run.deliveryStatus === "not-delivered" ? "failed" : "succeeded";
};

/** The node that a run is on, was on, or is for; none when it ran here. */
function nodeOf(run: RunRecord, last: AttemptRecord | undefined): RunEntry["node"] {
  const { id, name = run.node } = last?.node ?? {};
  if (id === "" || name === undefined)
    return last?.awaySinceMs === undefined || id === "" ? undefined : { name: "", outOfReachSinceMs: last.awaySinceMs };
  const away = run.endedAtMs === undefined ? last?.awaySinceMs : undefined;
  return present({ id, name, outOfReachSinceMs: away });
}

/** One run as `runs` answers it. */
export function runView(
  run: RunRecord,
  attempts: AttemptRecord[],
  { nextRunAtMs, progress }: { nextRunAtMs?: number | undefined; progress?: ProgressEntry | undefined } = {},
): RunEntry {
  const last = attempts.at(-1);
  const final = FINAL_RUN_STATUSES.includes(run.status);
  const startedAtMs = run.startedAtMs;
  const action: RunEntry["action"] = final ? "finished" : run.status === "running" ? "started" : "queued";
  return present({
    ts: run.endedAtMs ?? startedAtMs ?? run.queuedAtMs,
    runId: run.id,
    ...pick(run, "jobId", "jobName", "trigger", "requestedBy", "causedByRunId", "error", "reason", "summary"),
    action,
    status: toWireStatus(run.status),
    runStatus: run.status,
    completionStatus: completionOf(run),
    configRevision: `r${run.jobRevision}`,
    node: nodeOf(run, last),
    outcome: run.outcome ?? null,
    exitCode: run.exitCode ?? null,
    signal: run.signal ?? null,
    scheduledForMs: run.scheduledForMs ?? null,
    coversThroughMs: run.throughMs,
    coversCount: run.covers > 1 ? run.covers : undefined,
    runAtMs: startedAtMs,
    ...pick(run, "endedAtMs", "deliveryStatus", "deliveryError"),
    durationMs:
      startedAtMs === undefined || run.endedAtMs === undefined ? undefined : Math.max(0, run.endedAtMs - startedAtMs),
    latenessMs:
      startedAtMs === undefined || run.scheduledForMs === undefined ? undefined : startedAtMs - run.scheduledForMs,
    nextRunAtMs,
    delivered: deliveredOf(run.deliveryStatus),
    deliverySuppressionReason: run.suppression,
    stdout: last === undefined ? "" : showStream(last.stdout, ENTRY_STREAM_MAX_BYTES),
    stderr: last === undefined ? "" : showStream(last.stderr, ENTRY_STREAM_MAX_BYTES),
    stdoutBytes: last?.stdout.bytes ?? 0,
    stderrBytes: last?.stderr.bytes ?? 0,
    truncated: last !== undefined && (isCut(last.stdout) || isCut(last.stderr)),
    attempts: attempts.map(attemptView),
    progress: final ? last?.progress : progress,
    ...(last && pick(last, "cleanup", "resources")),
  });
}

const isCut = (stream: AttemptRecord["stdout"]): boolean => stream.bytes > stream.tail.length;

function answerOf({ receipt }: DeliveryRecord): string | undefined {
  const answer = receipt?.["answer"];
  return typeof answer === "string" ? safeText(Buffer.from(answer)) : undefined;
}

export const deliveryView = (delivery: DeliveryRecord): DeliveryEntry =>
  present({
    deliveryId: delivery.id,
    ...pick(delivery, "kind", "state", "lane", "destination", "jobId", "runId", "createdAtMs", "updatedAtMs"),
    ...pick(delivery, "nextAttemptAtMs", "attempts", "custody", "reason"),
    tries: delivery.attempts === 0 ? undefined : triesOf(delivery),
    messageIds: delivery.receipt?.messageIds,
    text: safeText(Buffer.from(delivery.content.text)),
    answer: answerOf(delivery),
  });
