import { setImmediate as nextTurn } from "node:timers/promises";
import type { JobRecord, LedgerReads } from "../../ledger/types.ts";

const JOBS_A_STEP = 200;

/** Every job, or every one that is off, a few a turn of the event loop. */
export async function* inSteps(
  { jobs: stored }: Pick<LedgerReads, "jobs">,
  only?: "disabled",
): AsyncGenerator<JobRecord[]> {
  for (let place: string | undefined = ""; place !== undefined; ) {
    const { jobs, next }: ReturnType<LedgerReads["jobs"]["page"]> = stored.page(place, JOBS_A_STEP, only);
    yield jobs;
    place = next;
    await nextTurn();
  }
}
