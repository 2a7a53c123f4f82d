import type { JobRow, RunRow } from "./oracle.ts";

/** The command of the job called `steps` fails in runs whose id ends so, and in those the check objects. */
export const FAILS = "0123";
export const OBJECTED = "4567";

/** Whoever ended well had one check, and ended as that said; the runner ran each once, whatever became of its gateway. */
export function unchecked(own: RunRow[], runs: RunRow[], checks: { runId: string }[]): string[] {
  const wrong = own
    .filter(({ status }) => status === "succeeded" || status === "failed")
    .flatMap(({ id, status }) => {
      const ending = id.at(-1) ?? "";
      const right = `${FAILS}${OBJECTED}`.includes(ending) ? "failed" : "succeeded";
      const times = checks.filter(({ runId }) => runId === id).length;
      return times === (FAILS.includes(ending) ? 0 : 1) && status === right
        ? []
        : [`${id} ${status} with ${times} checks`];
    });
  const unknown = checks.filter(({ runId }) => !runs.some(({ id }) => id === runId));
  return [...wrong, ...unknown.map(({ runId }) => `a check of ${runId}, which is not on record`)];
}

/** A follower of successes has one run for each success of its parent since it was there, and no other. */
export function unfollowed(job: JobRow, parentId: string, runs: RunRow[]): string[] {
  const ends = runs.filter(
    ({ job_id, status, ended_at_ms }) =>
      job_id === parentId && status === "succeeded" && (ended_at_ms ?? 0) > job.created_at_ms,
  );
  const causes = runs.filter(({ job_id }) => job_id === job.id).map(({ caused_by_run_id }) => caused_by_run_id ?? "");
  const wrong = ends.flatMap(({ id }) => {
    const times = causes.filter((cause) => cause === id).length;
    return times === 1 ? [] : [`${job.name} followed ${id} ${times} times`];
  });
  const uncaused = causes.filter((cause) => !ends.some(({ id }) => id === cause));
  return [...wrong, ...uncaused.map((cause) => `${job.name} followed ${cause}, which is no such end`)];
}

export interface ApprovalRow {
  run_id: string;
  attempt: number;
  decision: string | null;
}

/** Each start has an approval of its own, nothing that was refused has started, and nothing is asked for ever. */
export function unapproved(
  gated: RunRow[],
  approvals: ApprovalRow[],
  starts: { runId: string; attempt: string }[],
): string[] {
  const own = starts.filter(({ runId }) => gated.some(({ id }) => id === runId));
  const without = own.filter(
    ({ runId, attempt }) =>
      !approvals.some((row) => row.run_id === runId && String(row.attempt) === attempt && row.decision === "approved"),
  );
  const open = approvals.filter(({ decision }) => decision === null);
  return [
    ...without.map(({ runId, attempt }) => `${runId}.${attempt} started without a decision`),
    ...open.map(({ run_id }) => `${run_id} is asked for still`),
  ];
}
