import type { JobInput } from "../../../schema/wire/job.ts";
import type { EngineInside } from "../../engine/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { JobRecord } from "../../ledger/types.ts";
import { compileJob, nextAfter } from "../../policy/time/index.ts";
import type { MoveReport } from "../api.ts";
import type { Markers } from "./markers.ts";
import type { NativeCron } from "./native-port.ts";

export interface MoveDeps extends EngineInside {
  native: NativeCron;
  /** The wire validator: answers the normalised job or raises. */
  validate(job: unknown): JobInput;
}

/** What both directions share. */
export interface MoveContext extends MoveDeps {
  markers: Markers;
}

export type MoveRow = MoveReport["plan"][number];

/** What a plan says of one job. */
export const rowOf =
  ({ id, name }: { id: string; name: string }) =>
  (action: MoveRow["action"], detail: string): MoveRow => ({ action, id, name, detail });

/** Enables or disables a job of ours; to be called in a transaction. An enabled one is due from `afterMs` on. */
export function setActive(
  { ledger, clock, hostTz }: MoveContext,
  job: JobRecord,
  enabled: boolean,
  afterMs: number,
): void {
  const answer = ledger.jobs.replace(job.id, {
    definition: job.written,
    enabled,
    updatedAtMs: clock.nowMs(),
    expectedRevision: job.revision,
  });
  if (answer !== "replaced") throw new CommandCronError("REVISION_CONFLICT", { details: { jobId: job.id } });
  const nextDueMs = enabled ? nextAfter(compileJob(job, hostTz), afterMs) : undefined;
  ledger.jobs.patchState(job.id, { nextDueMs: nextDueMs ?? null, ...(enabled ? { cursorMs: afterMs } : {}) });
}

/** A step is committed: wait until it is on disk, then tell. */
export async function committed(
  { ledger, events, poke }: MoveContext,
  jobId: string,
  change: "added" | "updated" | "removed",
): Promise<void> {
  await ledger.durable();
  events.emit("job-changed", { jobId, change });
  poke();
}
