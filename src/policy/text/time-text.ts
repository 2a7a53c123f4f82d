import { headline, lastGood, runCommand, type Subject, shown, showSoon } from "./alert-text.ts";

interface TimeFacts extends Subject {
  jobId: string;
  /** `missed`, `late`, `overrun`, `silent`, `stalled` or `level`. */
  cause: string;
  /** What is the matter, or how it ended. */
  about: string;
  over: boolean;
  runId?: string | undefined;
  lastOkAtMs?: number | undefined;
  nextAtMs?: number | undefined;
  nowMs: number;
  tz: string;
}

/** The message about what did not happen in time, or has happened since. */
export function timeText(facts: TimeFacts): string {
  const { jobId, cause, about, over, runId, lastOkAtMs, nextAtMs, nowMs, tz } = facts;
  if (over) return headline("✓", facts, `${cause} no more`, about);
  const next = nextAtMs === undefined ? [] : [`Next: ${showSoon(nextAtMs, nowMs, tz)}`];
  const first = headline("⚠", facts, cause, about);
  // What the job looks after, not a run of it.
  if (cause === "level" || (cause === "stalled" && runId === undefined && facts.observed !== true))
    return [first, `Look: openclaw command-cron show ${jobId}`].join("\n");
  if ((cause === "overrun" || cause === "stalled") && facts.observed !== true) {
    const id = runId ?? jobId;
    return [first, `Log: openclaw command-cron logs ${id}`, `End it: openclaw command-cron cancel ${id}`].join("\n");
  }
  const act =
    cause === "late" || cause === "overrun"
      ? `What is in its way: openclaw ${facts.observed === true ? "health" : "command-cron status"}`
      : `Run it now: ${runCommand(facts)}`;
  return [first, lastGood(lastOkAtMs, nowMs, tz), ...next, act].join("\n");
}

const DIGEST_LINES = 20;

export interface DigestFacts {
  hostName?: string | undefined;
  /** One line each: what is wrong, or well again. */
  items: readonly {
    jobId: string;
    jobName: string;
    observed?: boolean | undefined;
    about: string;
    over: boolean;
    missed: boolean;
  }[];
  /** While nothing could run, and what passed then; of some instants how often they come. */
  down?:
    | { fromMs: number; throughMs: number; instants: number; words: readonly (readonly [string, number])[] }
    | undefined;
  tz: string;
}

/** One message about many incidents. */
export function digestText({ hostName, items, down, tz }: DigestFacts): string {
  const open = items.filter(({ over }) => !over).length;
  const counts = [
    ...(open > 0 ? [open === 1 ? "1 incident" : `${open} incidents`] : []),
    ...(open < items.length ? [`${items.length - open} over`] : []),
  ];
  const where = hostName === undefined ? "" : ` on ${shown(hostName)}`;
  const missed = items.filter((item) => item.missed && !item.over).map(runCommand);
  return [
    `${open > 0 ? "⚠" : "✓"} ${counts.join(", ")}${where}`,
    ...(down === undefined ? [] : [downLine(down, tz)]),
    ...items
      .slice(0, DIGEST_LINES)
      .map(({ jobName, about, over }) => `${over ? "✓" : "·"} ${shown(jobName)} · ${about}`),
    ...(items.length > DIGEST_LINES ? [`… and ${items.length - DIGEST_LINES} more: openclaw command-cron alerts`] : []),
    ...(missed.length === 0
      ? []
      : ["Run now what was missed:", ...missed.slice(0, DIGEST_LINES).map((command) => `  ${command}`)]),
  ].join("\n");
}

function downLine({ fromMs, throughMs, instants, words }: NonNullable<DigestFacts["down"]>, tz: string): string {
  const counts = new Map<string, number>();
  for (const [word, count] of words) counts.set(word, (counts.get(word) ?? 0) + count);
  const counted = [...counts].map(([word, count]) => `${count} of them ${word}`);
  const passed = [`${instants} ${instants === 1 ? "instant" : "instants"} passed`, ...counted].join(", ");
  return `down ${showSoon(fromMs, throughMs, tz)}-${showSoon(throughMs, fromMs, tz)}: ${passed}`;
}
