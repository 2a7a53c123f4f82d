import type { LedgerReads } from "../../ledger/types.ts";
import { refuseYears } from "../../policy/index.ts";
import type { DoctorFinding } from "../api.ts";
import { someOf } from "./names.ts";
import { inSteps } from "./steps.ts";

/** Enabled jobs whose expression is one of another scheduler's; the gateway takes it, and it runs at other times. */
export async function dialectFinding(ledger: Pick<LedgerReads, "jobs">): Promise<DoctorFinding> {
  const check = "schedules";
  const names: string[] = [];
  for await (const jobs of inSteps(ledger)) {
    for (const { enabled, definition } of jobs) {
      try {
        if (enabled) refuseYears(definition.schedule);
      } catch {
        names.push(definition.name);
      }
    }
  }
  if (names.length === 0) return { check, level: "ok", detail: "no expression has a `?` outside the fields of days" };
  return {
    check,
    level: "warn",
    detail: `a \`?\` outside the fields of days, as in expressions of AWS, which have a year at the end: ${someOf(names)}`,
    action: "see with `command-cron next` when they run here, and write the expression without the year",
  };
}
