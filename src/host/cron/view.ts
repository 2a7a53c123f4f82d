import type { Job } from "../../../schema/wire/job.ts";
import { pick, present } from "../../kernel/present.ts";
import { shellWord } from "../../kernel/shell.ts";
import type { RunRecord } from "../../ledger/types.ts";
import { toWireStatus } from "../../policy/run/index.ts";
import { parseInstant } from "../../policy/time/index.ts";
import type { CronJob, Fields } from "./service.ts";

/** Output shown with a job; the run has all of it. */
const SUMMARY_LENGTH = 2_000;

/** What a job without a description shows in the place of one. Never stored. */
const NOTE = "Command";

/** A description without the note that was shown in its place. */
export const withoutNote = (text: unknown): unknown => (text === NOTE ? "" : text);

/**
 * One of our jobs as the gateway's cron would hold it: same fields, same words, same order, nothing it does not know.
 * `lastRun` fills in what it remembers of the last output.
 */
export function toCronJob(job: Job, lastRun?: RunRecord): CronJob {
  const { schedule, delivery, description } = job;
  const { also, ...own } = delivery ?? { mode: "none" as const };
  return present({
    ...pick(job, "id", "declarationKey", "displayName", "agentId", "sessionKey", "name"),
    description: description === undefined || description === "" ? NOTE : description,
    ...pick(job, "enabled", "deleteAfterRun", "createdAtMs", "updatedAtMs"),
    schedule: shownSchedule(schedule, job.createdAtMs),
    sessionTarget: isShowableSession(job.sessionTarget) ? job.sessionTarget : "isolated",
    wakeMode: job.wakeMode,
    payload: shownPayload(job.payload),
    delivery: own,
    failureAlert: job.failureAlert,
    state: toCronState(job, lastRun),
  }) as unknown as CronJob;
}

/**
 * What the gateway fills in by itself when it shows or takes a schedule that does not say it. It has no word for jobs that
 * follow others: a one-shot whose time is over stands in, which has no instant to come either.
 */
export function shownSchedule(schedule: Job["schedule"], createdAtMs: number): Fields {
  switch (schedule.kind) {
    case "after":
      return { kind: "at", at: new Date(createdAtMs).toISOString() };
    case "every":
      return { ...schedule, anchorMs: schedule.anchorMs ?? createdAtMs };
    case "cron":
      return isSpreadByGateway(schedule.expr) ? { ...schedule, staggerMs: schedule.staggerMs ?? 0 } : schedule;
    case "at": {
      const atMs = parseInstant(schedule.at);
      return atMs === undefined ? schedule : { ...schedule, at: new Date(atMs).toISOString() };
    }
  }
}

const isShowableSession = (target: unknown): boolean =>
  typeof target !== "string" || !target.startsWith("session:") || /^session:(?=.*\S)[^\0]+$/s.test(target);

/** The gateway's spread of jobs at the full hour that do not say one, milliseconds. */
export const GATEWAY_SPREAD_MS = 300_000;

/** Whether the gateway spreads jobs with this expression by itself: recurring, at the full hour. Its rule. */
export function isSpreadByGateway(expr: string): boolean {
  const fields = expr.trim().split(/\s+/);
  const [hour, minute, second = "0"] = fields.length === 6 ? [fields[2], fields[1], fields[0]] : [fields[1], fields[0]];
  if ((fields.length !== 5 && fields.length !== 6) || minute !== "0" || second !== "0") return false;
  const parts = (hour ?? "").split(",");
  const known = /^(?:\d+|\d+-\d+)(?:\/\d+)?$|^[*?](?:\/\d+)?$/;
  return parts.every((part) => known.test(part)) && parts.some((part) => /^[*?]/.test(part));
}

/**
 * A payload as the gateway can store one, or a stand-in where it cannot: no argument is empty there, and no variable's name
 * is blank. One job that it cannot show would keep it from showing any.
 */
export function shownPayload(payload: Job["payload"]): Fields {
  const { argv, env } = payload;
  const { inputFrom: _unknown, ...known } = payload;
  const names = Object.entries(env ?? {}).filter(([name]) => name.trim() !== "");
  return {
    ...known,
    argv: argv.includes("") ? ["sh", "-c", argv.map(shellWord).join(" ")] : argv,
    ...(env === undefined ? {} : { env: Object.fromEntries(names) }),
  };
}

/** The gateway knows no message that is still on its way, and counts nothing before the first run. */
function toCronState({ state, payload }: Job, lastRun: RunRecord | undefined): Fields {
  const status = state.lastDeliveryStatus;
  const hasRun = state.lastRunAtMs !== undefined || (state.consecutiveSkipped ?? 0) > 0;
  const diagnostics = lastRun === undefined ? undefined : diagnosticsOf(lastRun, payload.argv);
  return present({
    ...pick(state, "nextRunAtMs", "runningAtMs", "lastRunAtMs", "lastRunStatus", "lastStatus", "lastError"),
    lastDurationMs: state.lastDurationMs,
    lastDiagnostics: diagnostics,
    lastDiagnosticSummary: diagnostics?.summary,
    lastDelivered: status === "delivered" ? true : status === "not-delivered" ? false : undefined,
    lastDeliveryStatus: status === "pending" ? "unknown" : status,
    lastDeliveryError: state.lastDeliveryError,
    consecutiveErrors: hasRun ? state.consecutiveErrors : undefined,
    consecutiveSkipped: hasRun ? state.consecutiveSkipped : undefined,
    autoDisabled: forGateway(state.autoDisabled),
  });
}

/** What the gateway keeps of a command's output with the job. */
function diagnosticsOf(run: RunRecord, argv: string[]) {
  const word = toWireStatus(run.status) ?? "error";
  const summary = (run.summary ?? run.error)?.slice(0, SUMMARY_LENGTH);
  const said = run.summary === undefined ? " with no output" : "";
  return {
    ...(summary === undefined ? {} : { summary }),
    entries: [
      {
        ts: run.endedAtMs ?? run.queuedAtMs,
        source: "exec",
        severity: word === "error" ? "error" : "info",
        message: `command ${word}${said}: ${argv.map((part) => JSON.stringify(part)).join(" ")}`.slice(
          0,
          SUMMARY_LENGTH,
        ),
        exitCode: run.exitCode ?? null,
        ...(run.signal === undefined ? {} : { toolName: `signal:${run.signal}` }),
      },
    ],
  };
}

/** The gateway knows no trial, and only jobs that were disabled for their failures. */
function forGateway(disabled: Job["state"]["autoDisabled"]): Fields | undefined {
  if (disabled === undefined || disabled.reason === "until") return undefined;
  const { trialAtMs, ...rest } = disabled;
  return rest;
}
