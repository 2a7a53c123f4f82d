import type { LedgerReads } from "../../ledger/types.ts";
import { addressesOf, type Named } from "../../policy/index.ts";
import type { DoctorFinding } from "../api.ts";
import { namedBy } from "../jobs/index.ts";
import { someOf } from "./names.ts";
import { inSteps } from "./steps.ts";

/** Jobs that name a destination which the settings do not have any more. */
export async function nameFinding(ledger: Pick<LedgerReads, "jobs">, config: Named): Promise<DoctorFinding> {
  const check = "destinations";
  const lost: string[] = [];
  for await (const jobs of inSteps(ledger)) {
    for (const { definition } of jobs) {
      const gone = namedBy(definition).find(([, destination]) => addressesOf(config, destination).length === 0);
      if (gone !== undefined) lost.push(`${definition.name} (${gone[1].to})`);
    }
  }
  if (lost.length === 0) return { check, level: "ok", detail: "every destination that jobs name is in the settings" };
  return {
    check,
    level: "error",
    detail: `no such destination is in the settings: ${someOf(lost)}`,
    action:
      "name it under `destinations` or `groups` in the settings, or give the jobs another with `command-cron edit <job> --to`",
  };
}
