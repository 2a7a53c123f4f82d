import type { JobInput } from "../../../schema/wire/job.ts";
import type { Caller } from "../../engine/api.ts";
import { errorText } from "../../kernel/errors.ts";
import type { JobRecord } from "../../ledger/types.ts";
import { newRunFor } from "../../scheduler/index.ts";
import { committed, type MoveContext, type MoveRow, rowOf, setActive } from "./deps.ts";
import { forgetKept, withKept } from "./kept.ts";
import type { Marker } from "./markers.ts";
import { adoptedDescription, belongsToGateway, fromNative, isKept, keptDescription } from "./native-definition.ts";
import type { NativeJob, NativeState } from "./native-port.ts";

/** From the gateway's cron to the ledger: mark, store ours disabled, disable theirs, enable ours. */
export function createAdoption(context: MoveContext) {
  const { native, ledger, jobs, clock, logger, markers, validate } = context;

  /** Ours takes over: theirs is known to be inactive. */
  async function finish(id: string, marker: Marker, { lastRunAtMs = 0, nextRunAtMs }: NativeState): Promise<void> {
    ledger.transaction(() => {
      const job = ledger.jobs.get(id);
      // Nothing that came due between the two steps is lost, and nothing that ran there runs again.
      if (job !== undefined && marker.enabled) {
        setActive(context, job, true, Math.max(job.cursorMs, lastRunAtMs));
        runWhatWaited(job, lastRunAtMs, nextRunAtMs);
      }
      markers.clear(id);
      forgetKept(ledger, id);
    });
    await committed(context, id, "updated");
  }

  /** Due there before ours was stored, and not begun. */
  function runWhatWaited(job: JobRecord, lastRunAtMs: number, dueMs: number | undefined): void {
    if (dueMs === undefined || dueMs <= lastRunAtMs || dueMs > job.cursorMs) return;
    const run = { trigger: "schedule", status: "queued", scheduledForMs: dueMs } as const;
    ledger.runs.insert(newRunFor(job, run, clock.nowMs()));
  }

  async function undo(id: string): Promise<void> {
    ledger.transaction(() => {
      ledger.jobs.remove(id);
      markers.clear(id);
    });
    await committed(context, id, "removed");
  }

  /** Ends an interrupted move: undone while the gateway's job is active, finished otherwise. */
  async function settle(id: string, marker: Marker): Promise<void> {
    const theirs = await native.get(id);
    const untouched = theirs !== undefined && (theirs.enabled || (!marker.enabled && !isKept(theirs)));
    if (untouched || ledger.jobs.get(id) === undefined) await undo(id);
    else await finish(id, marker, theirs?.state ?? {});
  }

  return {
    settle,

    /** Takes a job again that moved here before and was enabled there while this plugin was away. */
    async reclaim(job: NativeJob): Promise<void> {
      if (!job.enabled || ledger.jobs.get(job.id) === undefined) return;
      await native.disable(job.id, keptDescription(job));
      const ours = ledger.jobs.get(job.id);
      if (ours !== undefined && !ours.enabled) ledger.transaction(() => setActive(context, ours, true, clock.nowMs()));
      await committed(context, job.id, "updated");
      logger.warn(`job ${job.id} (${job.name}) had been enabled in the gateway's cron as well: it runs here only`);
    },

    async plan(job: NativeJob): Promise<{ row: MoveRow; input?: JobInput }> {
      const row = rowOf(job);
      if (ledger.jobs.get(job.id) !== undefined) return { row: row("done", "kept here already") };
      if (belongsToGateway(job.declarationKey)) return { row: row("refused", "it is one of the gateway's own jobs") };
      const { input: theirs, left, hasOwner } = fromNative(job);
      const input = withKept(ledger, job.id, theirs);
      if (left.length > 0) return { row: row("refused", `${left.join(", ")} cannot be carried`) };
      try {
        const valid = validate(input);
        const key = valid.declarationKey;
        const other = key === undefined ? undefined : ledger.jobs.getByDeclarationKey(key);
        if (other !== undefined) return { row: row("refused", `job ${other.id} has the declarationKey \`${key}\``) };
        await jobs.prepare(valid, "adopted");
        if (valid.enabled !== false) jobs.next({ schedule: valid.schedule }, 1);
        if (job.state.runningAtMs !== undefined) {
          return { row: row("refused", "it is running: adopt it when it has finished") };
        }
        return { row: row("move", hasOwner ? "its owning session is not carried" : ""), input: valid };
      } catch (error) {
        return { row: row("refused", errorText(error)) };
      }
    },

    /** Raises why the job stays where it is. */
    async move(job: NativeJob, input: JobInput, caller: Caller): Promise<void> {
      const marker: Marker = { move: "adopt", enabled: job.enabled };
      markers.set(job.id, marker);
      try {
        const stored = { ...input, enabled: false, description: adoptedDescription(job, clock.nowMs()) };
        await jobs.addJob(stored, caller, { id: job.id, origin: "adopted" });
        await finish(job.id, marker, await native.disable(job.id, keptDescription(job)));
      } catch (error) {
        await settle(job.id, marker);
        if (ledger.jobs.get(job.id) === undefined) throw error;
      }
    },
  };
}
