import type { Job } from "../../../schema/wire/job.ts";
import type { Engine } from "../../engine/index.ts";
import { present } from "../../kernel/present.ts";
import type { JobKeys, JobQuery } from "../../ledger/types.ts";
import { compareJobs, type OwnJobs, type PageOptions, type Sorted } from "./page.ts";
import type { CronJob, Fields } from "./service.ts";
import { toCronJob } from "./view.ts";

type EngineReads = Pick<Engine, "findJob" | "getDeclared" | "getLastRun" | "jobKeys" | "listJobs">;

/** Jobs of ours as the gateway's callers look for them. */
export type OwnStore = ReturnType<typeof createOwnStore>;

const word = <T extends string>(value: unknown, words: readonly T[]): T | undefined =>
  words.find((one) => one === value);
const text = (value: unknown): string => (typeof value === "string" ? value.trim().toLowerCase() : "");

/** `agent:<id>:…` names an agent. */
const agentOf = (job: CronJob, fallback: string | undefined): string | undefined =>
  text(job["agentId"]) || /^agent:([^:]+):/.exec(text(job["sessionKey"]))?.[1] || fallback;

/** Those that fit, as the gateway's callers see them. */
const seenOf = (jobs: readonly Job[], fits: (job: Job, seen: CronJob) => boolean): CronJob[] =>
  jobs.flatMap((job) => {
    const seen = toCronJob(job);
    return fits(job, seen) ? [seen] : [];
  });

/** As much of a job as its place in an order takes. */
const keyed = ({ nextRunAtMs, ...job }: JobKeys): Sorted => ({ ...job, state: present({ nextRunAtMs }) });

export function createOwnStore(engine: EngineReads, defaultAgentId: () => string | undefined) {
  /** As the gateway's callers see it. */
  const show = (job: Job): CronJob => toCronJob(job, engine.getLastRun(job.id));

  const all = (query: Omit<JobQuery, "limit" | "offset">): Job[] => {
    const { total } = engine.listJobs({ ...query, limit: 1, offset: 0 });
    return total === 0 ? [] : engine.listJobs({ ...query, limit: total, offset: 0 }).jobs;
  };

  /** The filters that the ledger applies itself; each finds at least what the gateway's would. */
  function queryOf(options: Fields): Omit<JobQuery, "limit" | "offset"> {
    const enabled = word(options["enabled"], ["all", "enabled", "disabled"]);
    const status = word(options["lastRunStatus"], ["ok", "error", "skipped", "unknown"]);
    const kind = word(options["scheduleKind"], ["at", "every", "cron", "on-exit", "stream"]);
    return {
      includeDisabled: enabled === undefined ? options["includeDisabled"] === true : enabled !== "enabled",
      ...(enabled === "disabled" ? { enabled: false } : {}),
      ...(status === undefined ? {} : { lastStatus: status }),
      ...(kind === undefined ? {} : { scheduleKind: kind }),
      ...(text(options["query"]) === "" ? {} : { text: text(options["query"]) }),
    };
  }

  /** The filters that only the gateway's callers know. */
  function filterOf(
    options: Fields,
    matches: ((job: CronJob) => boolean) | undefined,
  ): ((job: Job, seen: CronJob) => boolean) | undefined {
    const query = text(options["query"]);
    const agentId = text(options["agentId"]);
    if (query === "" && agentId === "" && matches === undefined) return undefined;
    return (job, seen) => {
      const words = [job.id, job.name, job.description, job.agentId, job.displayName];
      if (query !== "" && !words.join(" ").toLowerCase().includes(query)) return false;
      if (agentId !== "" && agentOf(seen, text(defaultAgentId())) !== agentId) return false;
      return matches?.(seen) ?? true;
    };
  }

  return {
    /** By exact id. */
    get: engine.findJob,
    show,
    has: (id: string): boolean => engine.findJob(id) !== undefined,
    getDeclared: engine.getDeclared,

    list: (includeDisabled: boolean): CronJob[] => all({ includeDisabled }).map((job) => toCronJob(job)),

    page(options: Fields, matches: ((job: CronJob) => boolean) | undefined): OwnJobs {
      if (options["trigger"] === "conditional") return { total: 0, slice: () => [] };
      const query = queryOf(options);
      const filter = filterOf(options, matches);
      const order = { sortBy: options["sortBy"], sortDir: options["sortDir"] } as Partial<PageOptions>;
      const inOrder = (order.sortBy ?? "nextRunAtMs") === "nextRunAtMs" && order.sortDir !== "desc";
      if (filter === undefined && inOrder) {
        const { total } = engine.listJobs({ ...query, limit: 1, offset: 0 });
        return {
          total,
          slice: (offset, limit) => (limit === 0 ? [] : engine.listJobs({ ...query, limit, offset }).jobs.map(show)),
        };
      }
      const compare = compareJobs({ sortBy: order.sortBy ?? "nextRunAtMs", sortDir: order.sortDir ?? "asc" });
      const ids = (filter === undefined ? engine.jobKeys(query).map(keyed) : seenOf(all(query), filter))
        .sort(compare)
        .map(({ id }) => id);
      return {
        total: ids.length,
        slice: (from, count) =>
          ids
            .slice(from, from + count)
            .flatMap((id) => engine.findJob(id) ?? [])
            .map(show),
      };
    },

    /** How many there are, and when the next one comes due. */
    summary(): { jobs: number; nextRunAtMs: number | undefined } {
      const { total, jobs } = engine.listJobs({ includeDisabled: true, limit: 1, offset: 0 });
      return { jobs: total, nextRunAtMs: jobs[0]?.state.nextRunAtMs };
    },
  };
}
