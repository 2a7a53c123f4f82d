import type { AskedWhen, Delivery, Receiver } from "../../../schema/wire/delivery.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { FollowOn, Schedule } from "../../../schema/wire/schedule.ts";
import type { Instant } from "../../engine/api.ts";
import { formatBytes, formatDurationMs } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import type { Style } from "./style.ts";
import { type Column, idCell, renderTable, wordCell } from "./table.ts";
import { shortId } from "./text.ts";
import { relative, utc } from "./time.ts";

const ENDS: Record<FollowOn, string> = { success: "", failure: " fails", complete: " ends" };

/** What a follower waits for: `after Backup`, `after Backup fails, 1 min later`. */
export function afterText(
  parent: string,
  { on = "success", delaySeconds = 0, minGapSeconds = 0, match }: Link,
): string {
  const later = delaySeconds === 0 ? "" : `, ${formatDurationMs(delaySeconds * 1_000)} later`;
  const gap = minGapSeconds === 0 ? "" : `, ${formatDurationMs(minGapSeconds * 1_000)} apart at least`;
  return `after ${parent}${ENDS[on]}${later}${gap}${match === undefined ? "" : `, if it says /${match}/`}`;
}

type Link = Pick<Extract<Schedule, { kind: "after" }>, "on" | "delaySeconds" | "minGapSeconds" | "match">;

/** `cron 0 3 * * * @ Europe/Berlin`, `every 10 min`, `at 2027-01-31T09:00:00Z`, `after Backup`. */
export function scheduleText({ schedule, parentName }: Pick<Job, "schedule" | "parentName">): string {
  if (schedule.kind === "after") return afterText(parentName ?? `${shortId(schedule.job)}, which is gone`, schedule);
  if (schedule.kind === "at") return `at ${schedule.at}`;
  if (schedule.kind === "every") return `every ${formatDurationMs(schedule.everyMs)}`;
  const zone = schedule.tz === undefined ? "" : ` @ ${schedule.tz}`;
  const spread = schedule.staggerMs ? ` (stagger ${formatDurationMs(schedule.staggerMs)})` : "";
  return `cron ${schedule.expr}${zone}${spread}`;
}

/** The gateway's one-word status of a job. */
export function jobStatus(job: Job): string {
  if (job.state.runningAtMs !== undefined) return "running";
  if (!job.enabled) {
    const { autoDisabled } = job.state;
    if (autoDisabled === undefined) return "disabled";
    return autoDisabled.reason === "until" ? "disabled (until)" : `disabled (${autoDisabled.consecutiveErrors}x)`;
  }
  const last = job.state.lastRunStatus ?? job.state.lastStatus;
  if (last === "error" && (job.state.consecutiveErrors ?? 0) > 1) return `error (${job.state.consecutiveErrors}x)`;
  if (last === "ok" && job.state.lastDeliveryStatus === "not-delivered") return "ok (not delivered)";
  return last ?? "idle";
}

/** Behind what the config says for a job that does not. */
export const DEFAULT_MARK = " (default of the config)";
const markOf = ({ fromDefaults = [] }: Pick<Job, "fromDefaults">, field: string): string =>
  fromDefaults.includes(field) ? DEFAULT_MARK : "";

/** The limits in force, defaults filled in. */
export function limitsText({ payload, ...job }: Pick<Job, "payload" | "fromDefaults">): string {
  const limit = payload.timeoutSeconds ?? 600;
  const silence = payload.noOutputTimeoutSeconds ?? 0;
  return [
    (limit === 0 ? "no time limit" : `time limit ${formatDurationMs(limit * 1_000)}`) +
      markOf(job, "payload.timeoutSeconds"),
    silence === 0 ? "silence allowed" : `silent for at most ${formatDurationMs(silence * 1_000)}`,
    `keeps ${formatBytes(payload.outputMaxBytes ?? 16_777_216)} a stream`,
  ].join(", ");
}

interface Target extends Partial<Pick<Delivery, "channel" | "to" | "accountId" | "threadId">> {
  mode?: Delivery["mode"] | Receiver["mode"];
  agentId?: string;
  sessionKey?: string;
  when?: AskedWhen;
}

/** An address without its query, which may carry a key. */
function addressText(to: string): string {
  try {
    const url = new URL(to);
    return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`;
  } catch {
    return to;
  }
}

function addressOf(target: Target): string {
  const named = target.channel === undefined && target.to?.startsWith("@") === true;
  const place = [named ? undefined : (target.channel ?? "last"), target.to]
    .filter((part) => part !== undefined)
    .join(" ");
  const thread = target.threadId === undefined ? "" : ` thread ${target.threadId}`;
  const account = target.accountId === undefined ? "" : ` account ${target.accountId}`;
  return `${place}${thread}${account}`;
}

const ASKED: Record<AskedWhen, string> = { always: "", failure: " about failures", change: " about changes" };

function agentText({ agentId, sessionKey, when = "always", channel, to, ...place }: Target): string {
  const who = agentId === undefined ? "the agent" : `agent ${agentId}`;
  const where = sessionKey === undefined ? "" : ` in ${sessionKey}`;
  const back =
    channel === undefined && to === undefined
      ? ""
      : `, answer to ${addressOf({ ...place, ...present({ channel, to }) })}`;
  return `${who}${where}${ASKED[when]}${back}`;
}

export function targetText(target: Target | undefined): string {
  if (target === undefined || target.mode === "none") return "none";
  if (target.mode === "webhook") return `webhook ${addressText(target.to ?? "-")}`;
  if (target.mode === "agent") return agentText(target);
  return `announce ${addressOf(target)}`;
}

export const deliveryText = (job: Job): string => targetText(job.delivery) + markOf(job, "delivery");

/** `tags`: with a column of them. */
export function renderJobs(jobs: readonly Job[], nowMs: number, style: Style, { tags = false } = {}): string {
  const column: Column<Job> = { title: "Tags", wraps: true, drop: 2, cell: (job) => (job.tags ?? []).join(" ") };
  const columns: Column<Job>[] = [
    { title: "ID", cell: ({ id }) => idCell(id) },
    { title: "Name", wraps: true, cell: ({ displayName, name }) => displayName ?? name },
    { title: "Schedule", wraps: true, drop: 2, cell: scheduleText },
    { title: "Next", drop: 1, cell: ({ enabled, state }) => (enabled ? relative(state.nextRunAtMs, nowMs) : "-") },
    { title: "Last", drop: 3, cell: ({ state }) => relative(state.lastRunAtMs, nowMs) },
    { title: "Status", cell: (job) => wordCell(jobStatus(job)) },
    ...(tags ? [column] : []),
    { title: "Delivery", wraps: true, drop: 4, cell: ({ delivery }) => ({ text: targetText(delivery), tone: "dim" }) },
  ];
  return renderTable(jobs, columns, style);
}

const CHANGES: Record<string, string> = {
  gap: "the clock has gone forward",
  "overlap-first": "this hour comes twice: first",
  "overlap-second": "this hour comes twice: second",
  offset: "the clock has changed",
};

/** One line an instant: local time with its offset, UTC, how far away, and a clock change where there is one. */
export function renderInstants(instants: readonly Instant[], nowMs: number, style: Style): string {
  const columns: Column<Instant>[] = [
    { title: "", cell: ({ local, offset }) => `  ${local} ${offset}` },
    { title: "", drop: 2, cell: ({ atMs }) => utc(atMs) },
    { title: "", drop: 1, cell: ({ atMs }) => ({ text: relative(atMs, nowMs), tone: "dim" }) },
    { title: "", wraps: true, cell: ({ change = "" }) => ({ text: CHANGES[change] ?? change, tone: "warn" }) },
  ];
  return renderTable(instants, columns, style, { titled: false });
}
