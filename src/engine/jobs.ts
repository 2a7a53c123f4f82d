import { createHash } from "node:crypto";
import type { Delivery, Destination } from "../../schema/wire/delivery.ts";
import type { Job, JobInput, JobPatch } from "../../schema/wire/job.ts";
import { supportedLimits } from "../executor/index.ts";
import { CommandCronError } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import { newId } from "../kernel/ids.ts";
import type { JobDefinition, JobOrigin, JobQuery, JobRecord, Ledger, RunRecord } from "../ledger/types.ts";
import { assertCanFire, compileMatch, compileSchedule, nextAfter, previewInstants } from "../policy/index.ts";
import { DEFAULT_POOL } from "../scheduler/index.ts";
import type { Caller, EngineApi, Paged } from "./api.ts";
import type { EngineDeps, Settings } from "./deps.ts";
import { mergeDefinition } from "./merge.ts";
import { isUnchanged } from "./transfer/content.ts";
import { jobView, paged, runningAtMs } from "./views.ts";

/** Instants shown when a job is created or shown. */
const SHOWN_INSTANTS = 3;

export interface JobsDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  events: Events;
  /** The schedule of something changed. */
  poke(): void;
  cancelRun(runId: string, by: string): Promise<unknown>;
}

type JobsApi = Pick<EngineApi, "addJob" | "updateJob" | "removeJob" | "getJob" | "listJobs" | "next">;

export interface Jobs extends JobsApi {
  /** The definition `addJob` would store, its targets resolved. Raises what is wrong with it and writes nothing. */
  prepare(input: JobInput, origin?: JobOrigin): Promise<JobDefinition>;
  /** By exact id; undefined when there is none. */
  peekJob(id: string): Job | undefined;
  getDeclared(declarationKey: string): Job | undefined;
  /** The newest run that ended, as long as it is kept. */
  getLastRun(jobId: string): RunRecord | undefined;
}

export function requireJob(ledger: Ledger, idOrName: string): JobRecord {
  const job = ledger.jobs.find(idOrName);
  if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: idOrName, details: { jobId: idOrName } });
  return job;
}

const isTargetError = (error: unknown): boolean =>
  error instanceof CommandCronError && /^DELIVERY_TARGET_/.test(error.code);

function definitionOf(input: JobInput): JobDefinition {
  const { enabled: _enabled, agentId, sessionKey, ...rest } = input;
  return { ...rest, ...(agentId ? { agentId } : {}), ...(sessionKey ? { sessionKey } : {}) };
}

/** Time zone a schedule is shown in. */
export const zoneOf = (definition: Pick<JobDefinition, "schedule">, hostTz: string): string =>
  definition.schedule.kind === "cron" ? (definition.schedule.tz ?? hostTz) : hostTz;

/** Storing, changing and reading job definitions. Everything is checked before anything is written. */
export function createJobs({ deps, settings, ledger, events, poke, cancelRun }: JobsDeps): Jobs {
  const compile = (definition: Pick<JobDefinition, "schedule">, jobId: string, createdAtMs: number) =>
    compileSchedule(definition.schedule, { jobId, hostTz: deps.hostTz, anchorDefaultMs: createdAtMs });

  /** Answers the definition with its targets resolved, or raises what is wrong with it. */
  async function check(definition: JobDefinition, origin: JobOrigin): Promise<JobDefinition> {
    const policy = definition.policy;
    if (policy?.pool !== undefined && policy.pool !== DEFAULT_POOL && !(policy.pool in settings.pools)) {
      throw new CommandCronError("POOL_UNKNOWN", {
        field: "policy.pool",
        expected: `one of ${[DEFAULT_POOL, ...Object.keys(settings.pools)].join(", ")}`,
        got: policy.pool,
      });
    }
    for (const name of Object.keys(policy?.limits ?? {})) {
      const supported = supportedLimits(deps.platform);
      if (!supported.includes(name as never)) {
        throw new CommandCronError("POLICY_UNSUPPORTED", {
          field: `policy.limits.${name}`,
          expected: supported.length === 0 ? `no limits on ${deps.platform}` : `one of ${supported.join(", ")}`,
          got: name,
        });
      }
    }
    if (policy?.deliver?.match !== undefined) compileMatch(policy.deliver.match);
    if (definition.delivery === undefined) return definition;
    try {
      return { ...definition, delivery: await resolveDelivery(definition.delivery, definition) };
    } catch (error) {
      // The gateway has accepted it by its own, wider rule: it stays as given, and a delivery that fails says so.
      if (origin !== "plugin" && isTargetError(error)) return definition;
      throw error;
    }
  }

  async function resolveDelivery(delivery: Delivery, definition: JobDefinition): Promise<Delivery> {
    const session = {
      ...(definition.agentId === undefined ? {} : { agentId: definition.agentId }),
      ...(definition.sessionKey === undefined ? {} : { sessionKey: definition.sessionKey }),
    };
    const also = await Promise.all((delivery.also ?? []).map((target) => deps.resolveTarget(target, session)));
    const withAlso = delivery.also === undefined ? delivery : { ...delivery, also };
    if (delivery.mode !== "announce") return withAlso;
    const { completionDestination: _c, failureDestination: _f, also: _a, ...target } = delivery;
    return { ...withAlso, ...(await deps.resolveTarget(target as Destination, session)), mode: "announce" };
  }

  function firstDue(definition: JobDefinition, jobId: string, createdAtMs: number, nowMs: number): number | undefined {
    const compiled = compile(definition, jobId, createdAtMs);
    assertCanFire(compiled, nowMs);
    return nextAfter(compiled, nowMs);
  }

  const instants = (definition: JobDefinition, jobId: string, createdAtMs: number, afterMs: number, count: number) =>
    previewInstants(compile(definition, jobId, createdAtMs), afterMs, count);

  const view = (job: JobRecord): Job => jobView(job, runningAtMs(ledger, job.id));
  const maybeView = (job: JobRecord | undefined): Job | undefined => (job === undefined ? undefined : view(job));

  async function create(definition: JobDefinition, enabled: boolean, options: { id?: string; origin?: JobOrigin }) {
    const nowMs = deps.clock.nowMs();
    const id = options.id ?? newId();
    const nextDueMs = firstDue(definition, id, nowMs, nowMs);
    ledger.jobs.insert({
      id,
      origin: options.origin ?? "plugin",
      definition,
      enabled,
      createdAtMs: nowMs,
      cursorMs: nowMs,
      ...(enabled && nextDueMs !== undefined ? { nextDueMs } : {}),
    });
    return requireJob(ledger, id);
  }

  async function replace(job: JobRecord, definition: JobDefinition, enabled: boolean): Promise<JobRecord> {
    const nowMs = deps.clock.nowMs();
    const rescheduled = JSON.stringify(definition.schedule) !== JSON.stringify(job.definition.schedule);
    const woken = enabled && !job.enabled;
    const nextDueMs = enabled
      ? rescheduled || woken
        ? firstDue(definition, job.id, job.createdAtMs, nowMs)
        : job.nextDueMs
      : undefined;
    ledger.transaction(() => {
      const answer = ledger.jobs.replace(job.id, {
        definition,
        enabled,
        updatedAtMs: nowMs,
        expectedRevision: job.revision,
      });
      if (answer !== "replaced") throw new CommandCronError("REVISION_CONFLICT", { details: { jobId: job.id } });
      ledger.jobs.patchState(job.id, {
        nextDueMs: nextDueMs ?? null,
        ...(rescheduled || woken ? { cursorMs: Math.max(job.cursorMs, nowMs), backoffUntilMs: null } : {}),
        ...(woken ? { autoDisabled: null, consecutiveErrors: 0 } : {}),
      });
    });
    return requireJob(ledger, job.id);
  }

  async function stopRuns(job: JobRecord, by: string): Promise<string | undefined> {
    const active = ledger.runs.active(job.id);
    await Promise.all(active.map((run) => cancelRun(run.id, by)));
    return active[0]?.id;
  }

  return {
    peekJob: (id) => maybeView(ledger.jobs.get(id)),
    getLastRun(jobId) {
      const runId = ledger.jobs.get(jobId)?.lastRunId;
      return runId === undefined ? undefined : ledger.runs.get(runId);
    },
    getDeclared: (key) => maybeView(ledger.jobs.getByDeclarationKey(key)),
    prepare: (input, origin = "plugin") => check(definitionOf(input), origin),

    async addJob(input, caller, options = {}) {
      const { enabled = true } = input;
      const hash = createHash("sha256").update(JSON.stringify(input)).digest("hex");
      const before =
        options.idempotencyKey === undefined ? undefined : ledger.idempotency.get("add", options.idempotencyKey);
      if (before !== undefined) {
        if (before.requestHash !== hash)
          throw new CommandCronError("IDEMPOTENCY_CONFLICT", { got: options.idempotencyKey ?? "" });
        return before.result as Awaited<ReturnType<EngineApi["addJob"]>>;
      }
      const definition = await check(definitionOf(input), options.origin ?? "plugin");
      const declared =
        definition.declarationKey === undefined
          ? undefined
          : ledger.jobs.getByDeclarationKey(definition.declarationKey);
      const existing = declared ?? (options.id === undefined ? undefined : ledger.jobs.get(options.id));
      const unchanged = existing !== undefined && isUnchanged(existing, definition, enabled);
      const job =
        existing === undefined
          ? await create(definition, enabled, options)
          : unchanged
            ? existing
            : await replace(existing, definition, enabled);
      const answer = {
        job: view(job),
        created: existing === undefined,
        updated: existing !== undefined && !unchanged,
        next: enabled ? instants(job.definition, job.id, job.createdAtMs, deps.clock.nowMs(), SHOWN_INSTANTS) : [],
      };
      if (options.idempotencyKey !== undefined) {
        ledger.idempotency.put("add", options.idempotencyKey, hash, answer, deps.clock.nowMs());
      }
      await ledger.durable();
      deps.logger.info(`job ${job.id} (${definition.name}) stored by ${caller.label}`);
      events.emit("job-changed", { jobId: job.id, change: existing === undefined ? "added" : "updated" });
      poke();
      return answer;
    },

    async updateJob(idOrName, patch, caller, expectedConfigRevision, stop) {
      const job = requireJob(ledger, idOrName);
      if (expectedConfigRevision !== undefined && expectedConfigRevision !== `r${job.revision}`) {
        throw new CommandCronError("REVISION_CONFLICT", { expected: `r${job.revision}`, got: expectedConfigRevision });
      }
      const { definition, enabled } = mergeDefinition(job, patch as JobPatch);
      const stored = await replace(job, await check(definition, job.origin), enabled);
      if (stop === true) await stopRuns(stored, caller.label);
      await ledger.durable();
      events.emit("job-changed", { jobId: job.id, change: "updated" });
      poke();
      return view(requireJob(ledger, stored.id));
    },

    async removeJob(idOrName, caller: Caller, stop) {
      const job = requireJob(ledger, idOrName);
      const running = ledger.runs.active(job.id);
      ledger.jobs.remove(job.id);
      if (stop === true) await stopRuns(job, caller.label);
      await ledger.durable();
      deps.logger.info(`job ${job.id} (${job.definition.name}) removed by ${caller.label}`);
      events.emit("job-changed", { jobId: job.id, change: "removed" });
      poke();
      const first = running.find((run) => run.status === "running");
      return { removed: true, ...(first === undefined ? {} : { runningRunId: first.id }) };
    },

    getJob: (idOrName) => view(requireJob(ledger, idOrName)),

    listJobs(query: JobQuery): { jobs: Job[] } & Paged {
      const page = ledger.jobs.list(query);
      const since = new Map(ledger.runs.running().map((run) => [run.jobId, run.startedAtMs]));
      const jobs = page.rows.map((job) => jobView(job, since.get(job.id)));
      return { jobs, ...paged(page.total, query.offset, query.limit, page.rows.length) };
    },

    next(target, count, afterMs) {
      const nowMs = afterMs ?? deps.clock.nowMs();
      if (target.id !== undefined) {
        const job = requireJob(ledger, target.id);
        return {
          instants: instants(job.definition, job.id, job.createdAtMs, nowMs, count),
          timeZone: zoneOf(job.definition, deps.hostTz),
        };
      }
      const schedule = target.schedule as JobInput["schedule"];
      const definition = { schedule } as JobDefinition;
      assertCanFire(compile(definition, "preview", nowMs), nowMs);
      return {
        instants: instants(definition, "preview", nowMs, nowMs, count),
        timeZone: zoneOf(definition, deps.hostTz),
      };
    },
  };
}
