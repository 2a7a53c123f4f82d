import type { CronJob, CronPage, Fields } from "./service.ts";

/** What a page is asked for; the names are the gateway's. */
export interface PageOptions {
  offset: number;
  limit: number | undefined;
  sortBy: "nextRunAtMs" | "updatedAtMs" | "name";
  sortDir: "asc" | "desc";
}

const MAX_LIMIT = 200;
const EMPTY_LIMIT = 50;

export const pageOptions = (options: Fields = {}): PageOptions => ({
  offset: typeof options["offset"] === "number" ? options["offset"] : 0,
  limit: typeof options["limit"] === "number" ? options["limit"] : undefined,
  sortBy: (options["sortBy"] as PageOptions["sortBy"] | undefined) ?? "nextRunAtMs",
  sortDir: options["sortDir"] === "desc" ? "desc" : "asc",
});

/** What the order of jobs looks at. */
export type Sorted = Pick<CronJob, "id" | "name" | "state"> & { updatedAtMs?: unknown };

/** The gateway's order of jobs: what has no next run comes last either way, and ids decide between equals. */
export function compareJobs({
  sortBy,
  sortDir,
}: Pick<PageOptions, "sortBy" | "sortDir">): (a: Sorted, b: Sorted) => number {
  const direction = sortDir === "desc" ? -1 : 1;
  const collator = new Intl.Collator(undefined, { sensitivity: "base" });
  function order(a: Sorted, b: Sorted): number {
    if (sortBy === "name") return collator.compare(a.name ?? "", b.name ?? "") * direction;
    if (sortBy === "updatedAtMs") return (Number(a.updatedAtMs) - Number(b.updatedAtMs)) * direction;
    const { nextRunAtMs: left } = a.state as { nextRunAtMs?: number };
    const { nextRunAtMs: right } = b.state as { nextRunAtMs?: number };
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return (left - right) * direction;
  }
  return (a, b) => order(a, b) || a.id.localeCompare(b.id);
}

/** Where a page begins and how many jobs it may hold, by the gateway's limits. */
export function pageBounds({ offset, limit }: PageOptions, total: number): { offset: number; limit: number } {
  return {
    offset: Math.max(0, Math.min(total, Math.floor(offset))),
    limit: Math.max(1, Math.min(MAX_LIMIT, Math.floor(limit ?? (total === 0 ? EMPTY_LIMIT : total)))),
  };
}

/** Jobs of ours in the gateway's order, from any position on. */
export interface OwnJobs {
  total: number;
  /** Jobs from `from` on, at most `count` of them. */
  slice(from: number, count: number): CronJob[];
}

/**
 * One page of both, as the gateway would have cut it had all jobs been its own. Of ours only those that can lie on the
 * page are read: at most `native.length` of theirs come before any of them.
 */
export function mergePage(native: CronJob[], own: OwnJobs, options: PageOptions): Omit<CronPage, "snapshotRevision"> {
  const total = native.length + own.total;
  const { offset, limit } = pageBounds(options, total);
  const skipped = Math.min(own.total, Math.max(0, offset - native.length));
  const candidates = own.slice(skipped, offset - skipped + limit);
  const merged = [...native, ...candidates].sort(compareJobs(options));
  const jobs = structuredClone(merged.slice(offset - skipped, offset - skipped + limit));
  const end = offset + jobs.length;
  return { jobs, total, offset, limit, hasMore: end < total, nextOffset: end < total ? end : null };
}
