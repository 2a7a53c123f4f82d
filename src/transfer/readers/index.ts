/** Reads the files of other systems as candidates for jobs, and says what becomes of their keys. */
import { CommandCronError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import type { ImportFormat } from "../api.ts";
import { type Candidate, refused } from "../candidate.ts";
import type { HostFacts } from "../facts.ts";
import { filled, jobsOf, parseJson, requireVersion } from "../fields.ts";
import type { KeyTable } from "../keys.ts";
import { CRONTAB_KEYS, readCrontab, readSystemCrontab } from "./crontab/index.ts";
import { readOpenclawScheduler } from "./openclaw-scheduler.ts";
import { SCHEDULER_KEYS } from "./openclaw-scheduler-keys.ts";
import { OPS_KEYS, readOpsJobs } from "./ops-jobs.ts";
import { readSystemd, SYSTEMD_KEYS } from "./systemd/index.ts";

export const KEY_TABLES: readonly KeyTable[] = [CRONTAB_KEYS, SYSTEMD_KEYS, OPS_KEYS, SCHEDULER_KEYS];

type Reader = (file: unknown, facts: HostFacts, instance?: string) => Candidate[];

/** What a file of each format holds, entry by entry; `instance` fills templates of systemd. Raises FILE_INVALID when it is no such file. */
export const READERS: Record<ImportFormat, Reader> = {
  jobs: readOwn,
  crontab: (file, facts) => readCrontab(crontabText(file), facts),
  "system-crontab": (file, facts) => readSystemCrontab(crontabText(file), facts),
  systemd: readSystemd,
  "ops-jobs": readOpsJobs,
  "openclaw-scheduler": readOpenclawScheduler,
};

function crontabText(file: unknown): string {
  if (typeof file === "string") return file;
  throw new CommandCronError("FILE_INVALID", { field: "file", expected: "the text of a crontab", got: typeof file });
}

/** A file made by `export`. */
function readOwn(file: unknown): Candidate[] {
  const content = requireVersion(parseJson(file, "an export"), 1);
  if (content["nextCursor"] !== undefined) {
    const expected = "all parts of an export in one file, as `command-cron export` writes it";
    throw new CommandCronError("FILE_INVALID", { field: "nextCursor", expected, got: "one of several parts" });
  }
  return jobsOf(content["jobs"]).map((job, index) => {
    const named = isRecord(job) ? (filled(job["name"]) ?? filled(job["declarationKey"])) : undefined;
    const at = `jobs[${index}]`;
    const name = named ?? at;
    return isRecord(job) ? { name, at, job, notes: [] } : { ...refused(name, "the entry is not an object"), at };
  });
}
