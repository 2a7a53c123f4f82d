import type { Config } from "../../schema/wire/config.ts";
import type { Destination } from "../../schema/wire/delivery.ts";
import { formatDurationMs, SECOND_MS } from "../kernel/durations.ts";
import type { Events } from "../kernel/events.ts";
import type { AlertChange, AlertRecord, JobRecord, Ledger, RunRecord } from "../ledger/types.ts";
import { escalationOf, failureRoutes, type Routing } from "../policy/addresses/index.ts";
import { alertSettings, type TimeCause } from "../policy/alerts/index.ts";
import { compileJobOrNot, nextAfter } from "../policy/time/index.ts";

/** A run or a job that does not do what was expected in time. */
export interface Found {
  job: JobRecord;
  cause: TimeCause;
  about: string;
  runId?: string;
}

/** What judging one job needs of the settings. */
export interface Judging {
  config: Routing & Pick<Config, "gatewayJobs">;
  /** The zone of times in messages where the job names none. */
  hostTz: string;
  /** The machine in messages; absent where it has no name. */
  hostName?: string | undefined;
}

/** The machine of a run in messages: its node, or this host. */
export const machineOf = (
  { attempts }: Pick<Ledger, "attempts">,
  { id, attempt }: Pick<RunRecord, "id" | "attempt">,
  hostName: string | undefined,
): string | undefined => attempts.get(id, attempt)?.node?.name || hostName;

/** A job that declared its delivery unimportant is not alerted about by default; its own `failureAlert` stays in force. */
export function settingsFor({ definition }: JobRecord, config: Config["alerts"]): ReturnType<typeof alertSettings> {
  const byDefault = definition.failureAlert === undefined;
  if (byDefault && definition.delivery?.bestEffort === true) return undefined;
  return alertSettings(definition.failureAlert, config);
}

/** Where bad news about a job goes; undefined: nobody is named. */
export const routeOf = (job: JobRecord, config: Routing): Destination | undefined =>
  failureRoutes(job.definition, config)[0];

/** What is noted of an incident that somebody is told of now: when the next one of a group is, unless it is known by then. */
export function toldNow(job: JobRecord, config: Routing, nowMs: number): AlertChange {
  const escalation = escalationOf(job.definition, config);
  const more = escalation !== undefined && escalation.members.length > 1;
  return { notifiedAtMs: nowMs, escalated: 0, escalateAtMs: more ? nowMs + escalation.afterMs : null };
}

/** Everybody who was told of an incident. */
export function toldOf(job: JobRecord, config: Routing, { escalated = 0 }: AlertRecord): Destination[] {
  const escalation = escalationOf(job.definition, config);
  const route = routeOf(job, config);
  return escalation?.members.slice(0, escalated + 1) ?? (route === undefined ? [] : [route]);
}

/** When a job is to run next, pauses after failures included; undefined: never. */
export function nextTryMs(
  job: Pick<JobRecord, "id" | "definition" | "createdAtMs" | "nextDueMs">,
  backoffUntilMs: number | undefined,
  hostTz: string,
): number | undefined {
  const { nextDueMs } = job;
  if (nextDueMs === undefined || backoffUntilMs === undefined || nextDueMs >= backoffUntilMs) return nextDueMs;
  const compiled = compileJobOrNot(job, hostTz);
  return compiled === undefined ? undefined : nextAfter(compiled, backoffUntilMs - 1);
}

/** Why a job has been without a success for too long; undefined where it has not. */
export function silentReason(
  { definition, lastOkAtMs = 0, updatedAtMs }: Pick<JobRecord, "definition" | "lastOkAtMs" | "updatedAtMs">,
  nowMs: number,
): string | undefined {
  const withinMs = (definition.policy?.expect?.okWithinSeconds ?? 0) * SECOND_MS;
  const forMs = nowMs - Math.max(lastOkAtMs, updatedAtMs);
  if (withinMs <= 0 || forMs <= withinMs) return undefined;
  return `no success for ${formatDurationMs(forMs)}, expected within ${formatDurationMs(withinMs)}`;
}

/** Told when the caller's transaction has been committed; listeners read again and see what is true then. */
export const alertChanged = (events: Events, alertId: string, state: "open" | "closed"): void =>
  queueMicrotask(() => events.emit("alert-changed", { alertId, state }));

/** When a message about a job may go: at once, or when its cooldown and the silence asked for are over. */
export function tellFromMs(ledger: Ledger, jobId: string, cooldownMs: number, nowMs: number): number {
  const lastToldAtMs = ledger.alerts.lastToldAtMs(jobId);
  // Told in the future: the clock has been set back since.
  const cooledMs = lastToldAtMs === undefined || lastToldAtMs > nowMs ? nowMs : lastToldAtMs + cooldownMs;
  return Math.max(nowMs, cooledMs, ledger.alerts.snoozedUntilMs(jobId) ?? 0);
}

/** Where nobody is named to be told. */
export const JOB_OFF_TIME = "JOB_OFF_TIME";

export const offTimeNotice = (job: JobRecord, cause: string, about: string, atMs: number) => ({
  code: JOB_OFF_TIME,
  key: job.id,
  message: `${job.definition.name}: ${cause}, ${about}`,
  atMs,
});
