/** The ledger as a file: owning, migrating, copying, putting back and checking it. */
export { backupLedger } from "./backup.ts";
export { checkAside, checkLedger, quickCheck } from "./check.ts";
export { createDurability } from "./durability.ts";
export { ledgerPath, privateDir, privateFile, removeDatabase, syncDir } from "./files.ts";
export { applyMigrations, assertKnownVersion, migrateFile, versionOf } from "./migrate.ts";
export { acquireOwnership } from "./owner.ts";
export { RESTORED_AT_META, restoredAtMsOf, restoreLedger } from "./restore.ts";
