import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CommandCronError } from "../../kernel/errors.ts";
import { bootId } from "../../kernel/ids.ts";
import { fileError, primaryCode } from "../sql/index.ts";
import { privateDir, privateFile } from "./files.ts";

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/** Keeps the connections alive: one that is collected as garbage would let go of its lock without a word. */
const held = new Set<DatabaseSync>();

interface Ownership {
  giveUp(): void;
}

/** Who holds a state directory, for people; the lock itself is SQLite's. */
interface Owner {
  pid: number;
  host: string;
  bootId: string;
}

/**
 * Makes this process the one owner of a state directory, until `giveUp` or the end of the process: the lock is an
 * open exclusive transaction, which the operating system ends with the process, however that dies.
 * Raises STATE_OWNED (with the owner's pid, when known), STATE_UNWRITABLE, LEDGER_UNAVAILABLE.
 */
export function acquireOwnership(dir: string): Ownership {
  privateDir(dir);
  const lock = join(dir, "owner.sqlite");
  const note = join(dir, "owner.json");
  privateFile(lock);
  const db = hold(lock, note);
  try {
    writeNote(note);
  } catch (error) {
    db.close();
    throw fileError(error, note);
  }
  held.add(db);
  return {
    giveUp() {
      if (!held.delete(db)) return;
      rmSync(note, { force: true });
      db.close();
    },
  };
}

function hold(lock: string, note: string): DatabaseSync {
  for (let repaired = false; ; repaired = true) {
    const db = new DatabaseSync(lock);
    try {
      // Nothing is ever written, so there is nothing to roll back after a crash.
      db.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
      return db;
    } catch (error) {
      db.close();
      const code = primaryCode(error);
      if (code === SQLITE_BUSY) throw ownedBy(note, error);
      // The file holds nothing but the lock, and nobody had it: whatever was written there may go.
      if (code !== SQLITE_NOTADB || repaired) throw fileError(error, lock);
      truncateSync(lock);
    }
  }
}

function ownedBy(note: string, cause: unknown): CommandCronError {
  const owner = readNote(note);
  return new CommandCronError("STATE_OWNED", {
    ...(owner === undefined ? {} : { got: `process ${owner.pid} on ${owner.host}`, details: { ...owner } }),
    cause,
  });
}

function writeNote(note: string): void {
  const owner: Owner = { pid: process.pid, host: hostname(), bootId: bootId() };
  const part = `${note}.${process.pid}`;
  writeFileSync(part, JSON.stringify(owner), { mode: 0o600 });
  renameSync(part, note);
}

/** The note may be missing or torn for a moment; then the owner stays unnamed. */
function readNote(note: string): Owner | undefined {
  try {
    const { pid, host, bootId: boot } = JSON.parse(readFileSync(note, "utf8")) as Record<string, unknown>;
    return typeof pid === "number" ? { pid, host: String(host), bootId: String(boot) } : undefined;
  } catch {
    return undefined;
  }
}
