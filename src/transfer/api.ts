import type { ImportResult, MoveResult } from "../../schema/wire/calls/transfer.ts";
import type { JobInput } from "../../schema/wire/job.ts";
import type { Caller } from "../engine/api.ts";

export type ImportFormat = "jobs" | "crontab" | "system-crontab" | "systemd" | "ops-jobs" | "openclaw-scheduler";

/** One job, or all of them; without `apply` only the plan is answered. */
export interface MoveTarget {
  id?: string;
  all?: boolean;
  apply: boolean;
  /** Release jobs that the gateway cannot run as they run here. */
  force?: boolean;
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
  importJobs(
    file: unknown,
    options: {
      format: ImportFormat;
      apply: boolean;
      /** Switch on what comes from another system; without it such jobs are created off. Files of ours say it themselves. */
      enable?: boolean;
      /** What templates of systemd are filled with. */
      instance?: string;
      /** Places of the entries that are meant (`line 7`); the others are left out. */
      only?: readonly string[];
      /** Host and user that the file comes from. Raises OTHER_HOST when the jobs would run elsewhere or as another one. */
      origin?: { hostname: string; uid: number };
      /** Label of the files the jobs come from; a job that carries another one is refused. */
      managedBy?: string;
      /** Remove jobs of this label that the file does not name. */
      prune?: boolean;
      /** The wire validator: answers the normalised job or raises. */
      validate: (job: unknown) => JobInput;
    },
    caller: Caller,
  ): Promise<ImportReport>;
}
