import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { backupPath, requireJob } from "../../engine/index.ts";
import { exportEntry } from "../../engine/jobs/index.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import type { JobRecord } from "../../ledger/types.ts";
import type { MovesApi, MoveTarget } from "../api.ts";
import { createAdoption } from "./adopt.ts";
import type { MoveContext, MoveDeps, MoveRow } from "./deps.ts";
import { createMarkers } from "./markers.ts";
import type { NativeJob } from "./native-port.ts";
import { createRelease } from "./release.ts";

export interface Moves extends MovesApi {
  /**
   * To be called when the gateway's cron comes into reach. Settles moves that a crash interrupted, and takes jobs again
   * that were enabled there meanwhile. What cannot be settled now is tried at the next call.
   */
  resume(): Promise<void>;
}

const notFound = (id: string): CommandCronError =>
  new CommandCronError("JOB_NOT_FOUND", { got: id, details: { jobId: id } });

/**
 * Moves jobs between the gateway's cron and the ledger. The giving side is disabled before the receiving side is
 * enabled, each step is durable before the next, and a marker in the ledger names a move from its first step to its
 * last. So at no point are both active, and after an interruption `resume` leaves exactly one active.
 */
export function createMoves(deps: MoveDeps): Moves {
  const { native, ledger, logger } = deps;
  const context: MoveContext = { ...deps, markers: createMarkers(ledger) };
  const adoption = createAdoption(context);
  const release = createRelease(context);
  let turn: Promise<unknown> = Promise.resolve();

  /** One call after the other: two must never move the same job. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  }

  async function moved(row: MoveRow, move: Promise<void>): Promise<MoveRow> {
    try {
      await move;
      return row;
    } catch (error) {
      return { ...row, action: "refused", detail: errorText(error) };
    }
  }

  async function nativeJobs({ id }: MoveTarget): Promise<NativeJob[]> {
    if (id === undefined) return native.list();
    const job = await native.get(id);
    if (job?.payload.kind !== "command") throw notFound(id);
    return [job];
  }

  function ownJobs({ id }: MoveTarget): JobRecord[] {
    if (id !== undefined) return [requireJob(ledger, id)];
    const all: JobRecord[] = [];
    ledger.jobs.each((job) => all.push(job));
    return all;
  }

  return {
    adopt: (target, caller) =>
      inTurn(async () => {
        const plan: MoveRow[] = [];
        for (const job of await nativeJobs(target)) {
          const { row, input } = await adoption.plan(job);
          const go = target.apply && input !== undefined;
          plan.push(go ? await moved(row, adoption.move(job, input, caller)) : row);
        }
        return { plan, applied: target.apply };
      }),

    release: (target, caller) =>
      inTurn(async () => {
        const plan: MoveRow[] = [];
        const jobs = ownJobs(target);
        const { force = false } = target;
        const leaving = target.apply ? jobs.filter((job) => release.plan(job, force).action === "move") : [];
        const copy = await copyOf(leaving);
        for (const job of jobs) {
          const row = release.plan(job, force);
          const go = target.apply && row.action === "move";
          plan.push(go ? await moved(row, release.move(job)) : row);
          if (go)
            logger.info(`job ${job.id} (${job.definition.name}) released by ${caller.label}: ${plan.at(-1)?.action}`);
        }
        return { plan, applied: target.apply, ...(copy === undefined ? {} : { copy }) };
      }),

    resume: () =>
      inTurn(async () => {
        for (const [id, marker] of context.markers.all()) {
          await logged(`the interrupted ${marker.move} of job ${id} is not settled`, async () => {
            await (marker.move === "adopt" ? adoption : release).settle(id, marker);
            logger.info(`the interrupted ${marker.move} of job ${id} is settled`);
          });
        }
        for (const job of await native.list()) {
          await logged(`job ${job.id} is enabled here and in the gateway's cron`, () => adoption.reclaim(job));
        }
      }),
  };

  /** Jobs as `export` writes them, in a file of their own: what leaves can always come back as it was. */
  async function copyOf(jobs: readonly JobRecord[]): Promise<string | undefined> {
    if (jobs.length === 0) return undefined;
    const file = backupPath(deps.stateDir, "released", deps.clock.nowMs(), "json");
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const entries = jobs.map((job) => exportEntry(ledger, job));
    await writeFile(file, `${JSON.stringify({ version: 1, jobs: entries }, null, 2)}\n`, { mode: 0o600 });
    return file;
  }

  async function logged(problem: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.error(`${problem}: ${errorText(error)}`);
    }
  }
}
