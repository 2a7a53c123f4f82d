import { stat } from "node:fs/promises";
import type { Ledger } from "../ledger/types.ts";
import { failureRoutes } from "../policy/index.ts";
import type { EngineApi } from "./api.ts";
import { backupPath, type EngineDeps } from "./deps.ts";
import { paged } from "./views.ts";

/** Alerts on record, and the ledger as a file: copies and checks. */
export function createRecords({
  deps,
  ledger,
}: {
  deps: Pick<EngineDeps, "config" | "stateDir" | "clock">;
  ledger: Ledger;
}): Pick<EngineApi, "alerts" | "backup" | "checkLedger"> {
  return {
    alerts(query) {
      const page = ledger.alerts.list(query);
      const alerts = page.rows.map((alert) => {
        const definition = ledger.jobs.get(alert.jobId)?.definition;
        if (definition === undefined) return alert;
        const route = failureRoutes(definition, deps.config.alerts?.destination)[0];
        return { ...alert, jobName: definition.name, ...(route === undefined ? {} : { route }) };
      });
      return { alerts, ...paged(page, query) };
    },
    async backup(file) {
      const target = file ?? backupPath(deps.stateDir, "ledger", deps.clock.nowMs(), "sqlite");
      await ledger.backup(target);
      return { file: target, bytes: (await stat(target)).size };
    },
    checkLedger: async () => ({ problems: await ledger.checkAside() }),
  };
}
