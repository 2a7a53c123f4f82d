import { CommandCronError } from "../../kernel/errors.ts";
import type { TransferApi } from "../api.ts";
import type { Candidate } from "../candidate.ts";
import { filled, isFields, parseJson } from "../fields.ts";
import { readCrontab } from "./crontab.ts";
import { readOpenclawScheduler } from "./openclaw-scheduler.ts";
import { readOpsJobs } from "./ops-jobs.ts";
import { readSystemd } from "./systemd/index.ts";

export type ImportFormat = Parameters<TransferApi["importJobs"]>[1]["format"];

export interface ImportContext {
  /** Home directory of the gateway's user. */
  home?: string;
}

/** What a file holds, entry by entry. Raises FILE_INVALID when it is no file of this format. */
export function readCandidates(file: unknown, format: ImportFormat, context: ImportContext): Candidate[] {
  switch (format) {
    case "jobs":
      return readOwn(file);
    case "crontab":
      if (typeof file !== "string")
        throw new CommandCronError("FILE_INVALID", { field: "file", expected: "the text of a crontab" });
      return readCrontab(file);
    case "systemd":
      return readSystemd(file);
    case "ops-jobs":
      return readOpsJobs(file, context);
    case "openclaw-scheduler":
      return readOpenclawScheduler(file);
  }
}

/** A file made by `export`. */
function readOwn(file: unknown): Candidate[] {
  const content = parseJson(file, "an export");
  if (!isFields(content) || content["version"] !== 1) {
    throw new CommandCronError("FILE_INVALID", { field: "version", expected: "1" });
  }
  if (content["nextCursor"] !== undefined) {
    const expected = "all parts of an export in one file, as `command-cron export` writes it";
    throw new CommandCronError("FILE_INVALID", { field: "nextCursor", expected, got: "one of several parts" });
  }
  const jobs = content["jobs"];
  if (!Array.isArray(jobs)) throw new CommandCronError("FILE_INVALID", { field: "jobs", expected: "a list of jobs" });
  return jobs.map((job: unknown, index) => {
    const named = isFields(job) ? (filled(job["name"]) ?? filled(job["declarationKey"])) : undefined;
    const name = named ?? `jobs[${index}]`;
    return isFields(job) ? { name, job, notes: [] } : { name, notes: ["the entry is not an object"] };
  });
}
