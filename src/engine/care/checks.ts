import type { LedgerReads } from "../../ledger/types.ts";
import type { DoctorFinding } from "../api.ts";
import { isUncheckedWrite } from "../jobs/index.ts";
import { someOf } from "./names.ts";
import { inSteps } from "./steps.ts";

/** Jobs whose command ended well the last time, and whose check did not pass. */
export async function checksFinding(ledger: LedgerReads): Promise<DoctorFinding> {
  const check = "checks";
  const failing: string[] = [];
  let all = 0;
  for await (const jobs of inSteps(ledger)) {
    for (const { definition, enabled, lastRunId, lastStatus } of jobs) {
      if (!enabled || definition.policy?.verify === undefined) continue;
      all += 1;
      if (lastStatus !== "error" || lastRunId === undefined) continue;
      if (ledger.runs.get(lastRunId)?.outcome === "verify_failed") failing.push(definition.name);
    }
  }
  if (failing.length === 0)
    return { check, level: "ok", detail: `none of ${all} checks of commands failed the last time` };
  return {
    check,
    level: "warn",
    detail: `the command ended well and its check did not pass: ${someOf(failing)}`,
    action: "see what the check says with `command-cron logs <job>`; it is a part of the run",
  };
}

/** Jobs that change something elsewhere, and whose check has been switched off or removed since they were switched on. */
export async function riskFinding(ledger: LedgerReads): Promise<DoctorFinding> {
  const check = "risk";
  const unchecked: string[] = [];
  for await (const jobs of inSteps(ledger))
    for (const job of jobs) if (isUncheckedWrite(ledger, job)) unchecked.push(job.definition.name);
  if (unchecked.length === 0)
    return { check, level: "ok", detail: "every job that writes elsewhere (`write_external`) has a check that is on" };
  return {
    check,
    level: "warn",
    detail: `writes elsewhere, and nobody looks afterwards whether it is any good: ${someOf(unchecked)}`,
    action: "enable its check, give it one with `command-cron edit <job> --verify`, or disable it",
  };
}
