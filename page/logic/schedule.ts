import type { Job } from "../../schema/wire/job.ts";
import type { AfterSchedule, Schedule } from "../../schema/wire/schedule.ts";
import { formatDurationMs } from "../../src/kernel/durations.ts";
import { argvText } from "../../src/kernel/shell.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The commonest expressions as a sentence; any other as it is written. */
function cronText(expr: string): string {
  const fields = expr.trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields.length === 6 ? fields.slice(1) : fields;
  const plain = fields.length === 5 || fields[0] === "0";
  const each = /^\*\/(\d+)$/;
  const number = /^\d+$/;
  if (!plain || month !== "*") return expr;
  if (day === "*" && weekday === "*" && hour === "*") {
    const step = each.exec(minute)?.[1];
    if (minute === "*") return "every minute";
    if (step !== undefined) return `every ${step} minutes`;
    if (number.test(minute))
      return minute === "0" ? "every hour, on the hour" : `every hour at :${minute.padStart(2, "0")}`;
  }
  const hours = each.exec(hour)?.[1];
  if (day === "*" && weekday === "*" && hours !== undefined && number.test(minute)) {
    return `every ${hours} hours at :${minute.padStart(2, "0")}`;
  }
  if (!number.test(minute) || !number.test(hour)) return expr;
  const at = `at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*" && weekday === "*") return `every day ${at}`;
  if (day === "*" && weekday === "1-5") return `Monday to Friday ${at}`;
  if (day === "*" && number.test(weekday)) return `every ${WEEKDAYS[Number(weekday)] ?? weekday} ${at}`;
  if (weekday === "*" && number.test(day)) return `on day ${day} of each month ${at}`;
  return expr;
}

/** When a job runs, in words: `every day at 03:00 (Europe/Berlin)`. */
export function scheduleText(schedule: Schedule, parentName?: string): string {
  if (schedule.kind === "every") return `every ${formatDurationMs(schedule.everyMs)}`;
  if (schedule.kind === "at") return `once, at ${schedule.at}`;
  if (schedule.kind === "after") return afterText(schedule, parentName ?? schedule.job.slice(0, 8));
  const spread = schedule.staggerMs ? `, spread over ${formatDurationMs(schedule.staggerMs)}` : "";
  return `${cronText(schedule.expr)}${schedule.tz === undefined ? "" : ` (${schedule.tz})`}${spread}`;
}

const ENDS = { success: "has run well", failure: "has failed", complete: "has ended, however it ended" } as const;

/** What a follower waits for: `after Backup has run well, 5 min later`. */
export function afterText(link: Omit<AfterSchedule, "kind" | "job">, parentName: string): string {
  const delay = link.delaySeconds ? `, ${formatDurationMs(link.delaySeconds * 1_000)} later` : "";
  const gap = link.minGapSeconds ? `, ${formatDurationMs(link.minGapSeconds * 1_000)} apart at least` : "";
  const match = link.match === undefined ? "" : `, when it says /${link.match}/`;
  return `after ${parentName} ${ENDS[link.on ?? "success"]}${delay}${gap}${match}`;
}

/** The line behind `sh -lc`, or the whole command. */
export const commandText = ({ payload: { argv } }: Pick<Job, "payload">): string =>
  argv.length === 3 && /^-l?c$/.test(argv[1] ?? "") && /(^|\/)(ba|da|z)?sh$/.test(argv[0] ?? "")
    ? (argv[2] ?? "")
    : argvText(argv);

interface Target {
  mode?: string | undefined;
  agentId?: string | undefined;
  channel?: string | undefined;
  to?: string | undefined;
}

/** Where messages go; an address without its query, which may carry a key. */
export function targetText(target: Target | undefined): string {
  if (target === undefined || target.mode === "none") return "nobody";
  if (target.mode === "agent") return target.agentId === undefined ? "an agent" : `the agent ${target.agentId}`;
  if (target.mode === "webhook") return `webhook ${(target.to ?? "").replace(/[?#].*$/, "")}`;
  // A destination of the settings says itself in which channel it is.
  if (target.channel === undefined && target.to?.startsWith("@") === true) return target.to;
  return [target.channel ?? "the last channel", target.to].filter(Boolean).join(" ");
}
