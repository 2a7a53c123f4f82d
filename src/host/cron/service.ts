import type { NativeJob } from "../../transfer/moves/index.ts";

export type Fields = Record<string, unknown>;

/** A job as the gateway's cron hands it to its own callers. */
export type CronJob = NativeJob & Fields;

export interface AddOptions {
  enabledExplicit?: boolean;
  /** Raises when the caller has lost its right in the meantime; asked right before the change. */
  commitGuard?(): void;
  /** Whether a job with the same declaration key belongs to the same owner. */
  matchesExisting?(job: CronJob): boolean;
  createdActor?: { id?: string };
}
export interface GuardOptions {
  commitGuard?(): void;
}
export type Precondition = (job: CronJob, nowMs: number) => unknown;

export interface CronPage {
  jobs: CronJob[];
  total: number;
  offset: number;
  limit: number;
  hasMore: boolean;
  nextOffset: number | null;
  snapshotRevision?: string;
}

interface CronStatus {
  enabled: boolean;
  jobs: number;
  nextWakeAtMs: number | null;
}

/** The cron service object that the gateway's own method handlers call, as far as command jobs are concerned. */
export interface CronService {
  add(input: Fields, options?: AddOptions): Promise<CronJob | { job: CronJob; created: boolean; updated?: boolean }>;
  update(id: string, patch: Fields, options?: GuardOptions): Promise<CronJob>;
  updateWithPrecondition(
    id: string,
    patch: Fields,
    precondition: Precondition | undefined,
    options?: GuardOptions,
  ): Promise<CronJob>;
  remove(id: string, options?: GuardOptions): Promise<Fields>;
  list(options?: { includeDisabled?: boolean }): Promise<CronJob[]>;
  listPage(options?: Fields, matches?: (job: CronJob) => boolean): Promise<CronPage>;
  getJob(id: string): CronJob | undefined;
  readJob(id: string): Promise<CronJob | undefined>;
  run(id: string, mode?: string, options?: GuardOptions): Promise<Fields>;
  enqueueRun(id: string, mode?: string, options?: GuardOptions): Promise<Fields>;
  status(): Promise<CronStatus & Fields>;
  readScratch(id: string): Promise<Fields>;
  writeScratch(id: string, write: Fields): Promise<Fields>;
  getDefaultAgentId(): string | undefined;
}

export type MethodName = keyof CronService;

/** Every method that is called or wrapped, with the number of parameters it was seen to have (2026.9.6). */
const SHAPE: Record<MethodName, number> = {
  add: 2,
  update: 3,
  updateWithPrecondition: 4,
  remove: 2,
  list: 1,
  listPage: 2,
  getJob: 1,
  readJob: 1,
  run: 3,
  enqueueRun: 3,
  status: 0,
  readScratch: 1,
  writeScratch: 2,
  getDefaultAgentId: 0,
};

export const METHOD_NAMES = Object.keys(SHAPE) as MethodName[];

type Recognition = { cron: CronService; reason?: undefined } | { cron?: undefined; reason: string };

/**
 * The service object, when it has the shape this was written for: each method a function of the known arity that can be
 * replaced and put back. Anything else is named and left alone.
 */
export function recognizeCron(value: unknown): Recognition {
  if (typeof value !== "object" || value === null) return { reason: "the gateway hands out no cron service" };
  if (!Object.isExtensible(value)) return { reason: "the gateway's cron service is sealed" };
  const service = value as Fields;
  for (const [name, arity] of Object.entries(SHAPE)) {
    const method = service[name];
    if (typeof method !== "function") return { reason: `the gateway's cron service has no method \`${name}\`` };
    if (method.length !== arity) {
      return { reason: `\`${name}\` of the gateway's cron service takes ${method.length} parameters, not ${arity}` };
    }
    const own = Object.getOwnPropertyDescriptor(service, name);
    if (own !== undefined && !(own.writable === true && own.configurable === true)) {
      return { reason: `\`${name}\` of the gateway's cron service cannot be replaced` };
    }
  }
  return { cron: value as CronService };
}

/** Asks two harmless questions and looks at the form of the answers. Answers what is unexpected about them. */
export async function probeCron(cron: CronService): Promise<string | undefined> {
  const status = await cron.status();
  if (typeof status?.enabled !== "boolean" || typeof status.jobs !== "number" || !isInstant(status.nextWakeAtMs)) {
    return "`status` of the gateway's cron service answers in another form";
  }
  let seen = 0;
  const page = await cron.listPage({ includeDisabled: true, limit: 1 }, () => {
    seen += 1;
    return true;
  });
  const known = Array.isArray(page?.jobs) && typeof page.hasMore === "boolean" && typeof page.limit === "number";
  return known && page.total === seen ? undefined : "`listPage` of the gateway's cron service answers in another form";
}

const isInstant = (value: unknown): boolean => value === null || typeof value === "number";
