import type { JobInput } from "../../schema/wire/job.ts";
import type { Caller } from "../engine/api.ts";
import type { FieldChange } from "../policy/index.ts";
import type { Ending } from "./candidate.ts";

export type ImportFormat = "jobs" | "crontab" | "system-crontab" | "systemd" | "ops-jobs" | "openclaw-scheduler";

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

/** What becomes of one entry of a file. */
export interface ImportRow {
  action: "create" | "update" | "unchanged" | "remove" | "refused";
  name: string;
  /** Why it is refused; else `holds` and `notes` in one line. */
  detail: string;
  /** Where the entry stands: `line 7`, `backup.timer:3`. */
  at?: string;
  /** The stored job the entry stands for. */
  id?: string;
  /** Whether the job is on afterwards. */
  enabled?: boolean;
  /** Of an update: the fields that change. */
  changes?: FieldChange[];
  /** What is different here. */
  notes?: string[];
  /** What decided there and does not come along; the job is off. */
  holds?: string[];
  /** What starts it where it comes from, and how to end that. */
  ends?: Ending;
  /** Jobs that are on here and start the same command. */
  same?: { id: string; name: string }[];
}

export interface ImportReport {
  plan: ImportRow[];
  applied: boolean;
  /** Jobs of earlier imports of this format, or of `jobs` all others, that the file does not name. */
  absent: number;
  /** Why nothing of the file is applied. */
  problem?: string;
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
