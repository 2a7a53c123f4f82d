import { closeSync, fdatasync, openSync, statSync } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { type Database, fileError, type LedgerFaults } from "../sql/index.ts";

/**
 * Makes commits survive a power cut without holding the event loop: SQLite appends them to the write-ahead log
 * unsynced, and `durable` syncs that file in the background, once for all who wait. docs/decisions/0002-durability.md
 * says why a checkpoint in between does no harm.
 */
interface Durability {
  /** Resolves when every commit made before the call is on disk. Raises LEDGER_UNAVAILABLE. */
  durable(): Promise<void>;
  /** Since when the sync under way lasts, monotonic; undefined: none is. */
  syncingSinceMs(): number | undefined;
  close(): void;
}

export function createDurability(deps: {
  db: Database;
  path: string;
  clock: Pick<Clock, "monotonicMs">;
  faults?: LedgerFaults | undefined;
}): Durability {
  const { db, clock, faults } = deps;
  const path = `${deps.path}-wal`;
  // Kept open: the log is the same file for as long as a connection to the ledger is open.
  const handle = open(path);
  // Asked in the same way as later: not every system names a file alike by handle and by path.
  const written = statSync(path);
  // A log that an earlier process left may not be on disk; the first call finds out.
  let onDisk = -1;
  /** Commits that the sync under way covers. */
  let covered = -1;
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  let sinceMs: number | undefined;
  let failed = false;
  let closed = false;

  async function sync(): Promise<void> {
    const upTo = db.commits();
    covered = upTo;
    // Closing has folded the log into the ledger and removed it.
    if (closed) return;
    try {
      await faults?.at("sync");
      await syncHandle(handle);
      if (closed) return;
      assertInPlace();
      // After a failed sync the system may forget what it could not write and report success next time. Only a
      // checkpoint writes the same pages once more, into the database itself.
      if (failed) db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      failed = false;
      onDisk = upTo;
    } catch (error) {
      failed = true;
      throw fileError(error, path);
    }
  }

  /** Somebody may have moved or removed the directory: what is synced then is where nobody will look for it. */
  function assertInPlace(): void {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.ino === written.ino && there.dev === written.dev) return;
    const got = `${path} is not the file any more that is written; its directory was moved, removed or replaced`;
    throw new CommandCronError("LEDGER_UNAVAILABLE", { got });
  }

  function start(): Promise<void> {
    sinceMs = clock.monotonicMs();
    running = sync().finally(() => {
      running = undefined;
      sinceMs = undefined;
    });
    return running;
  }

  return {
    durable() {
      if (onDisk === db.commits()) return Promise.resolve();
      if (running === undefined) return start();
      if (covered === db.commits()) return running;
      // The sync under way began before the caller's commit: wait for it, then share the next one.
      const next = (): Promise<void> => {
        waiting = undefined;
        return running ?? start();
      };
      waiting ??= running.then(next, next);
      return waiting;
    },

    syncingSinceMs: () => sinceMs,

    close() {
      if (closed) return;
      closed = true;
      // A sync under way still uses the handle.
      if (running === undefined) closeSync(handle);
      else void running.catch(() => {}).then(() => closeSync(handle));
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, "r+");
  } catch (error) {
    throw fileError(error, path);
  }
}

const syncHandle = promisify(fdatasync);
