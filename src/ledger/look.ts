import { existsSync } from "node:fs";
import { MIGRATIONS } from "../../schema/ledger/index.ts";
import { CommandCronError } from "../kernel/errors.ts";
import { silentLogger } from "../kernel/logger.ts";
import { assertKnownVersion, ledgerPath, versionOf } from "./file/index.ts";
import { createAlertStore } from "./findings/index.ts";
import { createJobStore } from "./jobs/index.ts";
import { createObservedStore } from "./observed/index.ts";
import { createAttemptStore, createRunStore, createStatsStore } from "./runs/index.ts";
import { createCounters, openDatabase } from "./sql/index.ts";
import type { LedgerReads } from "./types.ts";

/**
 * Opens the ledger in a directory to look at it, whether or not a gateway runs on it: nothing is written, repaired or
 * migrated. Raises LEDGER_UNAVAILABLE when there is none or a new start must bring it up to date first, LEDGER_TOO_NEW,
 * LEDGER_CORRUPT.
 */
export function openLedgerToLook(dir: string): LedgerReads & { path: string; close(): void } {
  const path = ledgerPath(dir);
  if (!existsSync(path)) throw new CommandCronError("LEDGER_UNAVAILABLE", { got: `no file at ${path}` });
  const db = openDatabase(path, undefined, { readOnly: true });
  try {
    const version = versionOf(db);
    assertKnownVersion(version, MIGRATIONS);
    const latest = MIGRATIONS.at(-1)?.version ?? 0;
    if (version !== latest) {
      throw new CommandCronError("LEDGER_UNAVAILABLE", { expected: `version ${latest}`, got: `version ${version}` });
    }
  } catch (error) {
    db.close();
    throw error;
  }
  const counters = createCounters(db);
  return {
    path,
    jobs: createJobStore({ db, logger: silentLogger, counters }),
    runs: createRunStore({ db, counters }),
    attempts: createAttemptStore({ db, counters }),
    stats: createStatsStore(db),
    observed: createObservedStore(db),
    alerts: createAlertStore(db),
    close: db.close,
  };
}
