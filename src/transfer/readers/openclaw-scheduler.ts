import { CommandCronError } from "../../kernel/errors.ts";
import { type Candidate, candidateFor, NotCarried, nameOfCommand, present } from "../candidate.ts";
import { type Fields, filled, isFields, parseJson } from "../fields.ts";

/** Its default zone since 0.2.0. */
const DEFAULT_TZ = "UTC";
/** Its first retry comes after 30 s, each later one after twice the delay. */
const RETRY = { delaySeconds: 30, factor: 2 };
const OVERLAP: Record<string, string> = { skip: "skip", queue: "buffer_all", allow: "allow_all" };
/** Its `announce` speaks of failures only. */
const DELIVER_ON: Record<string, string> = { announce: "failure", "announce-always": "always" };
/** Fields that change what happens and have no counterpart, with the value that means nothing. */
const LEFT_BEHIND: Record<string, unknown> = {
  resource_pool: null,
  approval_required: 0,
  ttl_hours: null,
  max_queued_dispatches: 25,
  delivery_guarantee: "at-most-once",
  identity_principal: null,
  identity_run_as: null,
  authorization_ref: null,
  contract_sandbox: null,
};

/**
 * Shell jobs of an openclaw-scheduler, as `openclaw-scheduler jobs list --json` prints them: a list, also taken as
 * `{jobs}`. Raises FILE_INVALID for anything else.
 */
export function readOpenclawScheduler(file: unknown): Candidate[] {
  const content = parseJson(file, "`openclaw-scheduler jobs list --json`");
  const jobs = Array.isArray(content) ? content : isFields(content) ? content["jobs"] : undefined;
  if (!Array.isArray(jobs)) throw new CommandCronError("FILE_INVALID", { field: "jobs", expected: "a list of jobs" });
  return jobs.map((job: unknown, index) => {
    const name = isFields(job) ? (filled(job["name"]) ?? filled(job["id"])) : undefined;
    return candidateFor(name ?? `jobs[${index}]`, () => {
      if (!isFields(job)) throw new NotCarried("the entry is not an object");
      return readJob(job, name);
    });
  });
}

function readJob(job: Fields, named: string | undefined): Candidate {
  const target = filled(job["session_target"]) ?? "isolated";
  if (target !== "shell")
    throw new NotCarried(`a job for the \`${target}\` session is a turn of an agent, not a command`);
  if (filled(job["job_type"]) === "watchdog") throw new NotCarried("a watchdog looks after an agent's task");
  if (job["parent_id"] !== undefined && job["parent_id"] !== null) {
    throw new NotCarried(`it follows job ${String(job["parent_id"])} and has no time of its own`);
  }
  const line = filled(job["payload_message"]);
  if (line === undefined) throw new NotCarried("`payload_message` holds no command");
  const name = named ?? nameOfCommand(line);
  const notes = leftBehind(job);
  const retries = numberOf(job["max_retries"]) ?? 0;
  const mode = filled(job["delivery_mode"]) ?? "none";
  const on = DELIVER_ON[mode];
  const timeoutMs = numberOf(job["run_timeout_ms"]);
  if (timeoutMs === undefined) notes.push("it names no time limit: the default of 600 seconds applies");
  notes.push("its shell was zsh, bash or SCHEDULER_SHELL: here it is /bin/sh");
  return {
    name,
    notes,
    job: present({
      name,
      declarationKey: `openclaw-scheduler:${filled(job["id"]) ?? name}`,
      enabled: isOn(job["enabled"], true),
      deleteAfterRun: isAt(job) ? isOn(job["delete_after_run"], true) : undefined,
      schedule: scheduleOf(job),
      payload: present({
        kind: "command",
        argv: ["/bin/sh", "-c", line],
        timeoutSeconds: timeoutMs === undefined ? undefined : timeoutMs / 1000,
      }),
      delivery: on === undefined ? { mode: "none" } : deliveryOf(job),
      policy: present({
        overlap: OVERLAP[filled(job["overlap_policy"]) ?? "skip"],
        retry: retries > 0 ? { maxAttempts: retries + 1, ...RETRY } : undefined,
        deliver: on === undefined ? undefined : { on },
      }),
    }),
  };
}

const isAt = (job: Fields): boolean => job["schedule_kind"] === "at";
const isOn = (value: unknown, otherwise: boolean): boolean =>
  value === undefined || value === null ? otherwise : value === true || value === 1;
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;

function scheduleOf(job: Fields): Fields {
  if (isAt(job)) {
    const at = filled(job["schedule_at"]);
    if (at === undefined) throw new NotCarried("`schedule_at` is missing");
    // Its database writes UTC as "2026-01-31 08:00:00".
    return { kind: "at", at: at.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d(:\d\d)?)$/, "$1T$2Z") };
  }
  const expr = filled(job["schedule_cron"]);
  if (expr === undefined) throw new NotCarried("`schedule_cron` is missing");
  return { kind: "cron", expr, tz: filled(job["schedule_tz"]) ?? DEFAULT_TZ };
}

function deliveryOf(job: Fields): Fields {
  const to = filled(job["delivery_to"]);
  if (to?.startsWith("@") === true) {
    throw new NotCarried(`the delivery goes to the alias \`${to}\`: put the target itself in its place`);
  }
  return present({ mode: "announce", channel: filled(job["delivery_channel"]), to });
}

function leftBehind(job: Fields): string[] {
  const fields = Object.entries(LEFT_BEHIND)
    .filter(([field, nothing]) => {
      const value = job[field];
      return value !== undefined && value !== null && value !== nothing && value !== false;
    })
    .map(([field]) => field);
  return fields.length === 0 ? [] : [`not carried: ${fields.join(", ")}`];
}
