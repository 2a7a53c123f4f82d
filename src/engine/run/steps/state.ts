import { NO_STATE } from "../../../../schema/wire/steps.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { AttemptRecord, JobRecord, Ledger, RunRecord } from "../../../ledger/types.ts";
import { describeInstant, zoneOfSchedule } from "../../../policy/time/index.ts";

/** What an attempt of a job that keeps a state finds in its file; undefined for one that keeps none. */
export function stateFor(
  ledger: Pick<Ledger, "states">,
  { id, definition }: JobRecord,
  { nowMs, hostTz }: { nowMs: number; hostTz: string },
): string | undefined {
  const policy = definition.policy?.state;
  if (policy === undefined) return undefined;
  const kept = ledger.states.get(id);
  if (kept === undefined) return NO_STATE;
  if (policy === true || policy.resetDaily !== true) return kept.content;
  const zone = zoneOfSchedule(definition.schedule, hostTz);
  const dayOf = (atMs: number): string => describeInstant(atMs, zone).local.slice(0, 10);
  return dayOf(kept.ofMs) === dayOf(nowMs) ? kept.content : NO_STATE;
}

/**
 * Keeps what a run that succeeded left in its state file, in the caller's transaction. Answers what the attempt's record
 * says of it; undefined when nothing has changed.
 */
export function keepState(
  ledger: Pick<Ledger, "states" | "notices">,
  run: RunRecord,
  job: JobRecord,
  { state, startedAtMs, endedAtMs }: AttemptResult,
): AttemptRecord["state"] {
  if (job.definition.policy?.state === undefined) return undefined;
  if (state !== undefined && "problem" in state) {
    const message = `${job.definition.name}: ${state.problem}; the old state stays`;
    ledger.notices.raise({ code: "STATE_REFUSED", key: job.id, message, atMs: endedAtMs });
    return state;
  }
  ledger.notices.close("STATE_REFUSED", job.id, endedAtMs);
  if (state === undefined) return undefined;
  const { content } = state;
  return { version: ledger.states.put({ jobId: job.id, content, atMs: endedAtMs, ofMs: startedAtMs, runId: run.id }) };
}
