import type { JobStats } from "../../schema/wire/calls/runs.ts";
import type { Condition } from "../../schema/wire/condition.ts";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry, RunStatus } from "../../schema/wire/run.ts";
import { formatDurationMs, roughDurationText } from "../../src/kernel/durations.ts";
import { lastLine } from "./output.ts";
import type { Sign } from "./signs.ts";
import { instantText } from "./time.ts";

/** What a mark says at a glance; each tone has a colour, each status a shape besides. */
export type Tone = "ok" | "bad" | "warn" | "live" | "quiet";
/** What is drawn: a run's status, that it makes no progress, or an instant to come. */
export type MarkStatus = RunStatus | "stalled" | "planned";

interface Words {
  word: string;
  tone: Tone;
  /** For the legend. */
  says: string;
}

export const STATES: Record<MarkStatus, Words> = {
  succeeded: { word: "ran", tone: "ok", says: "ran and ended with exit code 0" },
  failed: { word: "failed", tone: "bad", says: "ended with another exit code or a signal, or could not start" },
  timed_out: { word: "timed out", tone: "bad", says: "was ended at its time limit, or because it was silent too long" },
  lost: { word: "lost", tone: "bad", says: "nobody knows how it ended: what ran it was gone" },
  missed: { word: "missed", tone: "warn", says: "did not run: its time passed while nothing could start it" },
  skipped: {
    word: "skipped",
    tone: "quiet",
    says: "did not run on purpose: an earlier run went on, or a pause after failures",
  },
  canceled: { word: "stopped", tone: "quiet", says: "was ended by a person or by a later run" },
  running: { word: "running", tone: "live", says: "runs now" },
  stalled: { word: "stalled", tone: "warn", says: "runs now, and makes no progress for longer than its job lets it" },
  queued: { word: "waiting", tone: "live", says: "is due and waits for a free slot or for an earlier run" },
  awaiting_approval: { word: "asks", tone: "warn", says: "waits until a person approves it" },
  planned: { word: "will run", tone: "quiet", says: "is to run then" },
};

/** From what must be seen to what may be covered. */
export const SEVERITY: readonly MarkStatus[] = [
  "failed",
  "timed_out",
  "lost",
  "stalled",
  "missed",
  "awaiting_approval",
  "running",
  "queued",
  "canceled",
  "succeeded",
  "skipped",
  "planned",
];
/** What a run is shown as. */
export const shownStatus = ({ runStatus, progress }: Pick<RunEntry, "runStatus" | "progress">): MarkStatus =>
  runStatus === "running" && progress?.stalled === true ? "stalled" : runStatus;

export const isBad = (status: MarkStatus): boolean => STATES[status].tone === "bad" || status === "missed";

export interface Stand {
  tone: Tone;
  status: MarkStatus | "off" | "new";
  word: string;
  /** The same where there is little room. */
  short?: string;
  /** When that was, where it is not the last run. */
  atMs?: number;
}

/** How a job stands, in two or three words; `sign` is what else is known of it. */
export function standOf({ enabled, state }: Pick<Job, "enabled" | "state">, sign: Sign = {}): Stand {
  const { asks, stalled, missed } = sign;
  if (asks === true) return { tone: "warn", status: "awaiting_approval", word: "asks to be approved" };
  if (stalled !== undefined)
    return { tone: "warn", status: "stalled", word: `stalled ${roughDurationText(stalled.forMs)}` };
  if (state.runningAtMs !== undefined) return { tone: "live", status: "running", word: "running" };
  if (state.autoDisabled?.reason === "until") return { tone: "quiet", status: "off", word: "done, and switched off" };
  if (state.autoDisabled !== undefined) {
    const word = `switched off after ${state.autoDisabled.consecutiveErrors} failures`;
    return { tone: "bad", status: "off", word, short: "switched off" };
  }
  if (!enabled) return { tone: "quiet", status: "off", word: "off" };
  const last = state.lastRunStatus ?? state.lastStatus;
  if (last === "error") {
    const times = state.consecutiveErrors ?? 1;
    // What a person or a later run ended is no failure.
    if (times === 0) return { tone: "quiet", status: "canceled", word: "stopped" };
    if (times === 1) return { tone: "bad", status: "failed", word: "failed" };
    return { tone: "bad", status: "failed", word: `failed ${times} times in a row`, short: `failed ${times}×` };
  }
  if (missed !== undefined) {
    const { times, atMs } = missed;
    const word = times === 1 ? "missed" : `missed ${times} times in a row`;
    return { tone: "warn", status: "missed", word, short: times === 1 ? word : `missed ${times}×`, atMs };
  }
  if (last === "skipped") return { tone: "warn", status: "missed", word: "did not run" };
  if (last === "ok") {
    return state.lastDelivered === false
      ? { tone: "warn", status: "succeeded", word: "ran, message not delivered", short: "ran, not delivered" }
      : { tone: "ok", status: "succeeded", word: "ok" };
  }
  return { tone: "quiet", status: "new", word: "has not run yet" };
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "" : ` after ${formatDurationMs(ms)}`);

const REASONS: Record<string, string> = {
  overlap: "an earlier run still went on",
  backoff: "it pauses after failures",
  auto_disabled: "it was switched off after failures",
  misfire_policy: "its time passed while the gateway was away or busy, and it is not made up for",
  approval_rejected: "a person rejected it",
  approval_expired: "nobody approved it in time",
  approval_voided: "the job was changed while it waited for an approval",
  approvals_full: "too many of its runs wait for an approval",
  outside_window: "its time passed while the gateway was away or busy, too long ago to be made up for",
};

/** Why something was not run, or could not be, as a person says it. */
export const reasonText = (reason: string): string => REASONS[reason] ?? spelledOut(reason);

/** A word of ours as a person writes it; a sentence stays one. */
const spelledOut = (reason: string): string => (/^[a-z_]+$/.test(reason) ? reason.replaceAll("_", " ") : reason);

/** Why a run ended as it did, in one line; empty where there is nothing to explain. */
export function whyOf(run: RunEntry): string {
  if (run.runStatus === "succeeded" || run.runStatus === "running") return "";
  if (run.error !== undefined) return run.error.replace(/^command exited with code (?=\d+$)/, "exit code ");
  if (run.runStatus === "awaiting_approval") return "a person has to approve it";
  if (run.reason !== undefined) return reasonText(run.reason);
  if (run.outcome === "silent") return `no output for too long${seconds(run.durationMs)}`;
  if (run.outcome === "timed_out") return `time limit${seconds(run.durationMs)}`;
  if (run.signal !== null) return `ended by ${run.signal}`;
  return run.exitCode === null ? "" : `exit code ${run.exitCode}`;
}

/** The last words of what a run printed: of its errors where there are any. */
export const lastWords = (run: RunEntry): string => lastLine(run.stderr) || lastLine(run.stdout) || (run.summary ?? "");

/** Why, and what it said last where that says more. */
export function whyAndWords(run: RunEntry): string {
  const why = whyOf(run);
  const said = run.runStatus === "failed" ? lastWords(run) : "";
  return said === "" || why.includes(said) ? why : `${why} — ${said}`;
}

/** `7 runs, 2 failed`; `1 run`. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** What all ends of a job come to: `12 runs, 1 failed, 2 missed`. */
export const totalsText = ({ runs, error, missed }: { runs: number; error: number; missed: number }): string =>
  `${count(runs, "run")}, ${error} failed${missed > 0 ? `, ${missed} missed` : ""}`;

/** A destination as one reads it: `telegram -100200300`, by its name where it has one; of an address no query, which may carry a key. */
export function laneText(lane: string, names: readonly string[] = []): string {
  const [mode = "", ...rest] = lane.split("/");
  const to = mode === "announce" ? rest.join(" ") : mode === "webhook" ? rest.join("/").replace(/[?#].*$/, "") : lane;
  const name = names.find((one) => one.startsWith("@"));
  return name === undefined ? to : `${name} (${to})`;
}

/** What a command said last of what it looks after: `running, copying 3 of 6 (since 03:12)`. */
export function conditionText(
  { running, completed, level, message, stopReason, movedAtMs }: Condition,
  nowMs: number,
): string {
  const words = [
    completed ? "completed" : running ? "running" : "not running",
    level === "ok" ? "" : level,
    message ?? stopReason ?? "",
  ];
  return `${words.filter((word) => word !== "").join(", ")} (since ${instantText(movedAtMs, nowMs)})`;
}

/** How a job did, in a line: `120 runs, 99.2 % ok, median 4.0 s, 95 % within 12 s; slower of late`. */
export function statsText({ runs, okRate, durationMs, slow, flaky }: JobStats): string {
  const parts = [count(runs, "run")];
  if (okRate !== undefined) parts.push(`${Math.floor(okRate * 1_000) / 10} % ok`);
  if (durationMs !== undefined) {
    parts.push(`median ${formatDurationMs(durationMs.p50)}, 95 % within ${formatDurationMs(durationMs.p95)}`);
  }
  const late = [slow === true ? "slower of late" : "", flaky === true ? "ok only after a retry of late" : ""];
  return [parts.join(", "), ...late.filter((text) => text !== "")].join("; ");
}
