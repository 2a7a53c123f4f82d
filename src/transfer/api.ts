import type { JobInput } from "../../schema/wire/job.ts";
import type { Caller } from "../engine/api.ts";
import type { FieldChange } from "./changes.ts";

/** One job, or all of them; without `apply` only the plan is answered. */
export interface MoveTarget {
  id?: string;
  all?: boolean;
  apply: boolean;
  /** Release jobs that the gateway cannot run as they run here. */
  force?: boolean;
}

export interface MoveReport {
  plan: { action: "move" | "done" | "refused"; id: string; name: string; detail: string }[];
  applied: boolean;
  /** The file on the gateway's host that holds the released jobs as they were. */
  copy?: string;
}

/** Moves command jobs between the gateway's own cron and this plugin; active in exactly one of them at any moment. */
export interface MovesApi {
  /** From the gateway's cron to us. */
  adopt(target: MoveTarget, caller: Caller): Promise<MoveReport>;
  /** From us back to the gateway's cron. */
  release(target: MoveTarget, caller: Caller): Promise<MoveReport>;
}

/** What becomes of one entry of a file; `changes` where a stored job is updated. */
export interface ImportRow {
  action: "create" | "update" | "unchanged" | "remove" | "refused";
  name: string;
  detail: string;
  changes?: FieldChange[];
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
      format: "jobs" | "crontab" | "systemd" | "ops-jobs" | "openclaw-scheduler";
      apply: boolean;
      /** Label of the files the jobs come from; a job that carries another one is refused. */
      managedBy?: string;
      /** Remove jobs of this label that the file does not name. */
      prune?: boolean;
      /** The wire validator: answers the normalised job or raises. */
      validate: (job: unknown) => JobInput;
    },
    caller: Caller,
  ): Promise<{
    plan: ImportRow[];
    applied: boolean;
  }>;
}
