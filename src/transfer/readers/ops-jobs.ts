import { DAY_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import { type Candidate, candidatesFor, Mistake, NotCarried } from "../candidate.ts";
import type { HostFacts } from "../facts.ts";
import { type Fields, jobsOf, parseJson, requireVersion, settings, text } from "../fields.ts";
import { aside, carried, judge, type KeyTable, remark } from "../keys.ts";
import { commandOf, readLongJob } from "./ops-long.ts";

const KINDS = ["long_running_read", "one_shot_read", "one_shot_write"];
const RISKS = ["read_only", "write_local", "write_external"];
/** The file names no times; a disabled job needs some schedule, and this one is easy to see. */
const PLACEHOLDER_EVERY_MS = DAY_MS;
/** What its reports waited for: a word in the output, or the error line of a failure. */
const MARKER = "ACTION REQUIRED|ALERT|^command (exited|timed|stopped|produced|canceled|failed|lost)";
const TIMEOUT_SECONDS = 300;

/** What becomes of the keys of a job. Every job comes in disabled: the file has no times. */
export const OPS_KEYS: KeyTable = {
  format: "ops-jobs",
  shown: (key) => key,
  groups: [
    carried("id name", "the job's key and name"),
    carried("kind", "a one-shot is a job; a long-running one a status job and what starts it"),
    carried("commands", "`run`, `status`, `start` and `stop`: `argv` of a job each"),
    carried("cwd", "`cwd`, with `~` filled in"),
    carried("enabled", "of a long-running job; a one-shot comes in disabled: it has no time"),
    aside("description", "nothing"),
    carried("risk", "`policy.risk`"),
    carried(
      "approval",
      "`policy.approval`, for what may change anything as well: each run is asked for, what was granted does not count",
    ),
    carried("after", "the jobs that follow it, which get schedules of kind `after`"),
    carried(
      "policy.reportEverySeconds policy.stallSeconds policy.autoResume policy.autoResumeBackoffSeconds",
      "`policy.progress` of the status job; whether its start follows, and `minGapSeconds`",
    ),
    remark(
      "policy.quietHours policy.onlyOnChange policy.reportWhileRunning",
      "when it was spoken of: see `policy.deliver`",
    ),
  ],
};

/**
 * Jobs of an `ops-jobs.json` of version 1. A one-shot read has no schedule of its own: it comes in disabled, to be
 * given one or to be started by hand. A long-running job becomes several: see `readLongJob`. Raises FILE_INVALID for another kind of file.
 */
export function readOpsJobs(file: unknown, facts: HostFacts): Candidate[] {
  const content = requireVersion(parseJson(file, "ops-jobs.json"), 1);
  const jobs = jobsOf(content["jobs"]);
  const seen = new Set<string>();
  const links = linksOf(jobs);
  return jobs.flatMap((job: unknown, index) => {
    const id = isRecord(job) ? text(job["id"])?.trim() : undefined;
    const at = `jobs[${index}]`;
    const made = candidatesFor(id === undefined || id === "" ? at : id, () => {
      if (!isRecord(job) || id === undefined || id === "") throw new Mistake("`id` must be a text that is not empty");
      if (seen.has(id)) throw new Mistake(`the id \`${id}\` is used twice`);
      seen.add(id);
      requireChecks(jobs.filter(isRecord), job);
      return readJob(
        job,
        id,
        isRecord(content["defaults"]) ? content["defaults"] : {},
        facts.home,
        links.get(id) ?? [],
      );
    });
    return made.map((candidate) => ({ at, ...candidate }));
  });
}

const WHEN = ["success", "failure", "complete"];

/** Which jobs each job follows: the file says it the other way round. */
function linksOf(jobs: readonly unknown[]): Map<string, Fields[]> {
  const links = new Map<string, Fields[]>();
  for (const job of jobs) {
    const parent = isRecord(job) ? text(job["id"])?.trim() : undefined;
    const after = isRecord(job) && Array.isArray(job["after"]) ? job["after"] : [];
    for (const link of after.filter(isRecord)) {
      const follower = text(link["jobId"])?.trim() ?? "";
      links.set(follower, [...(links.get(follower) ?? []), { ...link, parent }]);
    }
  }
  return links;
}

/** A schedule for what follows another job, else one that is easy to see; and why the job comes in disabled. */
function scheduleOf([link, ...others]: readonly Fields[]): { schedule: Fields; hold: string } {
  if (link === undefined) {
    const hold = "the file has no schedule: give the job yours in place of a daily one, or start it with `run`";
    return { schedule: { kind: "every", everyMs: PLACEHOLDER_EVERY_MS }, hold };
  }
  const on = text(link["when"]) ?? "success";
  if (!WHEN.includes(on)) throw new Mistake(`\`when\` must be one of ${WHEN.join(", ")}`);
  const delay = Number(link["delaySeconds"] ?? 0);
  const parents = [link, ...others].map(({ parent }) => parent).join(", ");
  const schedule = {
    kind: "after",
    job: `ops-jobs:${link["parent"]}`,
    on,
    ...(delay > 0 ? { delaySeconds: delay } : {}),
  };
  if (others.length > 0)
    return { schedule, hold: `it followed ${parents}: a job here follows one, and this one the first` };
  return { schedule, hold: `it follows ${parents}, which is off here as well: switch on both` };
}

function readJob(
  job: Fields,
  id: string,
  defaults: Fields,
  home: string | undefined,
  links: readonly Fields[],
): Candidate[] {
  const kind = oneOf(job, "kind", KINDS);
  const risk = oneOf(job, "risk", RISKS);
  if (job["cwd"] === "") throw new Mistake("`cwd` is empty");
  const { policy: own, ...rest } = job;
  const policy = { ...defaults, ...(isRecord(own) ? own : {}) };
  const policies = Object.entries(policy).map(([key, value]) => [`policy.${key}`, String(value)] as const);
  const { notes, holds } = judge(OPS_KEYS, [...settings(rest), ...policies]);
  const name = text(job["name"]) ?? id;
  if (kind === "long_running_read") {
    return readLongJob({ job, id, name, cwd: cwdOf(job, home, notes), policy, notes, holds, gate: gateOf(job, risk) });
  }
  const argv = commandOf(job, "run");
  if (argv === undefined) throw new Mistake("`commands.run` must be a list of texts that are not empty");
  const { schedule, hold } = scheduleOf(links);
  return [
    {
      name,
      notes,
      holds: [hold, ...holds],
      job: {
        name,
        declarationKey: `ops-jobs:${id}`,
        enabled: false,
        schedule,
        payload: present({ kind: "command", argv, cwd: cwdOf(job, home, notes), timeoutSeconds: TIMEOUT_SECONDS }),
        delivery: { mode: "none" },
        policy: { deliver: { match: MARKER }, ...gateOf(job, risk) },
      },
    },
  ];
}

/** What it may change, and that a person is asked: its monitor started nothing by itself that may change anything. */
function gateOf(job: Fields, risk: string): Fields {
  const approval = isRecord(job["approval"]) ? job["approval"] : undefined;
  const asked = risk !== "read_only" || job["kind"] === "one_shot_write" || approval !== undefined;
  const free = approval?.["required"] === false && risk === "read_only" && job["kind"] !== "one_shot_write";
  return { risk, ...(asked && !free ? { approval: { required: true } } : {}) };
}

/** A write must be followed, where it succeeds, by a read that says whether it is any good. */
function requireChecks(jobs: readonly Fields[], job: Fields): void {
  if (job["kind"] !== "one_shot_write") return;
  const after = Array.isArray(job["after"]) ? job["after"].filter(isRecord) : [];
  const ids = after.filter(({ when = "success" }) => when === "success").map(({ jobId }) => text(jobId)?.trim());
  const checks = jobs.filter(({ id }) => ids.includes(text(id)?.trim()));
  if (checks.some(({ kind, risk }) => text(kind)?.endsWith("_read") && risk === "read_only")) return;
  throw new Mistake("`after` of a write job must name, with `when` success, a read job of risk `read_only`");
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
