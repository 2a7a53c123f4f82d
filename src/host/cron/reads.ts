import { createHash } from "node:crypto";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import { isCommand } from "./jobs.ts";
import type { OwnStore } from "./own.ts";
import { compareJobs, mergePage, pageOptions } from "./page.ts";
import type { CronJob, CronPage, CronService } from "./service.ts";

interface ReadDeps {
  /** The gateway's own methods, past our routing. */
  native: CronService;
  own: OwnStore;
  /** Changes with every change of our jobs. */
  revision(): string;
  logger: Logger;
}

type Reads = Pick<CronService, "list" | "listPage" | "getJob" | "readJob" | "status">;

const DEFAULT_ORDER = { sortBy: "nextRunAtMs", sortDir: "asc" } as const;

/**
 * What shows jobs: the gateway's and ours as one list. A job that has moved here is still there, disabled; it is shown
 * once. When ours cannot be read, the gateway's answer goes out as if we were not there.
 */
export function createReads({ native, own, revision, logger }: ReadDeps): Reads {
  const isMoved = (job: CronJob): boolean => isCommand(job) && own.has(job.id);

  async function orNative<T>(work: () => T | Promise<T>, otherwise: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      logger.error(`openclaw cron shows the gateway's own jobs only: ${errorText(error)}`);
      return await otherwise();
    }
  }

  function getOwn(id: string): CronJob | undefined {
    try {
      const job = own.get(id);
      return job === undefined ? undefined : own.show(job);
    } catch (error) {
      logger.error(`job ${id} cannot be looked up: ${errorText(error)}`);
      return undefined;
    }
  }

  /** The gateway filters its jobs itself and calls back for each that it would list; so all of them are known. */
  async function theirs(options: Parameters<Reads["listPage"]>[0], matches: Parameters<Reads["listPage"]>[1]) {
    const jobs: CronJob[] = [];
    const page = await native.listPage({ ...options, offset: 0, limit: 1 }, (job) => {
      if (isMoved(job) || !(matches?.(job) ?? true)) return false;
      jobs.push(job);
      return true;
    });
    if (page.total !== jobs.length) throw new Error("the gateway's cron filters jobs in another way than expected");
    return { jobs, page };
  }

  const snapshot = (page: CronPage): Partial<CronPage> =>
    page.snapshotRevision === undefined
      ? {}
      : {
          snapshotRevision: `sha256:${createHash("sha256").update(`${page.snapshotRevision} ${revision()}`).digest("base64url")}`,
        };

  return {
    getJob: (id) => getOwn(id) ?? native.getJob(id),
    readJob: async (id) => getOwn(id) ?? (await native.readJob(id)),

    list: (options) =>
      orNative(
        async () => {
          const jobs = (await native.list(options)).filter((job) => !isMoved(job));
          return [...jobs, ...own.list(options?.includeDisabled === true)].sort(compareJobs(DEFAULT_ORDER));
        },
        () => native.list(options),
      ),

    listPage: (options, matches) =>
      orNative(
        async () => {
          const { jobs, page } = await theirs(options, matches);
          return {
            ...page,
            ...mergePage(jobs, own.page(options ?? {}, matches), pageOptions(options)),
            ...snapshot(page),
          };
        },
        () => native.listPage(options, matches),
      ),

    async status() {
      const status = await native.status();
      return orNative(
        async () => {
          const { jobs, nextRunAtMs } = own.summary();
          if (jobs === 0) return status;
          const moved = (await native.list({ includeDisabled: true })).filter(isMoved).length;
          const wakes = [status.nextWakeAtMs, nextRunAtMs].filter((atMs) => typeof atMs === "number");
          return {
            ...status,
            jobs: status.jobs - moved + jobs,
            nextWakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
          };
        },
        () => status,
      );
    },
  };
}
