import type { ImportParams, ImportResult, MoveParams, MoveResult } from "../../schema/wire/calls/transfer.ts";
import type { JobInput } from "../../schema/wire/job.ts";
import type { Caller } from "../engine/api.ts";

export type ImportFormat = NonNullable<ImportParams["format"]>;

/** How a file is read. Raises OTHER_HOST when its `origin` is another host or user than the jobs would run on and as. */
export interface ImportOptions extends Omit<ImportParams, "file"> {
  format: ImportFormat;
  apply: boolean;
  /** The wire validator: answers the normalised job or raises. */
  validate(job: unknown): JobInput;
}

/** One job, or all of them; without `apply` only the plan is answered. */
export interface MoveTarget extends Pick<MoveParams, "id" | "all" | "force"> {
  apply: boolean;
}

export type MoveReport = MoveResult;
export type ImportReport = ImportResult;
/** What becomes of one entry of a file. */
export type ImportRow = ImportResult["plan"][number];

/** Moves command jobs between the gateway's own cron and this plugin; active in exactly one of them at any moment. */
export interface MovesApi {
  /** From the gateway's cron to us. */
  adopt(target: MoveTarget, caller: Caller): Promise<MoveReport>;
  /** From us back to the gateway's cron. */
  release(target: MoveTarget, caller: Caller): Promise<MoveReport>;
}

/** Jobs out to a readable file, and in again from one of ours or of another system. */
export interface TransferApi {
  /**
   * A part of all jobs, in the order of their ids, behind `cursor`; `nextCursor` while there are more. At most `limit` of
   * them, and fewer where they are large.
   */
  exportJobs(part?: { limit?: number; cursor?: string }): { version: 1; jobs: unknown[]; nextCursor?: string };
  importJobs(file: unknown, options: ImportOptions, caller: Caller): Promise<ImportReport>;
}
