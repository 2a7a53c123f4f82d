import { removeJob, waitingFor } from "../../engine/jobs/index.ts";
import { passOver } from "../../engine/run/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { JobRecord } from "../../ledger/types.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import { firstDueMs } from "../../policy/time/index.ts";
import { committed, type MoveContext, type MoveRow, rowOf, setActive } from "./deps.ts";
import { keepAside } from "./kept.ts";
import type { Marker } from "./markers.ts";
import { toNative } from "./native-definition.ts";

/** From the ledger to the gateway's cron: mark and disable ours, put theirs, remove ours. Its runs stay in the ledger. */
export function createRelease(context: MoveContext) {
  const { native, ledger, clock, markers } = context;

  async function finish(id: string, marker: Marker): Promise<void> {
    ledger.transaction(() => {
      const job = ledger.jobs.get(id);
      const nowMs = clock.nowMs();
      // The gateway counts from the moment it has the job: what came due while nobody had it is said, not lost.
      if (job !== undefined && marker.enabled) passOver({ ...context, nowMs }, job, nowMs, "released");
      if (job !== undefined) keepAside(ledger, id, job.written);
      removeJob(context, id);
      markers.clear(id);
    });
    await committed(context, id, "removed");
  }

  async function undo(id: string, marker: Marker): Promise<void> {
    ledger.transaction(() => {
      const job = ledger.jobs.get(id);
      if (job !== undefined && marker.enabled) setActive(context, job, true, job.cursorMs);
      // A job that its failures have disabled waits for its trial.
      else if (job !== undefined && awaitsTrial(job.autoDisabled)) {
        ledger.jobs.patchState(id, { nextDueMs: firstDueMs(job, job.cursorMs, context.hostTz) ?? null });
      }
      markers.clear(id);
    });
    await committed(context, id, "updated");
  }

  /** Ends an interrupted move: finished when the gateway's job is active, undone otherwise. */
  async function settle(id: string, marker: Marker): Promise<void> {
    const theirs = await native.get(id);
    if (theirs?.enabled === true) await finish(id, marker);
    else await undo(id, marker);
  }

  return {
    settle,

    /** Refuses a job that would behave differently there, unless `force` says so. */
    plan(job: JobRecord, force: boolean): MoveRow {
      const row = rowOf({ id: job.id, name: job.definition.name });
      if (ledger.runs.active(job.id).length > 0)
        return row("refused", "it is running: release it when it has finished");
      if (job.definition.schedule.kind === "after")
        return row("refused", "the gateway's cron has no schedule that follows another job");
      const followers = waitingFor(ledger, job.id).map(({ definition: { name } }) => name);
      if (followers.length > 0)
        return row("refused", `jobs here follow it: disable them first: ${followers.join(", ")}`);
      const { left } = toNative(job, job.enabled);
      const lost = `not carried: ${left.join(", ")}`;
      // Whose files it comes from and what it is found by changes nothing about what it does.
      const differs = left.some((field) => !["managedBy", "tags"].includes(field));
      if (differs && !force)
        return row("refused", `${lost}; --force gives it back all the same, adopt brings these back`);
      return row("move", left.length === 0 ? "" : lost);
    },

    /** Raises why the job stays here. */
    async move(job: JobRecord): Promise<void> {
      const marker: Marker = { move: "release", enabled: job.enabled };
      ledger.transaction(() => {
        if (ledger.runs.active(job.id).length > 0)
          throw new CommandCronError("JOB_BUSY", { details: { jobId: job.id } });
        markers.set(job.id, marker);
        setActive(context, job, false, job.cursorMs);
      });
      await ledger.durable();
      try {
        await native.put(toNative(job, marker.enabled).definition);
        await finish(job.id, marker);
      } catch (error) {
        await settle(job.id, marker);
        if (ledger.jobs.get(job.id) !== undefined) throw error;
      }
    },
  };
}
