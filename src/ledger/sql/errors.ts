import { CommandCronError, type ErrorCode, errorText, systemCode } from "../../kernel/errors.ts";

/** SQLite's primary result codes that say "not now": the same call may work later, on the same connection. */
const UNAVAILABLE = new Map([
  [3, "SQLITE_PERM"],
  [5, "SQLITE_BUSY"],
  [6, "SQLITE_LOCKED"],
  [7, "SQLITE_NOMEM"],
  [8, "SQLITE_READONLY"],
  [10, "SQLITE_IOERR"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [15, "SQLITE_PROTOCOL"],
]);
/** Result codes that say "this file is not what it should be". */
const CORRUPT = new Map([
  [11, "SQLITE_CORRUPT"],
  [26, "SQLITE_NOTADB"],
]);

/** SQLite's primary result code of anything thrown, when it has one. The upper bits say more and are dropped. */
export function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/**
 * What a failed SQLite call means to the rest of the product: LEDGER_UNAVAILABLE (retryable), LEDGER_CORRUPT, or the
 * error itself where it is a mistake of ours.
 */
export function ledgerError(error: unknown): unknown {
  const primary = primaryCode(error);
  if (primary === undefined) return error;
  const unavailable = UNAVAILABLE.get(primary);
  if (unavailable !== undefined) return coded("LEDGER_UNAVAILABLE", unavailable, error);
  const corrupt = CORRUPT.get(primary);
  return corrupt === undefined ? error : coded("LEDGER_CORRUPT", corrupt, error);
}

/** System codes of a directory or file that this user may not write, now or later. */
const UNWRITABLE = new Set(["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** The meaning of a failed file system call: STATE_UNWRITABLE where rights or the path are at fault, else LEDGER_UNAVAILABLE. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof CommandCronError) return error;
  const system = systemCode(error);
  if (system === undefined || system.startsWith("ERR_")) return ledgerError(error);
  return new CommandCronError(UNWRITABLE.has(system) ? "STATE_UNWRITABLE" : "LEDGER_UNAVAILABLE", {
    got: `${system} at ${path}`,
    details: { system, path },
    cause: error,
  });
}

const coded = (code: ErrorCode, sqlite: string, cause: unknown): CommandCronError =>
  new CommandCronError(code, { got: `${sqlite} (${errorText(cause)})`, details: { sqlite }, cause });

/** SQLITE_FULL, SQLITE_IOERR and their kind: the work may be repeated later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof CommandCronError && error.code === "LEDGER_UNAVAILABLE";
