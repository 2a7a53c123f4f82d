import { formatDurationMs } from "../../kernel/durations.ts";
import { describeInstant } from "../time/index.ts";
import { firstBytes } from "./safe-text.ts";

const LAST_LINES = 5;
const LINE_BYTES_MAX = 200;
const NAME_BYTES_MAX = 120;

/** What most often carries a secret in a command's output. Values the operator declared secret are masked long before. */
const LIKELY_SECRETS: readonly [RegExp, string][] = [
  [
    /\b((?:[\w-]*(?:token|secret|passwd|password|api[_-]?key|private[_-]?key))["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    "$1***",
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 ***"],
  [/(:\/\/[^/\s:@]*):[^/\s@]+@/g, "$1:***@"],
  [/\b(?:sk|pk|ghp|gho|ghs|github_pat|xox[abprs])[-_][\w-]{10,}/g, "***"],
];

export interface AlertFacts {
  jobId: string;
  jobName: string;
  /** The run's error in one line, or why it was skipped. */
  cause: string;
  /** Failures in a row. */
  times: number;
  skipped?: boolean;
  /** When the run began and how long it took; absent when nothing ran. */
  startedAtMs?: number | undefined;
  durationMs?: number | undefined;
  lastOkAtMs?: number | undefined;
  /** What the run said; only its last lines are shown. */
  text: string;
  nowMs: number;
  tz: string;
}

/** The message about an incident: what, why, how often, since when, the last words, and where to look. */
export function alertText(facts: AlertFacts): string {
  const { startedAtMs, durationMs, lastOkAtMs, nowMs, tz } = facts;
  const verb = facts.skipped === true ? "was skipped" : "failed";
  const often = facts.times > 1 ? ` ${facts.times} times in a row` : "";
  const took = durationMs === undefined ? "" : `, ${formatDurationMs(durationMs)} long`;
  const lines = lastLines(facts.text);
  return [
    `Command job ${quoted(facts.jobName)} ${verb}${often}`,
    causeLine(facts.cause),
    ...(startedAtMs === undefined ? [] : [`Last run: ${showInstant(startedAtMs, tz)}${took}`]),
    lastOkAtMs === undefined
      ? "Last good run: none so far"
      : `Last good run: ${showInstant(lastOkAtMs, tz)}, ${formatDurationMs(nowMs - lastOkAtMs)} ago`,
    ...(lines.length === 0 ? [] : ["Last lines:", ...lines.map((line) => `  ${line}`)]),
    `Look closer: openclaw command-cron runs ${facts.jobId}`,
  ].join("\n");
}

export interface RecoveryFacts {
  jobId: string;
  jobName: string;
  /** Failures in a row before this success. */
  failures: number;
  /** When the first of the closed incidents was opened. */
  openedAtMs: number;
  nowMs: number;
}

/** The one note that ends an incident. */
export function recoveryText({ jobName, failures, openedAtMs, nowMs }: RecoveryFacts): string {
  const after = failures > 0 ? ` after ${failures} failed ${failures === 1 ? "run" : "runs"}` : "";
  return [
    `Command job ${quoted(jobName)} recovered${after}`,
    `The incident was open for ${formatDurationMs(nowMs - openedAtMs)}. The latest run completed successfully.`,
  ].join("\n");
}

/** Said even where failure alerts are off: from now on the job does not run, and nothing else would tell. */
export const disabledText = (facts: Pick<AlertFacts, "jobId" | "jobName" | "cause" | "times">): string =>
  [
    `Command job ${quoted(facts.jobName)} was disabled after ${facts.times} failed runs in a row`,
    causeLine(facts.cause),
    `When it is repaired: openclaw command-cron enable ${facts.jobId}`,
  ].join("\n");

/** Hides what looks like a secret. A help, not a promise: output is the operator's own. */
export const maskLikelySecrets = (text: string): string =>
  LIKELY_SECRETS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);

function lastLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-LAST_LINES).map((line) => firstBytes(maskLikelySecrets(line.trimEnd()), LINE_BYTES_MAX));
}

const causeLine = (cause: string): string => `Cause: ${maskLikelySecrets(firstBytes(oneLine(cause), 500))}`;
const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const quoted = (name: string): string => `"${firstBytes(oneLine(name), NAME_BYTES_MAX)}"`;

function showInstant(atMs: number, tz: string): string {
  const { local, offset } = describeInstant(Math.floor(atMs / 1_000) * 1_000, tz);
  return `${local} ${offset}`;
}
