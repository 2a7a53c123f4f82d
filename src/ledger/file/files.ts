import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  constants as fileConstants,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileError } from "../sql/index.ts";

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;

export const ledgerPath = (dir: string): string => join(dir, "ledger.sqlite");
/** SQLite's companions of a database file: its write-ahead log and the index of that. */
export const COMPANIONS = ["-wal", "-shm"] as const;

/** Makes the directory, for its owner alone whatever the umask. Raises STATE_UNWRITABLE, LEDGER_UNAVAILABLE. */
export function privateDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: PRIVATE_DIR });
    narrow(dir, PRIVATE_DIR);
  } catch (error) {
    throw fileError(error, dir);
  }
}

/**
 * Makes an empty file for its owner alone, or narrows the one that is there. SQLite gives its companions the same mode.
 * A file that is there is not opened: closing any handle of a database drops the locks this process holds on it.
 */
export function privateFile(path: string): void {
  try {
    if (!existsSync(path)) closeSync(openSync(path, "a", PRIVATE_FILE));
    narrow(path, PRIVATE_FILE);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Copies a file for its owner alone; the copy is on disk when this returns. Shares blocks where the file system can. */
export function privateCopy(from: string, to: string): void {
  try {
    rmSync(to, { force: true });
    copyFileSync(from, to, fileConstants.COPYFILE_EXCL | fileConstants.COPYFILE_FICLONE);
    narrow(to, PRIVATE_FILE);
    syncFile(to);
    syncDir(dirname(to));
  } catch (error) {
    rmSync(to, { force: true });
    throw fileError(error, to);
  }
}

/** Makes names in a directory durable. Windows has no such call and needs none. */
export const syncDir = (dir: string): void => {
  if (process.platform !== "win32") syncFile(dir, "r");
};

export function syncFile(path: string, flags = "r+"): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function removeDatabase(path: string): void {
  for (const suffix of ["", ...COMPANIONS]) rmSync(`${path}${suffix}`, { force: true });
}

function narrow(path: string, mode: number): void {
  if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
}
