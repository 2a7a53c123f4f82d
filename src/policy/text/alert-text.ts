import { formatDurationMs } from "../../kernel/durations.ts";
import { describeInstant } from "../time/index.ts";
import { firstBytes } from "./safe-text.ts";

const LAST_LINES = 5;
const LINE_BYTES_MAX = 200;
const NAME_BYTES_MAX = 120;

/**
 * What most often carries a secret in a command's output. Values the operator declared secret are masked long before. None of
 * these looks at a part of a long word more than once: the event loop waits for it.
 */
const LIKELY_SECRETS: readonly [RegExp, string][] = [
  [
    /((?:token|secret|passwd|password|api[_-]?key|private[_-]?key)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    "$1***",
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 ***"],
  [/(:\/\/[^/\s:@]*):[^/\s@]+@/g, "$1:***@"],
  [/\b(?:sk|pk|ghp|gho|ghs|github_pat|xox[abprs])[-_][\w-]{10,}/g, "***"],
];

/** Whom a message is about: first words on a phone's screen. */
export interface Subject {
  jobName: string;
  /** The gateway's machine; absent where it has no name. */
  hostName?: string | undefined;
  /** It is one of the gateway's own, which are only watched here. */
  observed?: boolean | undefined;
}

type Which = Pick<Subject, "observed"> & { jobId: string };

/** The command that runs a job now, and the one that shows what it did. */
export const runCommand = ({ jobId, observed }: Which): string =>
  observed === true ? `openclaw cron run ${jobId}` : `openclaw command-cron run ${jobId}`;
const runsCommand = ({ jobId, observed }: Which): string =>
  `openclaw command-cron runs ${jobId}${observed === true ? " --all-cron" : ""}`;

export const headline = (sign: string, { jobName, hostName }: Subject, ...facts: string[]): string =>
  [`${sign} ${shown(jobName)}${hostName === undefined ? "" : ` on ${shown(hostName)}`}`, ...facts].join(" · ");

/** What an alert says of an incident in one line. */
export const alertAbout = ({ outcome, times }: Pick<AlertFacts, "outcome" | "times">): string =>
  times > 1 ? `${outcome} · ${ordinal(times)} in a row` : outcome;

interface AlertFacts extends Subject {
  jobId: string;
  /** How it ended, in two or three words. */
  outcome: string;
  /** The run's error in one line, or why it was skipped. */
  cause: string;
  /** Failures in a row. */
  times: number;
  /** The run whose log there is; absent when nothing ran. */
  runId?: string | undefined;
  /** When the run began and how long it took; absent when nothing ran. */
  startedAtMs?: number | undefined;
  durationMs?: number | undefined;
  lastOkAtMs?: number | undefined;
  /** When it is tried next; absent when nothing is to come. */
  nextAtMs?: number | undefined;
  /** What the run said; only its last lines are shown. */
  text: string;
  nowMs: number;
  tz: string;
}

/** The message about an incident: what, where and how often in the first line, then why, the last words, and what comes next. */
export function alertText(facts: AlertFacts): AlertMessage {
  const head = [headline("✗", facts, alertAbout(facts)), ...alertReasons(facts)].join("\n");
  const outlook = alertOutlook(facts).join("\n");
  const words = lastLines(facts.text).join("\n");
  const brief = `${head}\n${outlook}`;
  if (words === "") return { text: brief, code: [brief.length, brief.length], brief };
  const before = `${head}\nLast words:\n`;
  return { text: `${before}${words}\n${outlook}`, code: [before.length, before.length + words.length], brief };
}

interface AlertMessage {
  text: string;
  /** Which part of it the command printed. */
  code: [from: number, to: number];
  /** Without the last words, for where all of them follow. */
  brief: string;
}

function alertReasons({ cause, startedAtMs, durationMs, tz }: AlertFacts): string[] {
  const took = durationMs === undefined ? "" : `, ${formatDurationMs(durationMs)} long`;
  return [causeLine(cause), ...(startedAtMs === undefined ? [] : [`Last run: ${showInstant(startedAtMs, tz)}${took}`])];
}

function alertOutlook(facts: AlertFacts): string[] {
  const { runId, lastOkAtMs, nextAtMs, nowMs, tz } = facts;
  return [
    lastGood(lastOkAtMs, nowMs, tz),
    nextAtMs === undefined ? "Next try: none is to come" : `Next try: ${showSoon(nextAtMs, nowMs, tz)}`,
    runId === undefined || facts.observed === true
      ? `Look closer: ${runsCommand(facts)}`
      : `Log: openclaw command-cron logs ${runId}`,
  ];
}

export const lastGood = (lastOkAtMs: number | undefined, nowMs: number, tz: string): string =>
  lastOkAtMs === undefined
    ? "Last good run: none so far"
    : `Last good run: ${showInstant(lastOkAtMs, tz)}, ${formatDurationMs(nowMs - lastOkAtMs)} ago`;

interface RecoveryFacts extends Subject {
  /** Failures in a row before this success. */
  failures: number;
  /** When the first of the closed incidents was opened. */
  openedAtMs: number;
  nowMs: number;
}

/** The one note that ends an incident. */
export function recoveryText({ failures, openedAtMs, nowMs, ...subject }: RecoveryFacts): string {
  const after = failures > 0 ? [`after ${failures} failed ${failures === 1 ? "run" : "runs"}`] : [];
  return headline("✓", subject, "well again", ...after, `open for ${formatDurationMs(nowMs - openedAtMs)}`);
}

/** Said even where failure alerts are off: from now on the job does not run, and nothing else would tell. */
export function disabledText(facts: Subject & Pick<AlertFacts, "jobId" | "cause" | "times">): string {
  const { jobId, cause, times, ...subject } = facts;
  const head = headline("✗", subject, "disabled", `${times} failed runs in a row`);
  return [head, causeLine(cause), `When it is repaired: openclaw command-cron enable ${jobId}`].join("\n");
}

/** Hides what looks like a secret. A help, not a promise: output is the operator's own. */
export const maskLikelySecrets = (text: string): string =>
  LIKELY_SECRETS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);

function lastLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-LAST_LINES).map((line) => firstBytes(maskLikelySecrets(line.trimEnd()), LINE_BYTES_MAX));
}

const causeLine = (cause: string): string => `Cause: ${maskLikelySecrets(firstBytes(oneLine(cause), 500))}`;
const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
export const shown = (name: string): string => firstBytes(oneLine(name), NAME_BYTES_MAX);

function ordinal(count: number): string {
  const teens = count % 100 > 10 && count % 100 < 14;
  const ending = teens ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${ending}`;
}

/** The clock's hour and minute; with the date where that is another day. */
export function showSoon(atMs: number, nowMs: number, tz: string): string {
  const [day, time = ""] = describeInstant(Math.floor(atMs / 1_000) * 1_000, tz).local.split(" ");
  const [today] = describeInstant(Math.floor(nowMs / 1_000) * 1_000, tz).local.split(" ");
  return day === today ? time.slice(0, 5) : `${day} ${time.slice(0, 5)}`;
}

function showInstant(atMs: number, tz: string): string {
  const { local, offset } = describeInstant(Math.floor(atMs / 1_000) * 1_000, tz);
  return `${local} ${offset}`;
}
