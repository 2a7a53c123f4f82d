import type { Job } from "../../../schema/wire/job.ts";
import type { Engine } from "../../engine/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { present } from "../../kernel/present.ts";
import type { Moves } from "../../transfer/moves/index.ts";
import { isCommand, isOurs, redeclare, toJobInput, toJobPatch } from "./jobs.ts";
import type { OwnStore } from "./own.ts";
import type { AddOptions, CronJob, CronService, Fields, GuardOptions, Precondition } from "./service.ts";
import { toCronJob } from "./view.ts";

/** For the audit trail; the service object is not told who calls. */
const CALLER = { label: "openclaw cron" };
/** A change that somebody else's change overtook is weighed again so often. */
const TRIES = 5;
const RUN_POLL_MS = 250;

interface RouteDeps {
  /** The gateway's own methods, past our routing. */
  native: CronService;
  own: OwnStore;
  engine: Pick<Engine, "addJob" | "updateJob" | "removeJob" | "runJob" | "getRun">;
  moves: Pick<Moves, "adopt" | "release">;
  nowMs(): number;
  sleep(ms: number): Promise<unknown>;
}

type Writes = Pick<
  CronService,
  "add" | "update" | "updateWithPrecondition" | "remove" | "run" | "enqueueRun" | "readScratch" | "writeScratch"
>;

const unknownJob = (id: string): Error => new Error(`unknown cron job id: ${id}`);

/**
 * A refusal as the gateway's handlers expect one: a TypeError is the caller's mistake and its message is shown; anything
 * else is a failure of the service.
 */
function toCronError(error: unknown, id?: string): unknown {
  if (!(error instanceof CommandCronError)) return error;
  if (error.code === "JOB_NOT_FOUND" && id !== undefined) return unknownJob(id);
  // Code and cause would be printed behind the message, which says everything already.
  return error.retryable ? new Error(error.message) : new TypeError(error.message);
}

const matches = ({ matchesExisting }: AddOptions, job: CronJob): boolean => matchesExisting?.(job) ?? true;

async function translated<T>(work: () => Promise<T>, id?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCronError(error, id);
  }
}

/** What changes or starts jobs. Ours go to the engine; everything else passes through untouched. */
export function createWrites({ native, own, engine, moves, nowMs, sleep }: RouteDeps): Writes {
  async function create(input: Fields, options: AddOptions): Promise<CronJob> {
    if (input["owner"] !== undefined) throw new CommandCronError("AGENT_REFUSED");
    const id = typeof input["id"] === "string" ? input["id"].trim() : undefined;
    if (id !== undefined && (own.has(id) || (await native.readJob(id)) !== undefined)) {
      throw new Error(`cron job already exists: ${id}`);
    }
    const valid = toJobInput(input);
    options.commitGuard?.();
    const { job } = await engine.addJob(valid, actorOf(options), { origin: "cron", ...present({ id }) });
    return toCronJob(job);
  }

  /** A declared job of ours: created once, then made to match. */
  async function declare(input: Fields, stored: Job | undefined, options: AddOptions) {
    if (stored === undefined) {
      const job = await create(input, options);
      return { ...job, created: true, job };
    }
    if (!matches(options, toCronJob(stored))) {
      throw new TypeError(`cron declarationKey belongs to job ${stored.id} of another owner`);
    }
    const next = redeclare(stored, toJobInput(input), options.enabledExplicit === true, nowMs());
    options.commitGuard?.();
    const how = { origin: "cron", id: stored.id, keepsEnabled: options.enabledExplicit !== true } as const;
    const { job, updated } = await engine.addJob(next, actorOf(options), how);
    const shown = own.show(job);
    return { ...shown, created: false, updated, job: shown };
  }

  /** For jobs that are not ours an unreadable ledger must change nothing. */
  const declaredHere = (key: string): Job | undefined =>
    key === "" ? undefined : orUndefined(() => own.getDeclared(key));

  const nativeDeclared = async (key: string, options: AddOptions): Promise<CronJob | undefined> =>
    (await native.list({ includeDisabled: true })).find(
      (job) => job.declarationKey === key && !own.has(job.id) && matches(options, job),
    );

  /** A declared job that the gateway has already stays there, unless it was no command until now. */
  async function declareAnywhere(key: string, input: Fields, options: AddOptions) {
    const declared = own.getDeclared(key);
    const theirs = declared === undefined ? await nativeDeclared(key, options) : undefined;
    if (theirs === undefined) return declare(input, declared, options);
    const wasCommand = isCommand(theirs);
    const result = await native.add(input, options);
    if (wasCommand || !("job" in result)) return result;
    const job = await takeIn(result.job as CronJob);
    return { ...job, created: false, updated: true, job };
  }

  /** Moves a job of ours back for a change that only the gateway can make; it returns when that change is refused. */
  async function handOver<T>(id: string, change: () => Promise<T>): Promise<T> {
    const { plan } = await moves.release({ id, apply: true, force: true }, CALLER);
    const row = plan[0];
    if (row?.action !== "move") throw new TypeError(`job ${id} cannot leave command-cron: ${row?.detail}`);
    try {
      return await change();
    } catch (error) {
      await moves.adopt({ id, apply: true }, CALLER);
      throw error;
    }
  }

  /** A job that has just become a command on the gateway's side comes over; where it cannot, it stays and works there. */
  async function takeIn(job: CronJob): Promise<CronJob> {
    await moves.adopt({ id: job.id, apply: true }, CALLER).catch(() => undefined);
    const ours = own.get(job.id);
    return ours === undefined ? job : own.show(ours);
  }

  async function updateOurs(id: string, patch: Fields, precondition: Precondition | undefined, options: GuardOptions) {
    for (let left = TRIES; ; left -= 1) {
      const stored = own.get(id);
      if (stored === undefined) throw unknownJob(id);
      await precondition?.(structuredClone(toCronJob(stored)), nowMs());
      const change = toJobPatch(patch, stored, nowMs());
      options.commitGuard?.();
      try {
        const stop = stored.enabled && change.enabled === false;
        return own.show(await engine.updateJob(id, change, CALLER, stored.configRevision, stop));
      } catch (error) {
        const overtaken = error instanceof CommandCronError && error.code === "REVISION_CONFLICT";
        if (!overtaken || left <= 1) throw error;
      }
    }
  }

  async function updateAny(
    id: string,
    patch: Fields,
    options: GuardOptions | undefined,
    precondition: Precondition | undefined,
    pass: () => Promise<CronJob>,
  ): Promise<CronJob> {
    const payload = patch["payload"] as Fields | undefined;
    const kind = payload?.["kind"];
    if (await owns(id)) {
      if (kind !== undefined && kind !== null && kind !== "command") return handOver(id, pass);
      return translated(() => updateOurs(id, patch, precondition, options ?? {}), id);
    }
    const before = kind === "command" ? await native.readJob(id) : undefined;
    const becomesCommand = before !== undefined && !isCommand(before);
    const changed = await pass();
    return becomesCommand ? takeIn(changed) : changed;
  }

  async function start(id: string, mode: string | undefined, options: GuardOptions | undefined): Promise<Fields> {
    options?.commitGuard?.();
    const wanted = mode === "due" || mode === "if-enabled" ? mode : "force";
    const { enqueued, runId, reason } = await engine.runJob(id, CALLER, { mode: wanted });
    return enqueued ? { ok: true, enqueued: true, runId } : { ok: true, ran: false, reason };
  }

  /** Whether the job is ours. While our ledger cannot be read, only what is surely not ours passes. */
  async function owns(id: string): Promise<boolean> {
    try {
      return own.has(id);
    } catch (error) {
      const theirs = await native.readJob(id);
      if (theirs !== undefined && !isCommand(theirs)) return false;
      throw toCronError(error, id);
    }
  }

  return {
    async add(input, options = {}) {
      const key = typeof input["declarationKey"] === "string" ? input["declarationKey"].trim() : "";
      if (!isOurs(input)) {
        const declared = declaredHere(key);
        if (declared === undefined) return native.add(input, options);
        // The gateway puts an owner on what an agent declares; ours have none.
        if (input["owner"] === undefined && matches(options, toCronJob(declared))) {
          return handOver(declared.id, () => native.add(input, options));
        }
        // What the gateway kept of an adopted job is not the caller's either.
        const matchesExisting = (job: CronJob) => job.id !== declared.id && matches(options, job);
        return native.add(input, { ...options, matchesExisting });
      }
      if (key === "") return translated(() => create(input, options));
      return translated(() => declareAnywhere(key, input, options));
    },

    update: (id, patch, options) => updateAny(id, patch, options, undefined, () => native.update(id, patch, options)),

    updateWithPrecondition: (id, patch, precondition, options) =>
      updateAny(id, patch, options, precondition, () =>
        native.updateWithPrecondition(id, patch, precondition, options),
      ),

    async remove(id, options) {
      if (!(await owns(id))) return native.remove(id, options);
      return translated(async () => {
        options?.commitGuard?.();
        await engine.removeJob(id, CALLER, { stop: true });
        // What the gateway kept of an adopted job goes with it.
        if ((await native.readJob(id)) !== undefined) await native.remove(id);
        return { ok: true, removed: true };
      }, id);
    },

    async enqueueRun(id, mode, options) {
      return (await owns(id)) ? translated(() => start(id, mode, options), id) : native.enqueueRun(id, mode, options);
    },

    async run(id, mode, options) {
      if (!(await owns(id))) return native.run(id, mode, options);
      return translated(async () => {
        const started = await start(id, mode, options);
        const runId = started["runId"];
        if (typeof runId !== "string") return started;
        while (engine.getRun(runId).endedAtMs === undefined) await sleep(RUN_POLL_MS);
        return { ok: true, ran: true };
      }, id);
    },

    async readScratch(id) {
      return (await owns(id)) ? { currentRevision: 0 } : native.readScratch(id);
    },

    async writeScratch(id, write) {
      if (await owns(id)) throw new TypeError("a command job kept by command-cron has no scratch");
      return native.writeScratch(id, write);
    },
  };
}

/** The gateway names who creates a job; for changes it does not. */
const actorOf = ({ createdActor }: AddOptions): { label: string } =>
  createdActor?.id === undefined ? CALLER : { label: `${CALLER.label} (${createdActor.id})` };
