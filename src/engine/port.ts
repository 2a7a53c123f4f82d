import { join } from "node:path";
import { restoreLedger } from "../ledger/index.ts";

/**
 * What can be done to a state directory while no gateway runs on it: a backup put in the ledger's place. `stateDir` is
 * `command-cron/` under the gateway's state directory. Raises what `restoreLedger` raises.
 */
export const restoreBackup = (options: { stateDir: string; file: string; nowMs: number }) =>
  restoreLedger({ ...options, dir: join(options.stateDir, "ledger") });
