import type { Static } from "@sinclair/typebox";
import type { ApprovalEntry } from "../../schema/wire/calls/approvals.ts";
import type { RunningStatus } from "../../schema/wire/calls/service.ts";
import type { AlertsResult } from "../../schema/wire/calls/told.ts";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { etaText, placeText } from "../../src/kernel/progress.ts";
import {
  alertDeeds,
  approvalDeeds,
  type Deed,
  laneDeed,
  messageDeeds,
  runDeed,
  stopJobDeed,
  switchDeed,
} from "./commands.ts";
import { count, laneText, reasonText, standOf, type Tone } from "./states.ts";
import { agoText, instantText } from "./time.ts";

export type Status = Static<typeof RunningStatus>;
export type Alert = AlertsResult["alerts"][number];

/** Something that waits for a person. */
export interface Matter {
  key: string;
  tone: Tone;
  title: string;
  text: string;
  /** The line of a failing job's output that says most. */
  said?: string;
  /** What would run. */
  command?: string;
  /** Words of a command, to be shown as they are. */
  quote?: string;
  sinceMs?: number;
  /** Without an answer it is over then. */
  untilMs?: number;
  jobId?: string;
  deeds: Deed[];
}

export interface Facts {
  nowMs: number;
  status: Status | undefined;
  alerts: readonly Alert[];
  jobs: readonly Job[];
  /** Those that nobody but a person can settle. */
  messages: readonly DeliveryEntry[];
  /** Runs that wait for a decision. */
  approvals?: readonly ApprovalEntry[];
  /** What goes on now. */
  running?: readonly RunEntry[];
}

const GRAVITY: readonly Tone[] = ["bad", "warn", "live", "ok", "quiet"];

/**
 * What waits for a person: first what stands still until somebody answers, then the gravest; of the same gravity the service,
 * jobs, then messages.
 */
export function mattersOf({ nowMs, status, alerts, jobs, messages, approvals = [], running = [] }: Facts): Matter[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const open = new Set(alerts.map(({ jobId }) => jobId));
  // Each of them stands there itself, and says as well where nobody is told.
  const names = alerts.map(({ jobId, jobName }) => byId.get(jobId)?.name ?? jobName ?? jobId);
  const isOfIncident = (code: string, message: string): boolean =>
    ["JOB_FAILING", "JOB_OFF_TIME"].includes(code) && names.some((name) => message.startsWith(`${name}: `));
  const asksOfMessages = messages.some(({ state }) => state === "unknown");
  const all = [
    ...(status?.problems ?? []).map(serviceMatter),
    ...(status?.setAside ?? []).map(setAsideMatter),
    ...alerts.map((alert) => alertMatter(alert, byId.get(alert.jobId), nowMs, stillText(alert, running, nowMs))),
    ...jobs.filter((job) => gaveUp(job) && !open.has(job.id)).map(switchedOffMatter),
    ...(status?.lanes ?? []).filter(stands).map(laneMatter),
    ...messages.map((message) => messageMatter(message, byId)),
    ...(status?.notices ?? [])
      .filter(({ code, message }) => !(code === "DELIVERY_UNKNOWN" ? asksOfMessages : isOfIncident(code, message)))
      .map(noticeMatter),
  ];
  const asked = [...approvals]
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
    .map((approval) => approvalMatter(approval, nowMs));
  return [...asked, ...all.sort((a, b) => GRAVITY.indexOf(a.tone) - GRAVITY.indexOf(b.tone))];
}

/** How many of them a person has to do something about. */
export const urgent = (matters: readonly Matter[]): number => matters.filter(({ tone }) => tone !== "quiet").length;

/** How the service is, and why: `service degraded: the runner cannot be started`. */
export function troubleText(status: Status | undefined): string {
  if (status === undefined) return "";
  const { state, problems = [], setAside = [], notices = [] } = status;
  const [aside] = setAside;
  const lasting = notices.find(({ code }) => !OVER.has(code));
  const why = problems[0]?.message ?? (aside ? `${aside.name} cannot be read` : undefined) ?? lasting?.message;
  return `service ${state}${why === undefined ? "" : `: ${why}`}`;
}

/** A code such as `JOB_OFF_TIME` in words. */
export const codeText = (code: string): string => {
  const words = CODES[code] ?? code.toLowerCase().replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};
const CODES: Record<string, string> = { JOB_OFF_TIME: "job not on time" };

type Problem = Status["problems"][number];
type Lane = Status["lanes"][number];

const serviceMatter = ({ code, message, sinceMs }: Problem): Matter => ({
  key: `problem ${code}`,
  tone: "bad",
  title: "The service has a problem",
  text: message,
  sinceMs,
  deeds: [doctorDeed],
});

const RISKS: Record<NonNullable<ApprovalEntry["risk"]>, string> = {
  read_only: "it only reads",
  write_local: "it changes this host",
  write_external: "it changes an external system",
};

function approvalMatter(entry: ApprovalEntry, nowMs: number): Matter {
  const { runId, attempt, jobId, jobName, state, risk, why, command, hash, plan, requestedAtMs, expiresAtMs } = entry;
  const lines = [
    why ?? "",
    `Until ${instantText(expiresAtMs, nowMs)}, ${agoText(expiresAtMs, nowMs)}; without an answer it is not run.`,
    state === "preparing" ? "What it would do is being found out." : "",
    plan === undefined ? "" : "It would do this:",
  ];
  return {
    key: `approval ${runId} ${attempt}`,
    tone: "warn",
    title: `${jobName} asks to be approved${risk === undefined ? "" : `: ${RISKS[risk]}`}`,
    text: lines.filter((line) => line !== "").join("\n"),
    command,
    ...(plan === undefined ? {} : { quote: plan.trimEnd() }),
    sinceMs: requestedAtMs,
    untilMs: expiresAtMs,
    jobId,
    deeds: hash === undefined ? [] : approvalDeeds(runId, hash),
  };
}

const doctorDeed: Deed = {
  label: "Look closer",
  method: "doctor",
  params: {},
  command: "command-cron doctor",
  looks: true,
};

const setAsideMatter = ({ id, name, reason }: Status["setAside"][number]): Matter => ({
  key: `aside ${id}`,
  tone: "bad",
  title: `${name} cannot be read and is left out`,
  text: reason,
  deeds: [],
});

const CAUSES: Record<string, string> = {
  failing: "keeps failing",
  missed: "did not run when it should have",
  late: "did not start in time",
  overrun: "takes longer than it should",
  no_output: "is ended since it prints nothing for too long",
  no_progress: "is ended since it makes no progress",
  level: "says that something is wrong",
  silent: "has not run well for too long",
  stalled: "makes no progress",
  pool_full: "waits for a free slot",
  timed_out: "runs into its time limit",
  start: "cannot be started",
  lost: "was lost: what ran it was gone",
  skipped: "does not run",
  delivery: "ran, and its message does not arrive",
};

/** An incident's cause as the end of a sentence about its job. */
export function causeText(cause: string): string {
  const [kind = "", detail] = cause.split(":");
  if (kind === "exit") return `fails with exit code ${detail}`;
  if (kind === "signal") return `is ended by ${detail}`;
  const text = CAUSES[kind] ?? kind.replaceAll("_", " ");
  // That its time passed says it all.
  if (kind === "missed" || detail === undefined || detail === "") return text;
  return `${text}: ${reasonText(detail.toLowerCase())}`;
}

/** For how long a run makes no progress by now: the incident says how long that was when it began. */
function stillText({ cause, jobId }: Alert, running: readonly RunEntry[], nowMs: number): string | undefined {
  const run = running.find((one) => one.jobId === jobId && one.progress?.stalled === true);
  if (cause !== "stalled" || run?.progress === undefined) return undefined;
  const place = placeText(run.progress);
  return `${etaText(run.progress, nowMs)}${place === "" ? "" : `, at ${place}`}`;
}

function alertMatter(alert: Alert, job: Job | undefined, nowMs: number, still: string | undefined): Matter {
  const times = alert.occurrences > 1 ? `Happened ${alert.occurrences} times. ` : "";
  const off = job?.state.autoDisabled === undefined ? "" : "It was switched off. ";
  const acked = alert.ackedAtMs !== undefined;
  const late = alert.cause === "late" || alert.cause.startsWith("missed");
  const name = job?.displayName ?? job?.name ?? alert.jobName ?? alert.jobId.slice(0, 8);
  const lines = [
    `${times}${off}${still ?? alert.about ?? job?.state.lastError ?? ""}`.trim(),
    acked ? `Known since ${instantText(alert.ackedAtMs ?? 0, nowMs)}${by(alert.ackedBy)}.` : "",
    (alert.snoozedUntilMs ?? 0) > nowMs ? `Quiet until ${instantText(alert.snoozedUntilMs ?? 0, nowMs)}.` : "",
    alert.route === undefined ? "Nobody is told of it." : "",
  ];
  return {
    key: `alert ${alert.id}`,
    // Where somebody knows, it waits for nobody else.
    tone: acked ? "quiet" : late ? "warn" : "bad",
    title: `${name} ${causeText(alert.cause)}`,
    text: lines.filter((line) => line !== "").join("\n"),
    ...(alert.about === undefined ? {} : { said: alert.about }),
    sinceMs: alert.openedAtMs,
    jobId: alert.jobId,
    deeds: [
      ...alertDeeds(alert.id, acked),
      ...(job === undefined
        ? []
        : [
            job.state.runningAtMs === undefined ? runDeed(job.id) : stopJobDeed(job.id),
            switchDeed(job.id, job.enabled),
          ]),
    ],
  };
}

const by = (who: string | undefined): string => (who === undefined ? "" : ` (${who})`);

/** It was switched off since it failed, not since it had done its work. */
const gaveUp = ({ state }: Job): boolean => state.autoDisabled !== undefined && state.autoDisabled.reason !== "until";

const switchedOffMatter = (job: Job): Matter => ({
  key: `off ${job.id}`,
  tone: "bad",
  title: `${job.displayName ?? job.name} was ${standOf(job).word}`,
  text: job.state.autoDisabled?.reason ?? job.state.lastError ?? "",
  ...(job.state.autoDisabled === undefined ? {} : { sinceMs: job.state.autoDisabled.atMs }),
  jobId: job.id,
  deeds: [switchDeed(job.id, false), runDeed(job.id)],
});

const stands = (lane: Lane): boolean => lane.disabledAtMs !== undefined || lane.pausedAtMs !== undefined;

function laneMatter(lane: Lane): Matter {
  const sinceMs = lane.disabledAtMs ?? lane.pausedAtMs;
  const how = lane.disabledAtMs === undefined ? "is paused" : "was closed by its receiver";
  return {
    key: `lane ${lane.lane}`,
    tone: lane.pending > 0 ? "bad" : "warn",
    title: `Nothing is sent to ${laneText(lane.lane, lane.names)}: it ${how}`,
    text: [lane.pending > 0 ? `${count(lane.pending, "message")} waiting.` : "", lane.reason ?? ""].join(" ").trim(),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    deeds: [laneDeed(lane)],
  };
}

function messageMatter(message: DeliveryEntry, byId: ReadonlyMap<string, Job>): Matter {
  const job = message.jobId === undefined ? undefined : byId.get(message.jobId);
  const about = job === undefined ? "" : ` about ${job.displayName ?? job.name}`;
  const unknown = message.state === "unknown";
  return {
    key: `message ${message.deliveryId}`,
    tone: unknown ? "warn" : "bad",
    title: unknown
      ? `Did the message${about} to ${laneText(message.lane)} arrive?`
      : `The message${about} to ${laneText(message.lane)} was given up`,
    text: message.reason ?? "",
    sinceMs: message.updatedAtMs,
    ...(message.jobId === undefined ? {} : { jobId: message.jobId }),
    deeds: messageDeeds(message),
  };
}

/** Notices of what is over: to be read, nothing to be done. */
export const OVER: ReadonlySet<string> = new Set([
  "CLOCK_JUMP",
  "LEDGER_WAS_DOWN",
  "RESTORED",
  "RUNNER_LOST",
  "RUN_SET_ASIDE",
]);

const noticeMatter = ({ code, message, lastAtMs, times }: Status["notices"][number]): Matter => ({
  key: `notice ${code} ${message}`,
  tone: OVER.has(code) ? "quiet" : "warn",
  title: codeText(code),
  text: `${message}${times > 1 ? ` (${times} times)` : ""}`,
  sinceMs: lastAtMs,
  deeds: [],
});
