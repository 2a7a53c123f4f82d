import type { ApprovalEntry } from "../../../schema/wire/calls/approvals.ts";
import type { AlertEntry } from "../../../schema/wire/calls/told.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { formatDurationMs, parseDurationMs, SECOND_MS } from "../../kernel/durations.ts";
import { fenced, SILENCE_SECONDS } from "../gateway/index.ts";
import { refusalText } from "./click.ts";
import { type Deeds, short, stateWords } from "./deeds.ts";

/** Rows of a list that fit into one message of every channel. */
const ROWS = 20;

interface Verb {
  usage: string;
  says: string;
  run(deeds: Deeds, words: readonly string[], nowMs: number): Promise<string>;
}

/** A job as its name or id; names may hold blanks, also two at a time. */
const joined = (words: readonly string[]): string => words.join(" ").trim();
const shorn = (words: readonly string[]): string[] => words.filter((word) => word !== "");

const VERBS: Record<string, Verb> = {
  list: {
    usage: "list [word]",
    says: "jobs, how their last runs went, and when they run next",
    async run(deeds, words, nowMs) {
      const query = joined(words);
      const asked = { includeDisabled: true, limit: ROWS, ...(query === "" ? {} : { query }) };
      const { jobs, total } = await deeds.call<{ jobs: Job[]; total: number }>("list", asked);
      if (jobs.length === 0) return "There is no such job.";
      const more = total > jobs.length ? [`and ${total - jobs.length} more`] : [];
      return [...jobs.map((job) => jobLine(job, nowMs)), ...more].join("\n");
    },
  },
  alerts: {
    usage: "alerts",
    says: "what is wrong with jobs now",
    async run(deeds, _words, nowMs) {
      const { alerts } = await deeds.call<{ alerts: AlertEntry[] }>("alerts", { limit: ROWS });
      const lines = alerts.map(({ jobName, jobId, about, cause, openedAtMs, ackedBy }) => {
        const known = ackedBy === undefined ? "" : `, known to ${ackedBy}`;
        return `✗ ${jobName ?? short(jobId)} · ${about ?? cause} · for ${formatDurationMs(nowMs - openedAtMs)}${known}`;
      });
      return lines.length === 0 ? "No open alerts." : lines.join("\n");
    },
  },
  runs: {
    usage: "runs <job>",
    says: "its last runs",
    async run(deeds, words, nowMs) {
      const job = await deeds.job(required(words));
      const page = await deeds.call<{ entries: RunEntry[] }>("runs", { id: job.id, limit: 10 });
      const lines = page.entries.map(
        (entry) => `${short(entry.runId)} · ${stateWords(entry)} · ${formatDurationMs(nowMs - entry.ts)} ago`,
      );
      return lines.length === 0 ? `${job.name} has not run yet.` : lines.join("\n");
    },
  },
  tail: {
    usage: "tail <job|run>",
    says: "the end of what it printed",
    async run(deeds, words) {
      const said = await deeds.tail({ ref: required(words) });
      return said === "" ? "It has printed nothing." : fenced(said);
    },
  },
  run: { usage: "run <job>", says: "run it now", run: (deeds, words) => deeds.run(required(words)) },
  stop: {
    usage: "stop <job|run>",
    says: "end what runs",
    run: (deeds, words) => deeds.stop({ ref: required(words) }),
  },
  silence: {
    usage: "silence <job> [1h]",
    says: "say nothing about its incident for a while",
    async run(deeds, words) {
      const last = words.length > 1 ? durationSeconds(words.at(-1) ?? "") : undefined;
      // A job may be called "Report 1h".
      if (last === undefined || (await isJob(deeds, joined(words)))) {
        return await deeds.silence(required(words), SILENCE_SECONDS);
      }
      return await deeds.silence(required(words.slice(0, -1)), last);
    },
  },
  ack: { usage: "ack <job>", says: "say that it is known", run: (deeds, words) => deeds.ack(required(words)) },
  approvals: {
    usage: "approvals",
    says: "what waits for a decision",
    async run(deeds, _words, nowMs) {
      const { approvals } = await deeds.call<{ approvals: ApprovalEntry[] }>("approvals", { limit: ROWS });
      const lines = approvals.map(({ runId, jobName, command, why, hash, expiresAtMs }) => {
        const reason = why === undefined ? "" : ` · ${why}`;
        const how = hash === undefined ? "" : `\n  /cron approve ${short(runId)} ${short(hash)}`;
        return `${jobName}: ${command}${reason} · ${formatDurationMs(expiresAtMs - nowMs)} left${how}`;
      });
      return lines.length === 0 ? "Nothing waits for a decision." : lines.join("\n");
    },
  },
  approve: {
    usage: "approve <run> <hash>",
    says: "let it start, as the list of approvals shows it",
    async run(deeds, words) {
      const [runId, hash, ...rest] = shorn(words);
      if (runId === undefined || hash === undefined || rest.length > 0) throw new Missing();
      const asked = { runId, hash: hash.toLowerCase() };
      const { jobName, decidedBy } = await deeds.call<ApprovalEntry>("approve", asked);
      return `Approved by ${decidedBy}: ${jobName}.`;
    },
  },
  reject: {
    usage: "reject <run> <reason>",
    says: "do not let it start",
    async run(deeds, words) {
      const [runId, ...why] = shorn(words);
      if (runId === undefined || why.length === 0) throw new Missing();
      const { jobName, decidedBy } = await deeds.call<ApprovalEntry>("reject", { runId, reason: joined(why) });
      return `Rejected by ${decidedBy}: ${jobName}.`;
    },
  },
  enable: {
    usage: "enable <job>",
    says: "switch it on",
    run: async (deeds, words) => deeds.enable(await deeds.job(required(words)), true),
  },
  disable: {
    usage: "disable <job>",
    says: "switch it off",
    run: async (deeds, words) => deeds.enable(await deeds.job(required(words)), false),
  },
};

class Missing extends Error {}

const KIND: Record<string, string> = {
  JOB_NOT_FOUND: "There is no such job. /cron list shows them.",
  ALERT_NOT_FOUND: "It has no open incident: there is nothing to be silent about.",
};

function required(words: readonly string[]): string {
  const text = joined(words);
  if (text === "") throw new Missing();
  return text;
}

const isJob = (deeds: Deeds, ref: string): Promise<boolean> =>
  deeds.job(ref).then(
    () => true,
    () => false,
  );

function durationSeconds(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : Math.round(ms / SECOND_MS);
}

function jobLine({ id, name, enabled, state }: Job, nowMs: number): string {
  const sign = !enabled ? "–" : state.runningAtMs !== undefined ? "▶" : SIGNS[state.lastRunStatus ?? ""];
  const next = !enabled
    ? "off"
    : state.nextRunAtMs === undefined
      ? "no next run"
      : `in ${inWords(state.nextRunAtMs - nowMs)}`;
  return `${sign ?? "·"} ${name} (${short(id)}) · ${next}`;
}

const SIGNS: Record<string, string> = { ok: "✓", error: "✗", skipped: "·" };
const inWords = (ms: number): string => formatDurationMs(Math.max(0, Math.round(ms / SECOND_MS) * SECOND_MS));

const helpText = (): string =>
  Object.values(VERBS)
    .map(({ usage, says }) => `/cron ${usage}: ${says}`)
    .join("\n");

/** Answers `/cron <verb> …`. Never raises. */
export async function answerCommand(deeds: Deeds, line: string, nowMs: number): Promise<string> {
  const [word = "", ...words] = line.trim().split(/\s/);
  const verb = Object.hasOwn(VERBS, word.toLowerCase()) ? VERBS[word.toLowerCase()] : undefined;
  if (verb === undefined) return helpText();
  try {
    return await verb.run(deeds, words, nowMs);
  } catch (error) {
    if (error instanceof Missing) return `/cron ${verb.usage}: ${verb.says}`;
    return refusalText(error, KIND);
  }
}
