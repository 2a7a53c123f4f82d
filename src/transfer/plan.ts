import type { JobInput } from "../../schema/wire/job.ts";
import type { Engine, EngineInside } from "../engine/index.ts";
import { exportEntry, findDeclared, isUnchanged, withParentId } from "../engine/jobs/index.ts";
import { CommandCronError, errorText } from "../kernel/errors.ts";
import { pick, present } from "../kernel/present.ts";
import type { JobRecord } from "../ledger/types.ts";
import { changesBetween } from "../policy/definition/index.ts";
import { commandLine } from "../policy/text/index.ts";
import type { ImportFormat, ImportOptions, ImportRow, TransferApi } from "./api.ts";
import type { Candidate } from "./candidate.ts";
import {
  byLevel,
  inChunks,
  leavesFirst,
  type PlannedEntry,
  refuseBrokenChains,
  refuseLostChecks,
  refuseUncheckedWrites,
  uncheckedWrite,
} from "./chains.ts";
import type { HostFacts } from "./facts.ts";
import { text } from "./fields.ts";
import { READERS } from "./readers/index.ts";

/** Jobs of one part of an export where the caller does not say, and when a part of fewer is large enough. */
const EXPORTED_JOBS = 200;
const EXPORTED_BYTES = 524_288;
/** A job may hold megabytes of input. */
const JOBS_A_LOOK = 20;

interface TransferDeps extends Pick<EngineInside, "jobs" | "ledger"> {
  facts: HostFacts;
}

/** Names of variables that hold something confidential; in a file that many read, it belongs in `policy.secrets`. */
const SECRET_NAME = /token|secret|passw|api_?key|private_?key|credential/i;

/**
 * Jobs out to a readable file and in again. The plan is made before anything is written, and applying it twice changes
 * nothing the second time. A file of our own is applied as a whole or not at all; of a foreign one, everything that can
 * be carried, unless it holds a mistake.
 */
function createTransfer({ jobs, ledger, facts }: TransferDeps): TransferApi {
  async function planFor(candidate: Candidate, options: ImportOptions, keys: Set<string>): Promise<PlannedEntry> {
    const place = pick(candidate, "at");
    const declared = findDeclared(ledger, text(candidate.job?.["declarationKey"]));
    const id = present({ id: declared?.id });
    const refuse = (detail: string): PlannedEntry => ({
      row: { action: "refused", name: candidate.name, ...place, ...id, detail },
    });
    if (candidate.job === undefined) return refuse(candidate.notes.join("; "));
    try {
      const input = options.validate(managed(candidate.job, options.managedBy));
      const key = input.declarationKey;
      if (key !== undefined && keys.has(key)) return refuse(`another entry has the declarationKey \`${key}\``);
      if (key !== undefined) keys.add(key);
      const stored = findDeclared(ledger, key);
      const other = stored?.definition.managedBy;
      if (options.managedBy !== undefined && other !== undefined && other !== options.managedBy) {
        return refuse(`job ${stored?.id} is managed by ${other}`);
      }
      const step = await stepFor(input, stored, candidate, options);
      return { ...step, row: { ...step.row, ...place, ...present({ id: stored?.id }) } };
    } catch (error) {
      return refuse(errorText(error));
    }
  }

  async function stepFor(
    input: JobInput,
    stored: JobRecord | undefined,
    candidate: Candidate,
    options: ImportOptions,
  ): Promise<PlannedEntry> {
    const definition = withParentId(ledger, await jobs.prepare(input));
    const same = stored !== undefined && isUnchanged(stored, definition, stored.enabled);
    const enabled = isOnAfterwards(input, candidate, options, stored === undefined ? undefined : { ...stored, same });
    const row = (action: ImportRow["action"]): ImportRow => ({ action, name: input.name, enabled, ...said(candidate) });
    if (stored !== undefined && isUnchanged(stored, definition, enabled))
      return { row: row("unchanged"), id: stored.id };
    if (enabled) jobs.next({ schedule: input.schedule }, 1);
    if (stored === undefined) return { row: row("create"), input: { ...input, enabled } };
    const changes = changesBetween(exportEntry(ledger, stored), {
      ...definition,
      schedule: exportEntry(ledger, { ...stored, definition, written: definition }).schedule,
      declarationKey: definition.declarationKey ?? input.declarationKey ?? "",
      enabled,
    });
    return { row: { ...row("update"), changes }, input: { ...input, enabled }, id: stored.id };
  }

  /** Jobs with this label that no entry stands for. */
  function removals(managedBy: string, kept: Set<string | undefined>): PlannedEntry[] {
    const steps: PlannedEntry[] = [];
    ledger.jobs.each(({ id, definition }) => {
      if (definition.managedBy !== managedBy || kept.has(id)) return;
      steps.push({ row: { action: "remove", name: definition.name, detail: "" }, id });
    });
    return steps;
  }

  /** Adds to each row what is on here and starts the same command, however it is scheduled; of what comes from elsewhere. */
  function addSame(format: ImportFormat, candidates: readonly Candidate[], steps: readonly PlannedEntry[]): void {
    if (format === "jobs") return;
    const on = new Map<string, { id: string; name: string }[]>();
    ledger.jobs.each(({ id, enabled, definition: { name, payload } }) => {
      const line = commandLine(payload.argv);
      if (enabled) on.set(line, [...(on.get(line) ?? []), { id, name }]);
    });
    for (const [index, { row }] of steps.entries()) {
      const { argv } = (candidates[index]?.job?.["payload"] ?? {}) as { argv?: string[] };
      const same = argv && on.get(commandLine(argv));
      if (same !== undefined) row.same = same;
    }
  }

  /** Jobs that came from files like this one, or that an export would have named, and are not in it. */
  function countAbsent(format: ImportFormat, steps: readonly PlannedEntry[]): number {
    const kept = new Set(steps.flatMap(({ id }) => id ?? [])).size;
    return (format === "jobs" ? ledger.jobs.count().total : ledger.jobs.countDeclared(`${format}:`)) - kept;
  }

  return {
    exportJobs({ limit = EXPORTED_JOBS, cursor = "" } = {}) {
      const entries: JobInput[] = [];
      let bytes = 0;
      for (let place: string | undefined = cursor; ; ) {
        const page: ReturnType<typeof ledger.jobs.page> = ledger.jobs.page(
          place,
          Math.min(JOBS_A_LOOK, limit - entries.length),
        );
        for (const job of page.jobs) {
          const entry = exportEntry(ledger, job);
          entries.push(entry);
          bytes += JSON.stringify(entry).length;
        }
        place = page.next;
        if (place === undefined) return { version: 1, jobs: entries };
        if (entries.length >= limit || bytes >= EXPORTED_BYTES) return { version: 1, jobs: entries, nextCursor: place };
      }
    },

    async importJobs(file, options, caller) {
      const { format, apply, managedBy, prune, instance, only, origin } = options;
      if (origin !== undefined) requireOrigin(origin, facts);
      const candidates = READERS[format](file, facts, instance).filter(({ at = "" }) => only?.includes(at) ?? true);
      /** Writes whose check comes with the same file: off until it is there. */
      const later: PlannedEntry[] = [];
      let unconfirmed: CommandCronError | undefined;
      /** A change that its disk has not confirmed is made: the others follow. */
      const made = (error: unknown): undefined => {
        if (!(error instanceof CommandCronError) || error.code !== "CHANGE_UNCONFIRMED") throw error;
        unconfirmed = error;
      };
      const store = async (step: PlannedEntry): Promise<void> => {
        const { input, id } = step;
        // What our own export says of a job that its failures have disabled is no wish.
        const waits = uncheckedWrite(ledger, step) !== undefined;
        const isAsStored = id !== undefined && ledger.jobs.get(id)?.enabled === (input?.enabled ?? true);
        const keepsEnabled = isAsStored && !waits;
        const wanted = { ...(input as JobInput), ...(waits ? { enabled: false } : {}) };
        const added = await jobs.addJob(wanted, caller, id === undefined ? {} : { id, keepsEnabled }).catch(made);
        const storedId = added?.job.id ?? id ?? findDeclared(ledger, wanted.declarationKey)?.id;
        if (waits) later.push({ ...step, ...present({ id: storedId }) });
      };
      const keys = new Set<string>();
      const steps = await inChunks(candidates, (candidate) => planFor(candidate, options, keys));
      addSame(format, candidates, steps);
      const absent = countAbsent(format, steps);
      if (prune === true && managedBy !== undefined)
        steps.push(...removals(managedBy, new Set(steps.map(({ id }) => id))));
      refuseBrokenChains(ledger, steps);
      refuseUncheckedWrites(ledger, steps);
      refuseLostChecks(ledger, steps);
      const plan = steps.map(({ row }) => row);
      const problem = problemOf(format, candidates, plan);
      if (problem !== undefined) return { plan, applied: false, absent, problem };
      if (!apply) return { plan, applied: false, absent };
      const stays = steps.filter(({ row, input }) => row.action !== "refused" && input !== undefined);
      for (const level of byLevel(stays)) await inChunks(level, store);
      await inChunks(later, store);
      const leaving = steps.filter(({ row }) => row.action === "remove");
      const together = new Set(leaving.flatMap(({ id }) => id ?? []));
      for (const { id = "" } of leavesFirst(ledger, leaving))
        await jobs.removeJob(id, caller, { together }).catch(made);
      if (unconfirmed !== undefined) throw unconfirmed;
      return { plan, applied: true, absent };
    },
  };
}

/**
 * Whether a job is on after the import. A file of ours says it. What comes from elsewhere is created off, because it still
 * runs there; later imports leave the state as it is, but for a change of a job that lacks something decisive. `enable`
 * switches on what was on there and lacks nothing.
 */
function isOnAfterwards(
  input: JobInput,
  { holds = [] }: Candidate,
  { format, enable }: ImportOptions,
  stored: { enabled: boolean; same: boolean } | undefined,
): boolean {
  const wanted = input.enabled ?? true;
  if (format === "jobs") return wanted;
  if (holds.length > 0) return stored?.same === true && stored.enabled;
  return (stored?.enabled ?? false) || (enable === true && wanted);
}

/** Raises OTHER_HOST when the jobs would not run where, and as whom, they run there. */
function requireOrigin({ hostname, uid }: NonNullable<ImportOptions["origin"]>, facts: HostFacts): void {
  const [host, here] = [hostname, facts.hostname].map((name) => name.split(".")[0]?.toLowerCase());
  if (host === here && uid === facts.uid) return;
  throw new CommandCronError("OTHER_HOST", {
    field: host === here ? "origin.uid" : "origin.hostname",
    expected: `user ${facts.user ?? facts.uid ?? "?"} (${facts.uid ?? "without a number"}) of ${facts.hostname}`,
    got: `user number ${uid} of ${hostname}`,
  });
}

/** What the plan says of an entry that comes along. */
function said({ notes, holds = [], ends }: Candidate): Omit<ImportRow, "action" | "name"> {
  return {
    detail: [...holds, ...notes].join("; "),
    ...(notes.length === 0 ? {} : { notes }),
    ...(holds.length === 0 ? {} : { holds }),
    ...(ends === undefined ? {} : { ends }),
  };
}

/** Why nothing of the file is applied. */
function problemOf(
  format: ImportFormat,
  candidates: readonly Candidate[],
  plan: readonly ImportRow[],
): string | undefined {
  const refused = format === "jobs" ? plan.findIndex(({ action }) => action === "refused") : -1;
  const wrong = refused < 0 ? candidates.findIndex(({ mistake }) => mistake === true) : refused;
  const row = plan[wrong];
  if (row === undefined) return undefined;
  return `nothing of the file is applied until this is corrected: ${row.at ?? row.name}: ${row.detail}`;
}

/**
 * An entry of managed files: it carries their label, is known by its name where it has no key, and holds no secret in
 * clear. Raises FILE_INVALID.
 */
function managed(job: Record<string, unknown>, managedBy: string | undefined): Record<string, unknown> {
  if (managedBy === undefined) return job;
  const { payload } = job as { payload?: { env?: Record<string, unknown> } };
  const open = Object.keys(payload?.env ?? {}).find((name) => SECRET_NAME.test(name));
  if (open !== undefined) {
    throw new CommandCronError("FILE_INVALID", {
      field: `payload.env.${open}`,
      expected: "a secret by reference, in `policy.secrets`",
      got: "its value in clear",
    });
  }
  return { declarationKey: job["name"], ...job, managedBy };
}

/** An engine that carries jobs in and out as well. */
export const withTransfer = <E extends Engine>(engine: E, facts: HostFacts): E & TransferApi => ({
  ...engine,
  ...createTransfer({ ...engine.inside, facts }),
});
