import { CommandCronError } from "../../kernel/errors.ts";
import { type Candidate, candidateFor, NotCarried, present } from "../candidate.ts";
import { type Fields, isFields, parseJson, strings, text } from "../fields.ts";

const KINDS = ["long_running_read", "one_shot_read", "one_shot_write"];
const RISKS = ["read_only", "write_local", "write_external"];
/** The file names no times; a disabled job needs some schedule, and this one is easy to see. */
const PLACEHOLDER_EVERY_MS = 86_400_000;
/** What its reports waited for: a word in the output, or the error line of a failure. */
const MARKER = "ACTION REQUIRED|ALERT|^command (exited|timed|stopped|produced|canceled|failed|lost)";
const TIMEOUT_SECONDS = 300;
const POLICY_KEYS = [
  "reportEverySeconds",
  "stallSeconds",
  "autoResume",
  "autoResumeBackoffSeconds",
  "quietHours",
  "onlyOnChange",
  "reportWhileRunning",
];

/**
 * Jobs of an `ops-jobs.json` of version 1. Only one-shot reads are single commands. They have no schedule of their own,
 * so each comes in disabled, to be given one or to be started by hand. Raises FILE_INVALID for another kind of file.
 */
export function readOpsJobs(file: unknown, options: { home?: string }): Candidate[] {
  const content = parseJson(file, "ops-jobs.json");
  if (!isFields(content) || content["version"] !== 1) {
    throw new CommandCronError("FILE_INVALID", { field: "version", expected: "1" });
  }
  const jobs = content["jobs"];
  if (!Array.isArray(jobs)) throw new CommandCronError("FILE_INVALID", { field: "jobs", expected: "a list" });
  const seen = new Set<string>();
  return jobs.map((job: unknown, index) => {
    const id = isFields(job) ? text(job["id"])?.trim() : undefined;
    const name = id === undefined || id === "" ? `jobs[${index}]` : id;
    return candidateFor(name, () => {
      if (!isFields(job) || id === undefined || id === "")
        throw new NotCarried("`id` must be a text that is not empty");
      if (seen.has(id)) throw new NotCarried(`the id \`${id}\` is used twice`);
      seen.add(id);
      return readJob(job, id, isFields(content["defaults"]) ? content["defaults"] : {}, options.home);
    });
  });
}

function readJob(job: Fields, id: string, defaults: Fields, home: string | undefined): Candidate {
  const kind = oneOf(job, "kind", KINDS);
  const risk = oneOf(job, "risk", RISKS);
  if (kind === "long_running_read") {
    throw new NotCarried("a long-running job is a service with start and status: keep it under a supervisor");
  }
  if (kind === "one_shot_write")
    throw new NotCarried("a write job never runs by itself: create it by hand if it should");
  if (job["cwd"] === "") throw new NotCarried("`cwd` is empty");
  const commands = isFields(job["commands"]) ? job["commands"] : {};
  const argv = strings(commands["run"]);
  if (argv === undefined || argv.length === 0 || argv.some((part) => part === "")) {
    throw new NotCarried("`commands.run` must be a list of texts that are not empty");
  }
  const notes = ["the file has no schedule: created disabled with a daily one, give it yours or start it with `run`"];
  if (risk !== "read_only") notes.push(`the risk \`${risk}\` is not kept: it would have been blocked`);
  const policy = { ...defaults, ...(isFields(job["policy"]) ? job["policy"] : {}) };
  const kept = POLICY_KEYS.filter((key) => policy[key] !== undefined);
  if (kept.length > 0) notes.push(`not carried: ${kept.map((key) => `policy.${key}`).join(", ")}`);
  if (Array.isArray(job["after"]) && job["after"].length > 0) notes.push("not carried: `after`, the jobs to follow");
  return {
    name: text(job["name"]) ?? id,
    notes,
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
  throw new NotCarried(`\`${field}\` must be one of ${words.join(", ")}`);
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
