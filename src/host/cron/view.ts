import type { Job } from "../../../schema/wire/job.ts";
import type { RunRecord } from "../../ledger/types.ts";
import type { CronJob, Fields } from "./service.ts";

/** Output shown with a job; the run has all of it. */
const SUMMARY_LENGTH = 2_000;

/** Where the runs are: the gateway's own history does not hold them. Shown with a job, never stored. */
const noteOf = (id: string): string => `Runs: openclaw command-cron runs ${id}`;
const NOTE = /(?:^|\n)Runs: openclaw command-cron runs \S+$/;

/** A description without the note that was shown with it. */
export const withoutNote = (text: unknown): unknown => (typeof text === "string" ? text.replace(NOTE, "") : text);

/** Leaves out fields that are undefined. */
export const present = <T extends Fields>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/**
 * One of our jobs as the gateway's cron would hold it: same fields, same words, same order, nothing it does not know.
 * `lastRun` fills in what it remembers of the last output.
 */
export function toCronJob(job: Job, lastRun?: RunRecord): CronJob {
  const { schedule, delivery, description } = job;
  const { also, ...own } = delivery ?? { mode: "none" as const };
  return present({
    id: job.id,
    declarationKey: job.declarationKey,
    displayName: job.displayName,
    agentId: job.agentId,
    sessionKey: job.sessionKey,
    name: job.name,
    description: description === undefined || description === "" ? noteOf(job.id) : `${description}\n${noteOf(job.id)}`,
    enabled: job.enabled,
    deleteAfterRun: job.deleteAfterRun,
    createdAtMs: job.createdAtMs,
    updatedAtMs: job.updatedAtMs,
    schedule: schedule.kind === "every" ? { ...schedule, anchorMs: schedule.anchorMs ?? job.createdAtMs } : schedule,
    sessionTarget: job.sessionTarget,
    wakeMode: job.wakeMode,
    payload: job.payload,
    delivery: own,
    failureAlert: job.failureAlert,
    state: toCronState(job, lastRun),
  }) as unknown as CronJob;
}

/** The gateway knows no message that is still on its way, and counts nothing before the first run. */
function toCronState({ state, payload }: Job, lastRun: RunRecord | undefined): Fields {
  const status = state.lastDeliveryStatus;
  const hasRun = state.lastRunAtMs !== undefined || (state.consecutiveSkipped ?? 0) > 0;
  const diagnostics = lastRun === undefined ? undefined : diagnosticsOf(lastRun, payload.argv);
  return present({
    nextRunAtMs: state.nextRunAtMs,
    runningAtMs: state.runningAtMs,
    lastRunAtMs: state.lastRunAtMs,
    lastRunStatus: state.lastRunStatus,
    lastStatus: state.lastStatus,
    lastError: state.lastError,
    lastDurationMs: state.lastDurationMs,
    lastDiagnostics: diagnostics,
    lastDiagnosticSummary: diagnostics?.summary,
    lastDelivered: status === "delivered" ? true : status === "not-delivered" ? false : undefined,
    lastDeliveryStatus: status === "pending" ? "unknown" : status,
    lastDeliveryError: state.lastDeliveryError,
    consecutiveErrors: hasRun ? state.consecutiveErrors : undefined,
    consecutiveSkipped: hasRun ? state.consecutiveSkipped : undefined,
    autoDisabled: state.autoDisabled === undefined ? undefined : withoutTrial(state.autoDisabled),
  });
}

/** What the gateway keeps of a command's output with the job. */
function diagnosticsOf(run: RunRecord, argv: string[]) {
  const ok = run.status === "succeeded";
  const summary = (run.summary ?? run.error)?.slice(0, SUMMARY_LENGTH);
  const said = run.summary === undefined ? " with no output" : "";
  return {
    ...(summary === undefined ? {} : { summary }),
    entries: [
      {
        ts: run.endedAtMs ?? run.queuedAtMs,
        source: "exec",
        severity: ok ? "info" : "error",
        message: `command ${ok ? "ok" : "error"}${said}: ${argv.map((part) => JSON.stringify(part)).join(" ")}`.slice(
          0,
          SUMMARY_LENGTH,
        ),
        exitCode: run.exitCode ?? null,
        ...(run.signal === undefined ? {} : { toolName: `signal:${run.signal}` }),
      },
    ],
  };
}

function withoutTrial({ trialAtMs, ...rest }: NonNullable<Job["state"]["autoDisabled"]>): Fields {
  return rest;
}
