import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import { type Candidate, candidateFor, Mistake, NotCarried, nameOfLine } from "../candidate.ts";
import type { HostFacts } from "../facts.ts";
import { type Fields, filled, jobsOf, parseJson, settings } from "../fields.ts";
import { judge } from "../keys.ts";
import { SCHEDULER_KEYS } from "./openclaw-scheduler-keys.ts";

/** Its default zone since 0.2.0. */
const DEFAULT_TZ = "UTC";
/** Its first retry comes after 30 s, each later one after twice the delay. */
const RETRY = { delaySeconds: 30, factor: 2 };
/** Longest delay of a retry here, where nothing else is said. */
const MAX_DELAY_SECONDS = 3_600;
const OVERLAP: Record<string, string> = { skip: "skip", queue: "buffer_all", allow: "allow_all" };
/** Its `announce` speaks of failures only. */
const DELIVER_ON: Record<string, string> = { announce: "failure", "announce-always": "always" };
const SHELLS: Partial<Record<NodeJS.Platform, string>> = { darwin: "/bin/zsh" };

/**
 * Shell jobs of an openclaw-scheduler, as `openclaw-scheduler jobs list --json` prints them: a list, also taken as
 * `{jobs, aliases}` with what `openclaw-scheduler alias list --json` prints. Raises FILE_INVALID for anything else.
 */
export function readOpenclawScheduler(file: unknown, facts: HostFacts): Candidate[] {
  const content = parseJson(file, "`openclaw-scheduler jobs list --json`");
  const aliases = isRecord(content) ? aliasesOf(content["aliases"]) : NO_ALIASES;
  return jobsOf(isRecord(content) ? content["jobs"] : content).map((job, index) => {
    const name = isRecord(job) ? (filled(job["name"]) ?? filled(job["id"])) : undefined;
    const at = `jobs[${index}]`;
    return {
      at,
      ...candidateFor(name ?? at, () => {
        if (!isRecord(job)) throw new Mistake("the entry is not an object");
        return readJob(job, name, facts, aliases);
      }),
    };
  });
}

function readJob(job: Fields, named: string | undefined, facts: HostFacts, aliases: Aliases): Candidate {
  const target = filled(job["session_target"]) ?? "isolated";
  if (target !== "shell")
    throw new NotCarried(`a job for the \`${target}\` session is a turn of an agent, not a command`);
  if (filled(job["job_type"]) === "watchdog") throw new NotCarried("a watchdog looks after an agent's task");
  const line = filled(job["payload_message"]);
  if (line === undefined) throw new Mistake("`payload_message` holds no command");
  const name = named ?? nameOfLine(line);
  const id = filled(job["id"]);
  const { notes, holds } = judge(SCHEDULER_KEYS, settings({ shell_env_policy: "inherit", ...job }));
  const on = DELIVER_ON[filled(job["delivery_mode"]) ?? "none"];
  const timeoutMs = numberOf(job["run_timeout_ms"]);
  const ttlHours = numberOf(job["ttl_hours"]);
  if (timeoutMs === undefined) notes.push("it names no time limit: the default of 600 seconds applies");
  notes.push("commands started in the scheduler's own directory: set `--command-cwd` if they rely on it");
  const enabled = isOn(job["enabled"], true);
  return {
    name,
    notes,
    holds,
    ...(enabled ? { ends: { what: name, how: `\`openclaw-scheduler jobs disable ${id ?? name}\`` } } : {}),
    job: present({
      name,
      declarationKey: `openclaw-scheduler:${id ?? name}`,
      enabled,
      deleteAfterRun: isAt(job) ? isOn(job["delete_after_run"], true) : undefined,
      schedule: scheduleOf(job),
      payload: present({
        kind: "command",
        argv: [shellOf(facts, notes), "-c", line],
        timeoutSeconds: timeoutMs === undefined ? undefined : timeoutMs / 1000,
      }),
      delivery: on === undefined ? { mode: "none" } : deliveryOf(job, facts, aliases, notes),
      policy: present({
        overlap: OVERLAP[filled(job["overlap_policy"]) ?? "skip"],
        pool: poolOf(job, facts, holds),
        retry: retryOf(job),
        deliver: on === undefined ? undefined : { on },
        ttlDays: ttlHours === undefined ? undefined : Math.max(1, ttlHours) / 24,
      }),
    }),
  };
}

const isAt = (job: Fields): boolean => job["schedule_kind"] === "at";
const isOn = (value: unknown, otherwise: boolean): boolean =>
  value === undefined || value === null ? otherwise : value === true || value === 1;
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;

/** Bash on Linux, zsh on macOS; `SCHEDULER_SHELL` of its environment is not in the file. */
function shellOf({ platform, hasFile }: HostFacts, notes: string[]): string {
  const shell = SHELLS[platform] ?? "/bin/bash";
  if (hasFile(shell)) return shell;
  notes.push(`its shell was ${shell}, which is not on this host: here it is /bin/sh`);
  return "/bin/sh";
}

/** One running job for each of its pools; here a pool has the limit that the configuration gives it. */
function poolOf(job: Fields, { pools }: HostFacts, holds: string[]): string | undefined {
  const pool = filled(job["resource_pool"]);
  if (pool === undefined || pools.includes(pool)) return pool;
  holds.push(
    `resource_pool \`${pool}\`: only one job of it ran at a time: add \`"pools": {"${pool}": 1}\` to the plugin's config and import again`,
  );
  return undefined;
}

function retryOf(job: Fields): Fields | undefined {
  const retries = numberOf(job["max_retries"]);
  if (retries === undefined) return undefined;
  const longest = RETRY.delaySeconds * RETRY.factor ** (retries - 1);
  return {
    maxAttempts: retries + 1,
    ...RETRY,
    ...(longest > MAX_DELAY_SECONDS ? { maxDelaySeconds: longest } : {}),
  };
}

/** Its `trigger_condition`: `contains:` some text, or `regex:` a pattern. */
function matchOf(job: Fields): string | undefined {
  const condition = filled(job["trigger_condition"]);
  if (condition === undefined) return undefined;
  const [, kind, text = ""] = /^(contains|regex):(.*)$/s.exec(condition) ?? [];
  if (kind === undefined) throw new Mistake("`trigger_condition` must begin with `contains:` or `regex:`");
  return kind === "regex" ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function scheduleOf(job: Fields): Fields {
  const parent = filled(job["parent_id"]);
  if (parent !== undefined) {
    return present({
      kind: "after",
      job: `openclaw-scheduler:${parent}`,
      on: filled(job["trigger_on"]),
      delaySeconds: numberOf(job["trigger_delay_s"]),
      match: matchOf(job),
    });
  }
  if (isAt(job)) {
    const at = filled(job["schedule_at"]);
    if (at === undefined) throw new Mistake("`schedule_at` is missing");
    // Its database writes UTC as "2026-01-31 08:00:00".
    return { kind: "at", at: at.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d(:\d\d)?)$/, "$1T$2Z") };
  }
  const expr = filled(job["schedule_cron"]);
  if (expr === undefined) throw new Mistake("`schedule_cron` is missing");
  return { kind: "cron", expr, tz: filled(job["schedule_tz"]) ?? DEFAULT_TZ };
}

type Aliases = ReadonlyMap<string, { channel: string; to: string }>;
const NO_ALIASES: Aliases = new Map();

function aliasesOf(list: unknown): Aliases {
  const rows = Array.isArray(list) ? list.filter(isRecord) : [];
  return new Map(
    rows.flatMap((row) => {
      const [alias, channel, to] = [row["alias"] ?? row["name"], row["channel"], row["target"]].map(filled);
      return alias === undefined || channel === undefined || to === undefined ? [] : [[bare(alias), { channel, to }]];
    }),
  );
}

const bare = (alias: string): string => alias.replace(/^@/, "").toLowerCase();

/** An alias comes over as a destination of the same name, where the settings have it; else as the address it stands for. */
function deliveryOf(job: Fields, { destinations }: HostFacts, aliases: Aliases, notes: string[]): Fields {
  const to = filled(job["delivery_to"]);
  const channel = filled(job["delivery_channel"]);
  const name = bare(to ?? "");
  const address = aliases.get(name);
  if (to?.startsWith("@") !== true && address === undefined) return present({ mode: "announce", channel, to });
  if (destinations.includes(name)) return { mode: "announce", to: `@${name}` };
  const line = (place: unknown): string =>
    `add \`"destinations": {"${name}": ${JSON.stringify(place)}}\` to the plugin's config`;
  if (address === undefined) {
    const place = { channel: channel ?? "telegram", to: "..." };
    throw new NotCarried(`the delivery goes to the alias \`${to}\`: ${line(place)} and import again`);
  }
  notes.push(`the alias \`${to}\` is written out; to keep the name, ${line(address)} and import again`);
  return { mode: "announce", ...address };
}
