import type { SummaryEntry } from "../../schema/wire/calls/jobs.ts";
import type { Job } from "../../schema/wire/job.ts";
import type { TimelineRow } from "./layout.ts";
import type { Sign, Signs } from "./signs.ts";
import { isBad, type Stand, standOf } from "./states.ts";

/** A job with what was read of it since. */
export interface LaneJob {
  job: Job;
  /** Everything a person may search by, in small letters. */
  text: string;
  /** It is one of the gateway's own, which are only watched: what it does, in the gateway's word. */
  watched?: string;
  /** In an order by chain: how many jobs it stands behind. */
  level?: number;
}

export const laneJob = (job: Job): LaneJob => ({
  job,
  text: [job.name, job.displayName, job.description, job.id, job.managedBy, job.agentId, ...job.payload.argv]
    .filter(Boolean)
    .join("\n")
    .toLowerCase(),
});

const known = (fields: object): Job["state"] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
const KINDS = ["at", "every", "cron"];

/** One of the gateway's own jobs, as far as the page shows it. */
export function watchedJob(entry: SummaryEntry): LaneJob {
  const { jobId, name, kind, enabled, totals, consecutiveErrors } = entry;
  const schedule = entry.schedule as Job["schedule"];
  const job: Job = {
    ...{ id: jobId, name, enabled, sessionTarget: "isolated", wakeMode: "now", createdAtMs: 0, updatedAtMs: 0 },
    ...{ payload: { kind: "command", argv: [] }, configRevision: "" },
    // Kinds that only the gateway knows have no instants to show.
    schedule: KINDS.includes(schedule.kind) ? schedule : { kind: "at", at: "-" },
    state: known({
      nextRunAtMs: entry.nextRunAtMs,
      runningAtMs: entry.runningAtMs,
      lastRunAtMs: entry.lastRunAtMs,
      lastRunStatus: entry.lastStatus,
      lastError: entry.lastError,
      lastDurationMs: entry.lastDurationMs,
      lastOkAtMs: entry.lastOkAtMs,
      // Not counted yet where it was not seen to fail.
      consecutiveErrors: consecutiveErrors || undefined,
      totals,
    }),
  };
  return { job, watched: kind, text: [name, jobId, kind, "gateway"].join("\n").toLowerCase() };
}

/** What a list of jobs can be narrowed to. */
export const JOB_FILTERS = {
  all: "all jobs",
  look: "needs a look",
  bad: "failed or missed",
  running: "running or waiting",
  off: "switched off",
  new: "never ran",
} as const;
/** And beside a span of time. */
export const LANE_FILTERS = { ...JOB_FILTERS, here: "only jobs with runs here" } as const;
export type JobFilter = keyof typeof LANE_FILTERS;
export const jobFilterOf = (word: string | undefined): JobFilter => wordOf(LANE_FILTERS, word, "all");

/** The word when it is one of these, as an address may say anything. */
export function wordOf<T extends string>(
  words: Readonly<Record<T, string>>,
  word: string | undefined,
  otherwise: NoInfer<T>,
): T {
  return word !== undefined && Object.hasOwn(words, word) ? (word as T) : otherwise;
}

/** Words such as `#nightly` are tags, which a job must bear; the others must occur. */
function fitsQuery({ job, text }: LaneJob, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const isTag = (word: string): boolean => word.startsWith("#") && word.length > 1;
  const tags = words.filter(isTag).map((word) => word.slice(1));
  return tags.every((tag) => job.tags?.includes(tag)) && hasWords(text, words.filter((word) => !isTag(word)).join(" "));
}

/** Every word must occur. */
export function hasWords(text: string, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const NONE: Signs = new Map();

/** Whether a job is one of those; by its lane where that is known, else by how it stands. */
export function fitsFilter(filter: JobFilter, job: Job, row: TimelineRow | undefined, sign?: Sign): boolean {
  if (filter === "all") return true;
  const now = row === undefined ? job : { enabled: row.enabled, state: row.state };
  const { status, tone } = standOf(now, sign);
  switch (filter) {
    case "look":
      return tone === "bad" || tone === "warn";
    case "here":
      return row !== undefined && row.marks.length > 0;
    case "bad":
      return tone === "bad" || status === "missed" || row?.marks.some((mark) => isBad(mark.status)) === true;
    case "running":
      return (
        status === "running" ||
        status === "stalled" ||
        status === "awaiting_approval" ||
        row?.marks.some(({ status: now }) => ["queued", "awaiting_approval", "running"].includes(now)) === true
      );
    case "off":
      return !now.enabled;
    case "new":
      return status === "new";
  }
}

export const filterJobs = (
  jobs: readonly LaneJob[],
  {
    query,
    filter,
    rowOf,
    signs = NONE,
  }: { query: string; filter: JobFilter; rowOf(id: string): TimelineRow | undefined; signs?: Signs },
): LaneJob[] =>
  jobs.filter(
    (entry) => fitsQuery(entry, query) && fitsFilter(filter, entry.job, rowOf(entry.job.id), signs.get(entry.job.id)),
  );

export const SORTS = {
  trouble: "by what needs a look",
  name: "by name",
  next: "by next run",
  chain: "by chain",
} as const;
type Sort = keyof typeof SORTS;
export const sortOf = (word: string | undefined): Sort => wordOf(SORTS, word, "trouble");

const RANK = { bad: 2, warn: 3, live: 4, ok: 5, quiet: 6 } as const;
/** First what stands still until somebody answers or looks. */
const rankOf = ({ status, tone }: Stand): number =>
  status === "awaiting_approval" ? 0 : status === "stalled" ? 1 : RANK[tone];
const KEY: Record<Exclude<Sort, "chain">, (job: Job, sign?: Sign) => number> = {
  trouble: (job, sign) => rankOf(standOf(job, sign)),
  name: () => 0,
  next: ({ enabled, state }) => (enabled ? (state.nextRunAtMs ?? Infinity) : Infinity),
};

/** Jobs that come by name, in another order; where that does not decide, by name. */
export function inOrder(jobs: readonly LaneJob[], sort: Sort, signs: Signs = NONE): LaneJob[] {
  if (sort === "chain") return inChains(jobs);
  return jobs
    .map((entry, index) => ({ entry, index, key: KEY[sort](entry.job, signs.get(entry.job.id)) }))
    .sort((a, b) => (a.key === b.key ? a.index - b.index : a.key - b.key))
    .map(({ entry }) => entry);
}

export const parentOf = ({ schedule }: Job): string | undefined =>
  schedule.kind === "after" ? schedule.job : undefined;

/** Each job behind the one it follows, chains before jobs that stand alone; `level` says how far down the chain. */
function inChains(jobs: readonly LaneJob[]): LaneJob[] {
  const ids = new Set(jobs.map(({ job }) => job.id));
  const followers = new Map<string, LaneJob[]>();
  const firsts: LaneJob[] = [];
  for (const entry of jobs) {
    const parent = parentOf(entry.job);
    if (parent === undefined || !ids.has(parent)) firsts.push(entry);
    else followers.set(parent, [...(followers.get(parent) ?? []), entry]);
  }
  const down = (entry: LaneJob, level: number): LaneJob[] => [
    { ...entry, level },
    ...(followers.get(entry.job.id) ?? []).flatMap((follower) => down(follower, level + 1)),
  ];
  const leads = ({ job }: LaneJob): number => (followers.has(job.id) || parentOf(job) !== undefined ? 0 : 1);
  const drawn = firsts.sort((a, b) => leads(a) - leads(b)).flatMap((entry) => down(entry, 0));
  // None is lost, even where a damaged record makes a ring of them.
  const seen = new Set(drawn.map(({ job }) => job.id));
  return [...drawn, ...jobs.filter(({ job }) => !seen.has(job.id))];
}
