import type { ProgressEntry } from "../../../schema/wire/progress.ts";
import { formatDurationMs } from "../../kernel/durations.ts";
import { barOf, etaText, placeText } from "../../kernel/progress.ts";
import { headline, maskLikelySecrets, type Subject } from "./alert-text.ts";

interface LivingFacts extends Subject {
  progress: ProgressEntry | undefined;
  /** Which attempt goes on. */
  attempt: number;
  runningMs: number;
  nowMs: number;
}

/**
 * What is said of a run that goes on. The first line changes with its level, the last one with time alone; `code` is what
 * the command said.
 */
export function livingText(facts: LivingFacts): { text: string; code: [from: number, to: number] } {
  const { progress, attempt, runningMs, nowMs } = facts;
  const level = progress?.level ?? "ok";
  const attempts = attempt > 1 ? [`attempt ${attempt}`] : [];
  const head = headline(level === "ok" ? "▶" : "⚠", facts, level === "ok" ? "running" : level, ...attempts);
  const bar = progress?.percent === undefined ? "" : barOf(progress.percent);
  const place = [bar, placeText(progress)].filter((part) => part !== "").join(" ");
  const said = [place, progress?.next === undefined ? "" : `then ${progress.next}`].filter((line) => line !== "");
  const words = maskLikelySecrets(said.join("\n"));
  const eta = progress === undefined ? "" : etaText(progress, nowMs);
  const last = [`for ${formatDurationMs(runningMs)}`, eta].filter((part) => part !== "").join(" · ");
  const from = head.length + 1;
  return { text: [head, ...(said.length > 0 ? [words] : []), last].join("\n"), code: [from, from + words.length] };
}

/** Whether two of them say something else than that time has passed. */
export const saysMore = (before: string, now: string): boolean => withoutLast(before) !== withoutLast(now);

const withoutLast = (text: string): string => text.slice(0, Math.max(0, text.lastIndexOf("\n")));

/** Whether one of them is of another level, or of another attempt. */
export const isOtherLevel = (before: string, now: string): boolean => before.split("\n")[0] !== now.split("\n")[0];

const SIGNS = { ok: "✓", error: "✗", skipped: "·" } as const;

/** What stays of the message when the run's result is none, or is a message of its own. */
export const livingEnd = ({
  status,
  runStatus,
  tookMs,
  ...subject
}: Subject & { status: keyof typeof SIGNS; runStatus: string; tookMs: number }): string =>
  headline(SIGNS[status], subject, runStatus.replace("_", " "), `after ${formatDurationMs(tookMs)}`);
