import { setImmediate } from "node:timers/promises";
import type { JobInput } from "../../schema/wire/job.ts";
import { type Engine, type EngineInside, exportEntry, findDeclared, isUnchanged } from "../engine/index.ts";
import { errorText } from "../kernel/errors.ts";
import type { JobRecord } from "../ledger/types.ts";
import type { TransferApi } from "./api.ts";
import type { Candidate } from "./candidate.ts";
import { readCandidates } from "./readers/index.ts";

/** Jobs handled between two turns of the event loop. */
const CHUNK = 50;

interface TransferDeps extends Pick<EngineInside, "jobs" | "ledger"> {
  /** Home directory of the gateway's user, for `~` in imported files. */
  home: string | undefined;
}

type ImportOptions = Parameters<TransferApi["importJobs"]>[1];
type PlanRow = Awaited<ReturnType<TransferApi["importJobs"]>>["plan"][number];

interface Step {
  row: PlanRow;
  /** What to store; absent when nothing is to be done. */
  input?: JobInput;
  /** The job to replace. */
  id?: string;
}

/**
 * Jobs out to a readable file and in again. The plan is made before anything is written, and applying it twice changes
 * nothing the second time. A file of our own is applied as a whole or not at all; of a foreign one, everything that can
 * be carried.
 */
function createTransfer({ jobs, ledger, home }: TransferDeps): TransferApi {
  async function planFor(candidate: Candidate, validate: ImportOptions["validate"], keys: Set<string>): Promise<Step> {
    const { job, notes } = candidate;
    const refuse = (reason: string): Step => ({ row: { action: "refused", name: candidate.name, detail: reason } });
    if (job === undefined) return refuse(notes.join("; "));
    try {
      const input = validate(job);
      const key = input.declarationKey;
      if (key !== undefined && keys.has(key)) return refuse(`another entry has the declarationKey \`${key}\``);
      if (key !== undefined) keys.add(key);
      return await stepFor(input, findDeclared(ledger, key), notes);
    } catch (error) {
      return refuse(errorText(error));
    }
  }

  async function stepFor(input: JobInput, stored: JobRecord | undefined, notes: string[]): Promise<Step> {
    const definition = await jobs.prepare(input);
    const row = (action: PlanRow["action"]): PlanRow => ({ action, name: input.name, detail: notes.join("; ") });
    if (stored !== undefined && isUnchanged(stored, definition, input.enabled ?? true))
      return { row: row("unchanged") };
    if (input.enabled !== false) jobs.next({ schedule: input.schedule }, 1);
    return stored === undefined ? { row: row("create"), input } : { row: row("update"), input, id: stored.id };
  }

  return {
    exportJobs() {
      const entries: JobInput[] = [];
      ledger.jobs.each((job) => entries.push(exportEntry(job)));
      return { version: 1, jobs: entries };
    },

    async importJobs(file, { format, apply, validate }, caller) {
      const candidates = readCandidates(file, format, home === undefined ? {} : { home });
      const keys = new Set<string>();
      const steps = await inChunks(candidates, (candidate) => planFor(candidate, validate, keys));
      const plan = steps.map(({ row }) => row);
      const whole = format !== "jobs" || !plan.some(({ action }) => action === "refused");
      if (!apply || !whole) return { plan, applied: false };
      await inChunks(steps, async ({ input, id }) => {
        // What our own export says of a job that its failures have disabled is no wish.
        const keepsEnabled = id !== undefined && ledger.jobs.get(id)?.enabled === (input?.enabled ?? true);
        if (input !== undefined) await jobs.addJob(input, caller, id === undefined ? {} : { id, keepsEnabled });
      });
      return { plan, applied: true };
    },
  };
}

/** Works through a list in order, a few entries at a time, and lets other work of the process run in between. */
async function inChunks<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    results.push(...(await Promise.all(items.slice(from, from + CHUNK).map(work))));
    await setImmediate();
  }
  return results;
}

/** An engine that carries jobs in and out as well. `home` is the home directory of the gateway's user. */
export const withTransfer = <E extends Engine>(engine: E, home?: string): E & TransferApi => ({
  ...engine,
  ...createTransfer({ ...engine.inside, home }),
});
