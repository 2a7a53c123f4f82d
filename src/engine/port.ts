import { join } from "node:path";
import { openLedgerToLook, restoreLedger } from "../ledger/index.ts";
import type { EngineApi } from "./api.ts";
import { createJobReads } from "./jobs/index.ts";
import { createObservedReads } from "./observed/index.ts";
import { createRunReads } from "./run/index.ts";

/**
 * What can be done to a state directory while no gateway runs on it: a backup put in the ledger's place. `stateDir` is
 * `command-cron/` under the gateway's state directory. Raises what `restoreLedger` raises.
 */
export const restoreBackup = (options: { stateDir: string; file: string; nowMs: number }) =>
  restoreLedger({ ...options, dir: join(options.stateDir, "ledger") });

interface Looking {
  engine: Pick<
    EngineApi,
    "getJob" | "listJobs" | "next" | "tree" | "timeline" | "runs" | "getRun" | "passage" | "log" | "stats"
  > &
    Pick<EngineApi, "summary" | "allRuns">;
  /** The ledger's file. */
  path: string;
  close(): void;
}

/** Looks at jobs and runs in a state directory without an engine. Raises what `openLedgerToLook` raises. */
export function lookInto({ stateDir, hostTz, nowMs }: { stateDir: string; hostTz: string; nowMs(): number }): Looking {
  const ledger = openLedgerToLook(join(stateDir, "ledger"));
  const { api } = createJobReads({ ledger, clock: { nowMs }, hostTz });
  return {
    engine: { ...api, ...createRunReads({ ledger, stateDir, nowMs }), ...createObservedReads(ledger) },
    path: ledger.path,
    close: ledger.close,
  };
}
