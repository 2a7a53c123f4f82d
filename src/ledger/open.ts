import { accessSync, existsSync, constants as fileConstants, renameSync, statSync } from "node:fs";
import { MIGRATIONS } from "../../schema/ledger/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { CommandCronError, errorText } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { createApprovalStore } from "./approvals/index.ts";
import { createDeliveryStore } from "./deliveries/index.ts";
import {
  applyMigrations,
  backupLedger,
  checkAside,
  checkLedger,
  createDurability,
  ledgerPath,
  migrateFile,
  privateDir,
  privateFile,
  quickCheck,
  removeDatabase,
  syncDir,
} from "./file/index.ts";
import { createAlertStore, createIdempotencyStore, createNoticeStore } from "./findings/index.ts";
import { createJobStore } from "./jobs/index.ts";
import { createObservedStore } from "./observed/index.ts";
import { createPruner } from "./prune.ts";
import type { Complete } from "./rows.ts";
import { createAttemptStore, createFanOutStore, createRunStore, createStatsStore } from "./runs/index.ts";
import { createCounters, type Database, fileError, type LedgerFaults, openDatabase } from "./sql/index.ts";
import { createStateStore } from "./states/index.ts";
import type { Ledger } from "./types.ts";

interface OpenOptions {
  /** The ledger's own directory; made if it is missing. */
  dir: string;
  clock: Clock;
  logger: Logger;
  /** Puts what the config says where a job says nothing. */
  complete?: Complete;
  /** For tests: where the ledger may be made to fail. */
  faults?: LedgerFaults;
}

/** After a checkpoint the write-ahead log is cut back to this. Reused space is cheaper to sync than new space. */
const WAL_KEPT_BYTES = 4 * 1_048_576;

/**
 * Opens the ledger in a directory and makes it when there is none. The caller owns the directory (`acquireOwnership`).
 * Raises STATE_UNWRITABLE, LEDGER_UNAVAILABLE, LEDGER_CORRUPT (the file stays where it is), LEDGER_TOO_NEW.
 */
export function openLedger(options: OpenOptions): Ledger {
  const { dir, clock, logger, complete, faults } = options;
  const path = ledgerPath(dir);
  prepare(dir, path);
  for (const version of migrateFile(path, MIGRATIONS)) logger.info(`ledger migrated to version ${version}`);
  const db = connect(path, faults);
  const durability = guarded(db, () => createDurability({ db, path, clock, faults }));
  const counters = createCounters(db);

  return {
    path,
    jobs: createJobStore({ db, logger, counters, complete }),
    runs: createRunStore({ db, counters }),
    fanOuts: createFanOutStore(db),
    attempts: createAttemptStore({ db, counters }),
    deliveries: createDeliveryStore({ db, clock, logger, counters }),
    alerts: createAlertStore(db),
    notices: createNoticeStore(db),
    idempotency: createIdempotencyStore(db),
    states: createStateStore(db),
    observed: createObservedStore(db),
    approvals: createApprovalStore(db),
    stats: createStatsStore(db),
    getMeta(key) {
      const row = db.get("SELECT value FROM meta WHERE key = ?", key);
      return row === undefined ? undefined : String(row["value"]);
    },
    setMeta(key, value) {
      if (value === undefined) {
        db.run("DELETE FROM meta WHERE key = ?", key);
        return;
      }
      db.run(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value,
      );
    },
    transaction: db.transaction,
    durable: durability.durable,
    confirmed: () =>
      durability.durable().catch((error) => {
        const got = error instanceof CommandCronError ? String(error.details["got"]) : errorText(error);
        throw new CommandCronError("CHANGE_UNCONFIRMED", { got, cause: error });
      }),
    syncingSinceMs: durability.syncingSinceMs,
    prune: createPruner(db),
    backup: (file) => backupLedger(path, file),
    check: () => checkLedger(db),
    checkAside: () => checkAside(path),
    checkpoint: () => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"),
    close() {
      durability.close();
      db.close();
    },
  };
}

/** Directory and file, private and writable. A new ledger appears under its name only when it is whole. */
function prepare(dir: string, path: string): void {
  privateDir(dir);
  try {
    accessSync(dir, fileConstants.R_OK | fileConstants.W_OK | fileConstants.X_OK);
    if (existsSync(path)) {
      if (statSync(path).size === 0) throw new CommandCronError("LEDGER_CORRUPT", { got: `an empty file at ${path}` });
      privateFile(path);
      accessSync(path, fileConstants.R_OK | fileConstants.W_OK);
      return;
    }
    // SQLite would take a log without its database for the log of the new one.
    if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) {
      throw new CommandCronError("LEDGER_CORRUPT", { got: `a write-ahead log without its ledger at ${path}` });
    }
    removeDatabase(path);
    const fresh = `${path}.new`;
    removeDatabase(fresh);
    privateFile(fresh);
    guarded(openDatabase(fresh), (db) => {
      db.exec("PRAGMA auto_vacuum = INCREMENTAL");
      applyMigrations(db, MIGRATIONS);
      db.close();
    });
    renameSync(fresh, path);
    syncDir(dir);
  } catch (error) {
    throw fileError(error, path);
  }
}

function connect(path: string, faults: LedgerFaults | undefined): Database {
  return guarded(openDatabase(path, faults), (db) => {
    const mode = db.get("PRAGMA journal_mode = WAL")?.["journal_mode"];
    if (mode !== "wal") {
      throw new CommandCronError("STATE_UNWRITABLE", { expected: "a local file system", got: `journal mode ${mode}` });
    }
    db.exec(`PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
    // A removed job takes its environment along: no page that is free goes on to hold it.
    db.exec("PRAGMA secure_delete = ON");
    const problem = quickCheck(db, statSync(path).size);
    if (problem !== undefined) throw new CommandCronError("LEDGER_CORRUPT", { got: `${problem} in ${path}` });
    return db;
  });
}

/** Closes the connection when what follows its opening fails. */
function guarded<T>(db: Database, work: (db: Database) => T): T {
  try {
    return work(db);
  } catch (error) {
    db.close();
    throw error;
  }
}
