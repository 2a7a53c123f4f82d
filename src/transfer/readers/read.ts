import { CommandCronError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import type { ImportFormat } from "../api.ts";
import { type Candidate, refused } from "../candidate.ts";
import type { HostFacts } from "../facts.ts";
import { filled, jobsOf, parseJson, requireVersion } from "../fields.ts";
import { readCrontab, readSystemCrontab } from "./crontab/index.ts";
import { readOpenclawScheduler } from "./openclaw-scheduler.ts";
import { readOpsJobs } from "./ops-jobs.ts";
import { readSystemd } from "./systemd/index.ts";

interface ImportContext {
  facts: HostFacts;
  /** What templates of systemd are filled with. */
  instance: string | undefined;
}

/** What a file holds, entry by entry. Raises FILE_INVALID when it is no file of this format. */
export const readCandidates = (file: unknown, format: ImportFormat, { facts, instance }: ImportContext): Candidate[] =>
  READERS[format](file, facts, instance);

const READERS: Record<ImportFormat, (file: unknown, facts: HostFacts, instance?: string) => Candidate[]> = {
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
