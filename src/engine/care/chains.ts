import type { LedgerReads } from "../../ledger/types.ts";
import type { DoctorFinding } from "../api.ts";
import { waitingFor } from "../jobs/index.ts";
import { someOf } from "./names.ts";

const PARENTS_A_STEP = 200;

/** Jobs that are on and that nothing starts, because the job they follow is gone or off. */
export function chainFinding(ledger: LedgerReads): DoctorFinding {
  const check = "chains";
  const idle: string[] = [];
  for (let behind: string | undefined = ""; behind !== undefined; ) {
    const parents = ledger.jobs.parents(behind, PARENTS_A_STEP);
    for (const id of parents) {
      const parent = ledger.jobs.get(id);
      if (parent?.enabled === true) continue;
      const why = parent === undefined ? "a job that is gone" : `${parent.definition.name}, which is off`;
      for (const { definition } of waitingFor(ledger, id)) idle.push(`${definition.name} (after ${why})`);
    }
    behind = parents.at(-1);
  }
  if (idle.length === 0)
    return { check, level: "ok", detail: "every job that follows another has a parent that is on" };
  return {
    check,
    level: "warn",
    detail: `nothing starts ${someOf(idle)}`,
    action: "enable the parent, give them another with `command-cron edit <job> --after <other>`, or disable them",
  };
}
