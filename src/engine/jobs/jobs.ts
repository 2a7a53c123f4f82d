import type { FieldChange } from "../../../schema/wire/calls/shared.ts";
import type { Job, JobInput } from "../../../schema/wire/job.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import { newId } from "../../kernel/ids.ts";
import { present } from "../../kernel/present.ts";
import { takenBack } from "../../ledger/index.ts";
import type { JobDefinition, JobFacts, JobKeys, JobOrigin, JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import { changesBetween } from "../../policy/definition/index.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import { assertCanFire, compileJob, type Scheduled } from "../../policy/time/index.ts";
import { nextUnclaimed, type Scheduler } from "../../scheduler/index.ts";
import type { Caller, EngineApi, Instant } from "../api.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { remembered } from "../idempotency.ts";
import { findJob, findSetAside, requireJob } from "../lookup.ts";
import { checkLinks, withParentId } from "./chain.ts";
import { createJobCheck } from "./check.ts";
import { definitionFrom, exportEntry, isUnchanged } from "./content.ts";
import { mergeDefinition } from "./merge.ts";
import { createJobReads } from "./reads.ts";
import { disableFollowers, removeJob } from "./removal.ts";
import { checkStillChecked } from "./risk.ts";

/** Instants shown when a job is created or shown. */
const SHOWN_INSTANTS = 3;

interface JobsDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  events: Events;
  scheduler: Pick<Scheduler, "poke" | "decide">;
  cancelRun(runId: string, by: string): Promise<unknown>;
  /** The job was changed or removed: approvals of what has not begun are void. */
  revoke(jobId: string, by: string): void;
}

type JobsApi = Pick<
  EngineApi,
  "addJob" | "updateJob" | "previewJob" | "removeJob" | "getJob" | "listJobs" | "next" | "timeline" | "tree" | "stats"
>;

type AddOptions = NonNullable<Parameters<EngineApi["addJob"]>[2]>;
type Added = Awaited<ReturnType<EngineApi["addJob"]>>;
/** What is remembered of an answer. */
type Stored = { jobId: string; created: boolean; updated: boolean };

export interface Jobs extends JobsApi {
  /** The definition `addJob` would store, its targets resolved. Raises what is wrong with it and writes nothing. */
  prepare(input: JobInput, origin?: JobOrigin): Promise<JobDefinition>;
  /** By exact id; undefined when there is none. */
  findJob(id: string): Job | undefined;
  getDeclared(declarationKey: string): Job | undefined;
  /** The newest run that ended, as long as it is kept. */
  getLastRun(jobId: string): RunRecord | undefined;
  /** What all jobs with these facts are ordered by, in no order. */
  jobKeys(query: JobFacts): JobKeys[];
}

/** Storing, changing and reading job definitions. Everything is checked before anything is written. */
export function createJobs({ deps, settings, ledger, events, scheduler, cancelRun, revoke }: JobsDeps): Jobs {
  const check = createJobCheck(deps, settings);

  const definitionOf = (input: JobInput): JobDefinition => definitionFrom(input, deps.config.defaults);
  const reads = createJobReads({ ledger, clock: deps.clock, hostTz: deps.hostTz });
  const { instants, view } = reads;

  function firstDue(job: Scheduled, afterMs: number): number | undefined {
    const compiled = compileJob(job, deps.hostTz);
    assertCanFire(compiled, afterMs);
    const atMs = nextUnclaimed(ledger, job.id, compiled, afterMs);
    if (atMs !== undefined || compiled.kind !== "at") return atMs;
    // Under a clock that was ahead.
    const [expected, got] = ["a time at which this job has not run yet", new Date(compiled.atMs).toISOString()];
    throw new CommandCronError("SCHEDULE_NEVER_FIRES", { field: "schedule.at", expected, got });
  }

  function create(definition: JobDefinition, enabled: boolean, options: { id?: string; origin?: JobOrigin }) {
    const nowMs = deps.clock.nowMs();
    const id = options.id ?? newId();
    checkLinks(ledger, definition, { id, definition }, { anew: true, enabled });
    const nextDueMs = enabled ? firstDue({ id, definition, createdAtMs: nowMs }, nowMs) : undefined;
    ledger.jobs.insert({
      id,
      origin: options.origin ?? "plugin",
      definition,
      enabled,
      createdAtMs: nowMs,
      cursorMs: nowMs,
      ...present({ nextDueMs }),
    });
    return requireJob(ledger, id);
  }

  /** Without a word on `enabled` it stays as it is: a job that its failures have disabled goes on to its trial. */
  function replace(job: JobRecord, definition: JobDefinition, said: boolean | undefined): JobRecord {
    const nowMs = deps.clock.nowMs();
    const enabled = said ?? job.enabled;
    const rescheduled = JSON.stringify(definition.schedule) !== JSON.stringify(job.definition.schedule);
    const woken = enabled && !job.enabled;
    const due = enabled || (said === undefined && awaitsTrial(job.autoDisabled));
    const anew = rescheduled || woken;
    ledger.transaction(() => {
      checkLinks(ledger, definition, job, { anew, enabled });
      const cursorMs = Math.max(job.cursorMs, nowMs);
      const nextDueMs = due && anew ? firstDue({ ...job, definition }, cursorMs) : job.nextDueMs;
      const change = { definition, enabled, updatedAtMs: nowMs, expectedRevision: job.revision };
      const answer = ledger.jobs.replace(job.id, change);
      if (answer !== "replaced") throw new CommandCronError("REVISION_CONFLICT", { details: { jobId: job.id } });
      ledger.jobs.patchState(job.id, {
        nextDueMs: (due ? nextDueMs : undefined) ?? null,
        ...(anew ? { cursorMs, backoffUntilMs: null } : {}),
        ...((due || said === undefined) && !woken ? {} : { autoDisabled: null }),
        ...(woken ? { consecutiveErrors: 0 } : {}),
      });
      checkStillChecked(ledger, job);
    });
    return requireJob(ledger, job.id);
  }

  /** The job that these words stand for already: by declaration key or id. */
  function stored({ declarationKey }: JobDefinition, id: string | undefined): JobRecord | undefined {
    const declared = declarationKey === undefined ? undefined : ledger.jobs.getByDeclarationKey(declarationKey);
    return declared ?? (id === undefined ? undefined : ledger.jobs.get(id));
  }

  /** Creates the job, or replaces the one with its declaration key or id. */
  function store(wanted: JobDefinition, enabled: boolean, options: AddOptions): Added {
    const definition = withParentId(ledger, wanted);
    const existing = stored(definition, options.id);
    const said = options.keepsEnabled === true ? undefined : enabled;
    // Who says that it is off wants no trial either.
    const trialEnds = said === false && existing?.autoDisabled !== undefined;
    const unchanged = existing !== undefined && isUnchanged(existing, definition, enabled) && !trialEnds;
    const job =
      existing === undefined
        ? create(definition, enabled, options)
        : unchanged
          ? existing
          : replace(existing, definition, said);
    return {
      job: view(job),
      created: existing === undefined,
      updated: existing !== undefined && !unchanged,
      next: shown(job),
    };
  }

  /** The stored job, when it is still as the caller knows it. */
  function unchangedJob(idOrName: string, expected: string | undefined): JobRecord {
    const job = requireJob(ledger, idOrName);
    if (expected === undefined || expected === `r${job.revision}`) return job;
    throw new CommandCronError("REVISION_CONFLICT", { expected: `r${job.revision}`, got: expected });
  }

  /** The answer to a repeated call: what the first one did, and the job as it is now. Raises JOB_NOT_FOUND. */
  async function again({ jobId, created, updated }: Stored): Promise<Added> {
    await ledger.confirmed();
    const job = ledger.jobs.get(jobId);
    if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: jobId, details: { jobId } });
    return { job: view(job), created, updated, next: shown(job) };
  }

  const shown = (job: JobRecord): Instant[] => (job.enabled ? instants(job, deps.clock.nowMs(), SHOWN_INSTANTS) : []);

  /** Switching a job off ends its occurrences that have not begun; a run that has begun goes on, with its retries. */
  async function cancelWaiting(jobId: string, by: string): Promise<void> {
    const waiting = ledger.runs
      .active(jobId)
      .filter((run) => run.status !== "running" && run.trigger !== "manual" && run.attempt === 0);
    for (const run of waiting) await cancelRun(run.id, `${by}, who disabled the job`);
  }

  async function stopRuns(job: { id: string }, by: string): Promise<string | undefined> {
    const active = ledger.runs.active(job.id);
    await Promise.all(active.map((run) => cancelRun(run.id, by)));
    return active[0]?.id;
  }

  return {
    ...reads.api,
    findJob(id) {
      const job = ledger.jobs.get(id);
      return job && view(job);
    },
    jobKeys: ledger.jobs.keys,
    getLastRun(jobId) {
      const runId = ledger.jobs.get(jobId)?.lastRunId;
      return runId === undefined ? undefined : ledger.runs.get(runId);
    },
    getDeclared(key) {
      const job = ledger.jobs.getByDeclarationKey(key);
      return job && view(job);
    },
    prepare: (input, origin = "plugin") => check(definitionOf(input), origin),

    async addJob(input, caller, options = {}) {
      const { enabled = true } = input;
      const memory = remembered<Stored>(ledger, "add", options.idempotencyKey, input, deps.clock.nowMs);
      const earlier = memory.answer();
      if (earlier !== undefined) return again(earlier);
      const definition = await check(definitionOf(input), options.origin ?? "plugin");
      // The same call may have been answered while the targets were resolved.
      const meanwhile = memory.answer();
      if (meanwhile !== undefined) return again(meanwhile);
      // What is due under the words that are about to change is decided by them.
      const before = stored(definition, options.id);
      if (before !== undefined) scheduler.decide(before.id);
      const existing = stored(definition, options.id);
      const answer = ledger.transaction(() => {
        const added = store(definition, enabled, options);
        memory.keep({ jobId: added.job.id, created: added.created, updated: added.updated });
        return added;
      });
      const { job, created } = answer;
      if (existing?.enabled === true && !job.enabled) await cancelWaiting(job.id, caller.label);
      if (answer.updated) revoke(job.id, caller.label);
      deps.logger.info(`job ${job.id} (${definition.name}) stored by ${caller.label}`);
      events.emit("job-changed", { jobId: job.id, change: created ? "added" : "updated" });
      scheduler.poke();
      await ledger.confirmed();
      return answer;
    },

    async updateJob(idOrName, patch, caller, expectedConfigRevision, stop) {
      const job = unchangedJob(idOrName, expectedConfigRevision);
      const definition = await check(mergeDefinition(job.written, patch), job.origin, patch);
      scheduler.decide(job.id);
      // Its state may have moved on while the targets were resolved; another edit is a conflict.
      const now = { ...requireJob(ledger, job.id), revision: job.revision };
      const changed = replace(now, withParentId(ledger, definition), patch.enabled);
      if (job.enabled && !changed.enabled) await cancelWaiting(job.id, caller.label);
      if (stop === true) await stopRuns(changed, caller.label);
      revoke(job.id, caller.label);
      events.emit("job-changed", { jobId: job.id, change: "updated" });
      scheduler.poke();
      await ledger.confirmed();
      return view(requireJob(ledger, changed.id));
    },

    async previewJob(change) {
      const differing = (from: JobRecord | undefined, to: Job): FieldChange[] =>
        from === undefined
          ? []
          : changesBetween(exportEntry(ledger, from), exportEntry(ledger, requireJob(ledger, to.id)));
      if ("input" in change) {
        const definition = await check(definitionOf(change.input), "plugin");
        return takenBack(ledger, () => {
          const before = stored(definition, undefined);
          const added = store(definition, change.input.enabled ?? true, {});
          return { ...added, changes: differing(before, added.job) };
        });
      }
      const { id, patch, expectedConfigRevision } = change;
      const before = unchangedJob(id, expectedConfigRevision);
      const definition = await check(mergeDefinition(before.written, patch), before.origin, patch);
      return takenBack(ledger, () => {
        const after = replace(before, withParentId(ledger, definition), patch.enabled);
        const changes = differing(before, view(after));
        return { job: view(after), created: false, updated: changes.length > 0, next: shown(after), changes };
      });
    },

    async removeJob(idOrName, caller: Caller, { stop = false, cascade = false, together } = {}) {
      // One whose record cannot be read can be removed all the same.
      const job = findJob(ledger, idOrName) ?? findSetAside(ledger, idOrName) ?? requireJob(ledger, idOrName);
      const name = "definition" in job ? job.definition.name : job.name;
      const running = ledger.runs.active(job.id);
      const disabled = ledger.transaction(() => {
        const followers = disableFollowers(ledger, job.id, cascade, deps.clock.nowMs());
        removeJob({ ledger, clock: deps.clock, events }, job.id);
        if ("definition" in job) checkStillChecked(ledger, job, together);
        return followers;
      });
      if (stop) await stopRuns(job, caller.label);
      for (const id of disabled) await cancelWaiting(id, caller.label);
      revoke(job.id, caller.label);
      deps.logger.info(`job ${job.id} (${name}) removed by ${caller.label}`);
      events.emit("job-changed", { jobId: job.id, change: "removed" });
      for (const jobId of disabled) events.emit("job-changed", { jobId, change: "updated" });
      scheduler.poke();
      await ledger.confirmed();
      const first = running.find((run) => run.status === "running");
      const off = disabled.length === 0 ? undefined : disabled;
      return { removed: true, ...present({ runningRunId: first?.id, disabled: off }) };
    },
  };
}
