import { APPLICATION_ID, type Migration } from "../../../schema/ledger/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { type Database, number, openDatabase } from "../sql/index.ts";
import { privateCopy } from "./files.ts";

/** The version a ledger file has; raises LEDGER_CORRUPT for a database that is not a ledger. */
export function versionOf(db: Database): number {
  const id = number(db.get("PRAGMA application_id"), "application_id");
  if (id !== APPLICATION_ID) {
    throw new CommandCronError("LEDGER_CORRUPT", { expected: "a ledger", got: `application id ${id}` });
  }
  return number(db.get("PRAGMA user_version"), "user_version");
}

/** Raises LEDGER_TOO_NEW when a later version wrote the file. */
export function assertKnownVersion(version: number, migrations: readonly Migration[]): void {
  const latest = migrations.at(-1)?.version ?? 0;
  if (version > latest) {
    throw new CommandCronError("LEDGER_TOO_NEW", {
      expected: `version ${latest} or older`,
      got: `version ${version}`,
      details: { version, latest },
    });
  }
}

/** Brings an open database to the latest version, one transaction a step. */
export function applyMigrations(db: Database, migrations: readonly Migration[]): void {
  db.exec("PRAGMA synchronous = FULL");
  for (const { version, sql } of migrations) {
    db.transaction(() => {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = ${APPLICATION_ID}`);
    });
  }
}

/**
 * Migrates the file at `path` if it is older than the last migration, with a copy beside it before each step.
 * The file must not be open anywhere. Answers the versions it went through.
 */
export function migrateFile(path: string, migrations: readonly Migration[]): number[] {
  const done: number[] = [];
  for (;;) {
    const next = pendingStep(path, migrations);
    if (next === undefined) return done;
    privateCopy(path, path.replace(/\.sqlite$/, `.before-v${next.version}.sqlite`));
    withDatabase(path, (db) => applyMigrations(db, [next]));
    done.push(next.version);
  }
}

/** The next migration of a file, whose write-ahead log is folded in so that the file alone is the whole ledger. */
function pendingStep(path: string, migrations: readonly Migration[]): Migration | undefined {
  return withDatabase(path, (db) => {
    const version = versionOf(db);
    assertKnownVersion(version, migrations);
    const next = migrations.find((migration) => migration.version > version);
    if (next !== undefined) db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return next;
  });
}

function withDatabase<T>(path: string, work: (db: Database) => T): T {
  const db = openDatabase(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
