import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CommandCronError } from "../../kernel/errors.ts";
import { fileError } from "../sql/index.ts";
import { runAside } from "./aside.ts";
import { FILE_ONLY } from "./check.ts";
import { privateFile, removeDatabase, syncDir, syncFile } from "./files.ts";

/**
 * Copies the ledger while it is in use, as it is at one instant, in a thread of its own. The file appears under its name
 * when it is whole, verified and on disk. Raises FILE_INVALID when the name is taken, STATE_UNWRITABLE,
 * LEDGER_UNAVAILABLE, LEDGER_CORRUPT.
 */
export async function backupLedger(path: string, file: string): Promise<void> {
  const name = resolve(file);
  if (underWay.has(name) || existsSync(name)) {
    throw new CommandCronError("FILE_INVALID", { field: "file", expected: "a name that is not taken", got: file });
  }
  underWay.add(name);
  try {
    await copy(path, file);
  } finally {
    underWay.delete(name);
  }
}

/** Copies being made: their names are taken, though nothing is there yet. */
const underWay = new Set<string>();

async function copy(path: string, file: string): Promise<void> {
  const part = newPart(file);
  try {
    // Unlike SQLite's page-by-page copy it reads one snapshot, so that steady writing can neither delay nor break it.
    await runAside(path, [`VACUUM INTO '${part.replaceAll("'", "''")}'`]);
    const [, checked] = await runAside(part, [FILE_ONLY, "PRAGMA quick_check(1)"]);
    const answer = checked?.[0]?.["quick_check"];
    if (answer !== "ok") throw new CommandCronError("LEDGER_CORRUPT", { got: `${answer} in the copy` });
    syncFile(part);
    renameSync(part, file);
    syncDir(dirname(file));
  } catch (error) {
    removeDatabase(part);
    throw fileError(error, file);
  }
}

function newPart(file: string): string {
  const part = `${file}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    removeDatabase(part);
  } catch (error) {
    throw fileError(error, file);
  }
  privateFile(part);
  return part;
}
