import type { LedgerReads } from "../../ledger/types.ts";
import type { DoctorFinding } from "../api.ts";
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
