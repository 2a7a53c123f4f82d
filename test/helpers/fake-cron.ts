import { randomUUID } from "node:crypto";
import { compareJobs, pageBounds, pageOptions } from "../../src/host/cron/page.ts";
import type { CronJob, CronService, Fields } from "../../src/host/cron/service.ts";

/** What the gateway's cron keeps, shared by its facade and by whoever looks from outside. */
export interface FakeCronState {
  jobs: CronJob[];
  calls: string[];
  enabled: boolean;
}

const textOf = (job: CronJob): string =>
  [job.id, job.name, job.description, job["agentId"], job["displayName"]].filter(Boolean).join(" ").toLowerCase();

function jobIn(state: FakeCronState, id: string): CronJob {
  const job = state.jobs.find((one) => one.id === id);
  if (job === undefined) throw new Error(`unknown cron job id: ${id}`);
  return job;
}

/** A small stand-in for the gateway's cron service, with its names, arities, filters, order and answers (2026.9.6). */
export class FakeCronService {
  readonly state: FakeCronState;

  constructor(state: FakeCronState) {
    this.state = state;
    // The gateway lays closures over the methods that write.
    const { add, update, updateWithPrecondition, remove } = FakeCronService.prototype;
    const inner: FakeCronService = Object.assign(Object.create(null), { state });
    Object.assign(inner, { add, update, updateWithPrecondition, remove });
    this.add = async (input, options) => inner.add(input, options);
    this.update = (id, patch, opts) => inner.update(id, patch, opts);
    this.updateWithPrecondition = (id, patch, precondition, opts) =>
      inner.updateWithPrecondition(id, patch, precondition, opts);
    this.remove = async (id, opts) => inner.remove(id, opts);
  }

  async status(): Promise<Fields> {
    const wakes = this.state.jobs.flatMap((job) => ((job.state as Fields)["nextRunAtMs"] as number | undefined) ?? []);
    return {
      enabled: this.state.enabled,
      storage: "sqlite",
      jobs: this.state.jobs.length,
      nextWakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
    };
  }

  async list(opts?: { includeDisabled?: boolean }): Promise<CronJob[]> {
    return this.state.jobs
      .filter((job) => opts?.includeDisabled === true || job.enabled)
      .sort(compareJobs({ sortBy: "nextRunAtMs", sortDir: "asc" }));
  }

  async listPage(opts: Fields | undefined, matchesJob?: (job: CronJob) => boolean): Promise<Fields> {
    const enabled = opts?.["enabled"] ?? (opts?.["includeDisabled"] === true ? "all" : "enabled");
    const query = String(opts?.["query"] ?? "")
      .trim()
      .toLowerCase();
    const sorted = this.state.jobs
      .filter((job) => {
        if (enabled !== "all" && job.enabled !== (enabled === "enabled")) return false;
        const kind = opts?.["scheduleKind"];
        if (kind !== undefined && kind !== "all" && (job["schedule"] as Fields)["kind"] !== kind) return false;
        const status = opts?.["lastRunStatus"];
        const last = (job.state as Fields)["lastRunStatus"] ?? "unknown";
        if (status !== undefined && status !== "all" && last !== status) return false;
        if (query !== "" && !textOf(job).includes(query)) return false;
        return matchesJob?.(job) ?? true;
      })
      .sort(compareJobs(pageOptions(opts)));
    const { offset, limit } = pageBounds(pageOptions(opts), sorted.length);
    const jobs = structuredClone(sorted.slice(offset, offset + limit));
    const end = offset + jobs.length;
    const more = end < sorted.length;
    const snapshotRevision = `sha256:${JSON.stringify(sorted).length}`;
    return {
      jobs,
      snapshotRevision,
      total: sorted.length,
      offset,
      limit,
      hasMore: more,
      nextOffset: more ? end : null,
    };
  }

  async add(input: Fields, options?: Fields): Promise<Fields> {
    this.state.calls.push("add");
    (options?.["commitGuard"] as (() => void) | undefined)?.();
    const key = input["declarationKey"];
    const matches = options?.["matchesExisting"] as ((job: CronJob) => boolean) | undefined;
    const existing =
      key === undefined
        ? undefined
        : this.state.jobs.find((job) => job.declarationKey === key && (matches?.(job) ?? true));
    if (existing !== undefined) {
      Object.assign(existing, { schedule: input["schedule"], payload: input["payload"], delivery: input["delivery"] });
      return { ...existing, created: false, updated: true, job: existing };
    }
    const { state, ...fields } = input;
    const job = {
      id: randomUUID(),
      enabled: true,
      createdAtMs: 1,
      updatedAtMs: 1,
      ...fields,
      state: { nextRunAtMs: Date.UTC(2027, 0, 4, 12, 0, 30) },
    };
    this.state.jobs.push(job as unknown as CronJob);
    return key === undefined ? job : { ...job, created: true, job };
  }

  async update(id: string, patch: Fields, opts?: Fields): Promise<CronJob> {
    return this.updateWithPrecondition(id, patch, undefined, opts);
  }

  async updateWithPrecondition(
    id: string,
    patch: Fields,
    precondition: ((job: CronJob, nowMs: number) => unknown) | undefined,
    opts?: Fields,
  ): Promise<CronJob> {
    this.state.calls.push("update");
    const job = jobIn(this.state, id);
    await precondition?.(structuredClone(job), 0);
    (opts?.["commitGuard"] as (() => void) | undefined)?.();
    const payload = patch["payload"] as Fields | undefined;
    const same = payload !== undefined && payload["kind"] === job.payload.kind;
    Object.assign(
      job,
      patch,
      payload === undefined ? {} : { payload: same ? { ...job.payload, ...payload } : payload },
    );
    return job;
  }

  async remove(id: string, opts?: Fields): Promise<Fields> {
    this.state.calls.push("remove");
    (opts?.["commitGuard"] as (() => void) | undefined)?.();
    const before = this.state.jobs.length;
    this.state.jobs = this.state.jobs.filter((job) => job.id !== id);
    return { ok: true, removed: this.state.jobs.length < before };
  }

  async run(id: string, _mode: string | undefined, _opts: Fields | undefined): Promise<Fields> {
    jobIn(this.state, id);
    return { ok: true, ran: true };
  }

  async enqueueRun(id: string, _mode: string | undefined, _opts: Fields | undefined): Promise<Fields> {
    jobIn(this.state, id);
    this.state.calls.push("enqueueRun");
    return { ok: true, enqueued: true, runId: `manual:${id}` };
  }

  getJob(id: string): CronJob | undefined {
    return this.state.jobs.find((job) => job.id === id);
  }

  async readJob(id: string): Promise<CronJob | undefined> {
    return this.state.jobs.find((job) => job.id === id);
  }

  async readScratch(_id: string): Promise<Fields> {
    return { currentRevision: 3 };
  }

  async writeScratch(_id: string, _write: Fields): Promise<Fields> {
    return { ok: true };
  }

  getDefaultAgentId(): string | undefined {
    return "main";
  }
}

const NAMES = Object.getOwnPropertyNames(FakeCronService.prototype).filter((name) => name !== "constructor");

/** The two forms the gateway hands out: at first a plain object, after a change of its cron config a class instance. */
export function createFakeCron(form: "object" | "class", state?: Partial<FakeCronState>) {
  const shared: FakeCronState = { jobs: [], calls: [], enabled: true, ...state };
  const service = new FakeCronService(shared);
  const methods = service as unknown as Record<string, (...args: unknown[]) => unknown>;
  const facade = Object.fromEntries(
    NAMES.map((name) => {
      const method = methods[name] as (...args: unknown[]) => unknown;
      const passed = (...args: unknown[]) => method.apply(service, args);
      return [name, Object.defineProperty(passed, "length", { value: method.length })];
    }),
  );
  const cron = (form === "class" ? service : facade) as unknown as CronService;
  return { cron, state: shared };
}

export type FakeCron = ReturnType<typeof createFakeCron>;
