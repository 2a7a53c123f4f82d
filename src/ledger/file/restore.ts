import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { MIGRATIONS } from "../../../schema/ledger/index.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { fileError, openDatabase } from "../sql/index.ts";
import type { Ledger } from "../types.ts";
import { damageIn } from "./check.ts";
import { COMPANIONS, ledgerPath, privateCopy, privateDir, removeDatabase, syncDir } from "./files.ts";
import { assertKnownVersion, versionOf } from "./migrate.ts";
import { acquireOwnership } from "./owner.ts";

/** The instant of the last restore, milliseconds, in the restored ledger's own meta. */
export const RESTORED_AT_META = "restored_at_ms";

/** When the ledger was restored from a backup and nobody has seen to it yet; 0: it was not. */
export const restoredAtMsOf = (ledger: Pick<Ledger, "getMeta">): number =>
  Number(ledger.getMeta(RESTORED_AT_META) ?? 0);

/**
 * Puts a backup in the ledger's place. The backup is copied and checked first; the ledger that was there stays beside
 * it. Nothing has changed when this raises: STATE_OWNED (a gateway runs on it), FILE_INVALID, LEDGER_TOO_NEW,
 * STATE_UNWRITABLE, LEDGER_UNAVAILABLE.
 */
export function restoreLedger(options: {
  /** The state directory, whose owner must not be running. */
  stateDir: string;
  /** The ledger's directory. */
  dir: string;
  file: string;
  nowMs: number;
}): { restored: string; replaced?: string } {
  const { dir, file, nowMs } = options;
  const ownership = acquireOwnership(options.stateDir);
  try {
    privateDir(dir);
    const path = ledgerPath(dir);
    const fresh = `${path}.restoring`;
    try {
      copyForTrial(file, fresh);
      assertRestorable(fresh, file, nowMs);
      const replaced = keepReplaced(path, nowMs);
      renameSync(fresh, path);
      syncDir(dir);
      return { restored: path, ...(replaced === undefined ? {} : { replaced }) };
    } catch (error) {
      removeDatabase(fresh);
      throw fileError(error, path);
    }
  } finally {
    ownership.giveUp();
  }
}

/** Works on a copy, with the write-ahead log if one lies beside the file: the backup itself is never opened. */
function copyForTrial(file: string, fresh: string): void {
  removeDatabase(fresh);
  if (!existsSync(file)) throw new CommandCronError("FILE_INVALID", { field: "file", got: `no file at ${file}` });
  privateCopy(file, fresh);
  if (existsSync(`${file}-wal`)) privateCopy(`${file}-wal`, `${fresh}-wal`);
}

function assertRestorable(fresh: string, file: string, nowMs: number): void {
  const problems = examine(fresh, nowMs);
  if (problems.length > 0) {
    throw new CommandCronError("FILE_INVALID", {
      field: "file",
      expected: "an undamaged ledger",
      got: `${file} (${problems.slice(0, 3).join("; ")})`,
      details: { problems },
    });
  }
}

/** Checks the copy, notes the restore in it and makes it one file. Answers what is wrong with it. */
function examine(fresh: string, nowMs: number): string[] {
  const db = openDatabase(fresh);
  try {
    assertKnownVersion(versionOf(db), MIGRATIONS);
    const problems = damageIn(db);
    if (problems.length > 0) return problems;
    db.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
    db.run(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      RESTORED_AT_META,
      String(nowMs),
    );
    return [];
  } catch (error) {
    if (error instanceof CommandCronError && error.code === "LEDGER_CORRUPT") return [errorText(error.cause ?? error)];
    throw error;
  } finally {
    db.close();
  }
}

/**
 * Gives the ledger a second name; its first name is never missing. What its log holds is folded in or kept beside it. So is
 * a log whose ledger is lost: SQLite would take it for the log of the next one. Answers the second name; undefined: there
 * was no ledger.
 */
function keepReplaced(path: string, nowMs: number): string | undefined {
  const stamp = new Date(nowMs).toISOString().replaceAll(":", "");
  const kept = path.replace(/\.sqlite$/, `.replaced-${stamp}.sqlite`);
  const isThere = existsSync(path);
  if (isThere) {
    try {
      linkSync(path, kept);
    } catch {
      // A file system without links.
      privateCopy(path, kept);
    }
  }
  if (existsSync(`${path}-wal`)) {
    // Merely opening a damaged ledger may empty its log, so the log is copied first.
    privateCopy(`${path}-wal`, `${kept}-wal`);
    if (isThere && foldLog(path)) rmSync(`${kept}-wal`);
    for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true });
  }
  return isThere ? kept : undefined;
}

/** False when the ledger is too damaged for its log to be folded in. */
function foldLog(path: string): boolean {
  try {
    const db = openDatabase(path);
    try {
      return db.get("PRAGMA wal_checkpoint(TRUNCATE)")?.["busy"] === 0;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}
