import { CommandCronError } from "../../kernel/errors.ts";
import { type Candidate, candidateFor, Mistake, NotCarried, present } from "../candidate.ts";
import type { HostFacts } from "../facts.ts";
import { type Fields, isFields, parseJson, requireVersion, settings, strings, text } from "../fields.ts";
import { judge, type KeyTable } from "../keys.ts";

const KINDS = ["long_running_read", "one_shot_read", "one_shot_write"];
const RISKS = ["read_only", "write_local", "write_external"];
/** The file names no times; a disabled job needs some schedule, and this one is easy to see. */
const PLACEHOLDER_EVERY_MS = 86_400_000;
/** What its reports waited for: a word in the output, or the error line of a failure. */
const MARKER = "ACTION REQUIRED|ALERT|^command (exited|timed|stopped|produced|canceled|failed|lost)";
const TIMEOUT_SECONDS = 300;

/** What becomes of the keys of a job. Every job comes in disabled: the file has no times. */
export const OPS_KEYS: KeyTable = {
  format: "ops-jobs",
  shown: (key) => key,
  groups: [
    { keys: "id name", fate: "carried", here: "the job's key and name" },
    { keys: "kind", fate: "carried", here: "one-shot reads; long-running and write jobs are refused" },
    { keys: "commands", fate: "carried", here: "`run` is `argv`" },
    { keys: "cwd", fate: "carried", here: "`cwd`, with `~` filled in" },
    { keys: "enabled description", fate: "aside", here: "the job comes in disabled" },
    {
      keys: "risk",
      fate: "decisive",
      here: "it would have been blocked: what it may change is not kept",
      nothing: /^read_only$/,
    },
    { keys: "approval", fate: "decisive", here: "a person had to approve it", nothing: /"required":false/ },
    { keys: "after", fate: "decisive", here: "the jobs that follow it" },
    {
      keys: "policy.reportEverySeconds policy.quietHours policy.onlyOnChange policy.reportWhileRunning",
      fate: "remark",
      here: "when it was spoken of: see `policy.deliver`",
    },
    {
      keys: "policy.stallSeconds policy.autoResume policy.autoResumeBackoffSeconds",
      fate: "remark",
      here: "about jobs that keep running",
    },
  ],
};

/**
 * Jobs of an `ops-jobs.json` of version 1. Only one-shot reads are single commands. They have no schedule of their own,
 * so each comes in disabled, to be given one or to be started by hand. Raises FILE_INVALID for another kind of file.
 */
export function readOpsJobs(file: unknown, facts: HostFacts): Candidate[] {
  const content = requireVersion(parseJson(file, "ops-jobs.json"), 1);
  const jobs = content["jobs"];
  if (!Array.isArray(jobs)) throw new CommandCronError("FILE_INVALID", { field: "jobs", expected: "a list" });
  const seen = new Set<string>();
  return jobs.map((job: unknown, index) => {
    const id = isFields(job) ? text(job["id"])?.trim() : undefined;
    const at = `jobs[${index}]`;
    const candidate = candidateFor(id === undefined || id === "" ? at : id, () => {
      if (!isFields(job) || id === undefined || id === "") throw new Mistake("`id` must be a text that is not empty");
      if (seen.has(id)) throw new Mistake(`the id \`${id}\` is used twice`);
      seen.add(id);
      return readJob(job, id, isFields(content["defaults"]) ? content["defaults"] : {}, facts.home);
    });
    return { at, ...candidate };
  });
}

function readJob(job: Fields, id: string, defaults: Fields, home: string | undefined): Candidate {
  const kind = oneOf(job, "kind", KINDS);
  oneOf(job, "risk", RISKS);
  if (job["cwd"] === "") throw new Mistake("`cwd` is empty");
  if (kind === "long_running_read") {
    throw new NotCarried("a long-running job is a service with start and status: keep it under a supervisor");
  }
  if (kind === "one_shot_write")
    throw new NotCarried("a write job never runs by itself: create it by hand if it should");
  const commands = isFields(job["commands"]) ? job["commands"] : {};
  const argv = strings(commands["run"]);
  if (argv === undefined || argv.length === 0 || argv.some((part) => part === "")) {
    throw new Mistake("`commands.run` must be a list of texts that are not empty");
  }
  const { policy: own, ...rest } = job;
  const policy = { ...defaults, ...(isFields(own) ? own : {}) };
  const policies = Object.entries(policy).map(([key, value]) => [`policy.${key}`, String(value)] as const);
  const { notes, holds } = judge(OPS_KEYS, [...settings(rest), ...policies]);
  return {
    name: text(job["name"]) ?? id,
    notes,
    holds: ["the file has no schedule: give the job yours in place of a daily one, or start it with `run`", ...holds],
    job: {
      name: text(job["name"]) ?? id,
      declarationKey: `ops-jobs:${id}`,
      enabled: false,
      schedule: { kind: "every", everyMs: PLACEHOLDER_EVERY_MS },
      payload: present({ kind: "command", argv, cwd: cwdOf(job, home, notes), timeoutSeconds: TIMEOUT_SECONDS }),
      delivery: { mode: "none" },
      policy: { deliver: { match: MARKER } },
    },
  };
}

function oneOf(job: Fields, field: string, words: string[]): string {
  const value = text(job[field]);
  if (value !== undefined && words.includes(value)) return value;
  throw new Mistake(`\`${field}\` must be one of ${words.join(", ")}`);
}

function cwdOf(job: Fields, home: string | undefined, notes: string[]): string | undefined {
  const cwd = text(job["cwd"]);
  if (cwd === undefined) {
    notes.push("commands started in the OpenClaw home: set `--command-cwd` if the command relies on it");
    return undefined;
  }
  if (!/^~(?=\/|$)/.test(cwd)) return cwd;
  if (home === undefined) throw new NotCarried("`cwd` begins with `~` and the home directory is unknown");
  return home + cwd.slice(1);
}
