import { stat } from "node:fs/promises";
import type { Ledger } from "../ledger/types.ts";
import type { EngineApi } from "./api.ts";
import { backupPath, type EngineDeps } from "./deps.ts";
import { paged } from "./views.ts";

/** Alerts on record, and the ledger as a file: copies and checks. */
export function createRecords({
  deps,
  ledger,
}: {
  deps: EngineDeps;
  ledger: Ledger;
}): Pick<EngineApi, "alerts" | "backup" | "checkLedger"> {
  return {
    alerts(query) {
      const page = ledger.alerts.list(query);
      return { alerts: page.rows, ...paged(page, query) };
    },
    async backup(file) {
      const target = file ?? backupPath(deps.stateDir, "ledger", deps.clock.nowMs(), "sqlite");
      await ledger.backup(target);
      return { file: target, bytes: (await stat(target)).size };
    },
    checkLedger: async () => ({ problems: await ledger.checkAside() }),
  };
}
