import type { LedgerReads } from "../../ledger/types.ts";
import { failsUnheard, type Routing } from "../../policy/index.ts";
import type { DoctorFinding } from "../api.ts";
import { someOf } from "./names.ts";
import { inSteps } from "./steps.ts";

/** How many jobs fail without anybody being told. */
export async function unheardFinding(ledger: Pick<LedgerReads, "jobs">, config: Routing): Promise<DoctorFinding> {
  const check = "alerts";
  const names: string[] = [];
  let enabled = 0;
  for await (const jobs of inSteps(ledger)) {
    for (const job of jobs) {
      if (!job.enabled) continue;
      enabled += 1;
      if (failsUnheard(job.definition, config)) names.push(job.definition.name);
    }
  }
  if (names.length === 0) return { check, level: "ok", detail: "somebody hears of every job that fails" };
  return {
    check,
    level: "warn",
    detail: `nobody is told when ${names.length} of ${enabled} enabled jobs fail: ${someOf(names)}`,
    action:
      "name somebody for all of them with `alerts.destination` in the settings, or for one with `--failure-alert-channel` and `--failure-alert-to`",
  };
}
