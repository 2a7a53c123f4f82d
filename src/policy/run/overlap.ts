import { BUFFER_ALL_MAX, type OverlapPolicy } from "../../../schema/wire/policy.ts";

type OverlapDecision =
  | { verdict: "start" }
  /** Wait for the active run, then start. */
  | { verdict: "buffer" }
  | { verdict: "skip"; reason: "overlap" }
  /** End the active runs, then start. */
  | { verdict: "cancel_other" };

interface OverlapQuestion {
  policy: OverlapPolicy;
  /** Runs of the job that are running or about to. */
  activeRuns: number;
  /** Runs of the job that wait for those. */
  bufferedRuns: number;
  /** One of several occurrences decided together after a delay: it queues behind its siblings instead of vanishing. */
  catchUp?: boolean;
}

/** Whether a further run of a job may start beside the ones it has. Binds schedules and manual starts alike. */
export function decideOverlap({ policy, activeRuns, bufferedRuns, catchUp }: OverlapQuestion): OverlapDecision {
  if (policy === "allow_all" || activeRuns + bufferedRuns === 0) return { verdict: "start" };
  if (policy === "cancel_other") return { verdict: "cancel_other" };
  const room = { skip: 0, buffer_one: 1, buffer_all: BUFFER_ALL_MAX }[policy];
  if (catchUp === true || bufferedRuns < room) return { verdict: "buffer" };
  return { verdict: "skip", reason: "overlap" };
}
