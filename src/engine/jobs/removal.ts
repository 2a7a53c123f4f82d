import { CommandCronError } from "../../kernel/errors.ts";
import type { Ledger } from "../../ledger/types.ts";
import { alertChanged } from "../../watch/index.ts";
import type { Core } from "../deps.ts";
import { waitingFor } from "./chain.ts";

/** Notices about one job, with its id as their key. */
const JOB_NOTICES = [
  "JOB_FAILING",
  "JOB_OFF_TIME",
  "JOB_DISABLED",
  "JOB_UNSCHEDULABLE",
  "OCCURRENCE_GAP",
  "RUN_SET_ASIDE",
  "STATE_REFUSED",
];

type RemovalDeps = Pick<Core, "ledger" | "clock" | "events">;

/** Removes a job together with what is open about it. Its history stays. */
export function removeJob(deps: RemovalDeps, jobId: string): void {
  deps.ledger.transaction(() => {
    deps.ledger.jobs.remove(jobId);
    closeAbout(deps, jobId);
  });
}

/** Closes what is open about a job that is gone, in the caller's transaction: nothing that comes later could. */
export function closeAbout({ ledger, clock, events }: RemovalDeps, jobId: string): void {
  const nowMs = clock.nowMs();
  for (const code of JOB_NOTICES) ledger.notices.close(code, jobId, nowMs);
  for (const { id } of ledger.alerts.openOf(jobId)) {
    ledger.alerts.close(id, nowMs);
    alertChanged(events, id, "closed");
  }
}

const NAMED = 5;

/**
 * Nothing starts what follows a job that is gone: refuses its removal while one of its followers is on, or with `cascade`
 * switches them off, in the caller's transaction. Answers who is off now. Raises JOB_FOLLOWED.
 */
export function disableFollowers(ledger: Ledger, jobId: string, cascade: boolean, nowMs: number): string[] {
  const followers = waitingFor(ledger, jobId);
  if (followers.length > 0 && !cascade) {
    const names = followers.slice(0, NAMED).map((job) => job.definition.name);
    const more = followers.length > NAMED ? ` and ${followers.length - NAMED} more` : "";
    throw new CommandCronError("JOB_FOLLOWED", { got: names.join(", ") + more, details: { jobId } });
  }
  const off = { enabled: false, nextDueMs: null, autoDisabled: null, updatedAtMs: nowMs };
  for (const { id } of followers) ledger.jobs.patchState(id, off);
  return followers.map(({ id }) => id);
}
