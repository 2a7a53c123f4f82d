import type { Job } from "../../schema/wire/job.ts";
import type { TimelineRow } from "./layout.ts";
import { isBad, standOf } from "./states.ts";

/** A job with what was read of it since. */
export interface LaneJob {
  job: Job;
  /** Everything a person may search by, in small letters. */
  text: string;
}

export const laneJob = (job: Job): LaneJob => ({
  job,
  text: [job.name, job.displayName, job.description, job.id, job.managedBy, job.agentId, ...job.payload.argv]
    .filter(Boolean)
    .join("\n")
    .toLowerCase(),
});

/** What a list of jobs can be narrowed to. */
export const JOB_FILTERS = {
  all: "all jobs",
  bad: "failed or missed",
  running: "running or waiting",
  off: "switched off",
  new: "never ran",
} as const;
export type JobFilter = keyof typeof JOB_FILTERS;
export const jobFilterOf = (word: string | undefined): JobFilter =>
  word !== undefined && Object.hasOwn(JOB_FILTERS, word) ? (word as JobFilter) : "all";

/** Every word must occur. */
export function hasWords(text: string, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Whether a job is one of those; by its lane where that is known, else by how it stands. */
export function fitsFilter(filter: JobFilter, job: Job, row: TimelineRow | undefined): boolean {
  if (filter === "all") return true;
  const now = row === undefined ? job : { enabled: row.enabled, state: row.state };
  const { status, tone } = standOf(now);
  switch (filter) {
    case "bad":
      return tone === "bad" || row?.marks.some((mark) => isBad(mark.status)) === true;
    case "running":
      return (
        status === "running" ||
        row?.marks.some((mark) => mark.status === "queued" || mark.status === "running") === true
      );
    case "off":
      return !now.enabled;
    case "new":
      return status === "new";
  }
}

export const filterJobs = (
  jobs: readonly LaneJob[],
  { query, filter, rowOf }: { query: string; filter: JobFilter; rowOf(id: string): TimelineRow | undefined },
): LaneJob[] => jobs.filter(({ job, text }) => hasWords(text, query) && fitsFilter(filter, job, rowOf(job.id)));

export const SORTS = { trouble: "by what needs a look", name: "by name", next: "by next run" } as const;
export type Sort = keyof typeof SORTS;
export const sortOf = (word: string | undefined): Sort => (word === "name" || word === "next" ? word : "trouble");

const RANK = { bad: 0, warn: 1, live: 2, ok: 3, quiet: 4 } as const;
const KEY: Record<Sort, (job: Job) => number> = {
  trouble: (job) => RANK[standOf(job).tone],
  name: () => 0,
  next: ({ enabled, state }) => (enabled ? (state.nextRunAtMs ?? Infinity) : Infinity),
};

/** Jobs that come by name, in another order; where that does not decide, by name. */
export const inOrder = (jobs: readonly LaneJob[], sort: Sort): LaneJob[] =>
  jobs
    .map((entry, index) => ({ entry, index, key: KEY[sort](entry.job) }))
    .sort((a, b) => (a.key === b.key ? a.index - b.index : a.key - b.key))
    .map(({ entry }) => entry);
