import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Between two looks while somebody waits; a write wakes us earlier. */
const LOOK_MS = 1;

export interface LedgerView {
  /** When the run's final row could be read by another process, on this process's `performance.now()`. */
  final(runId: string, lookMs?: number): Promise<number>;
  /** When nothing was queued or running any more. */
  idle(): Promise<number>;
  close(): void;
}

/** Reads a living ledger from outside, as an auditor would. */
export function openLedgerView(stateDir: string): LedgerView {
  const file = join(stateDir, "command-cron", "ledger", "ledger.sqlite");
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 1000");
  const ended = db.prepare("SELECT 1 FROM runs WHERE id = ? AND ended_at_ms IS NOT NULL");
  const busy = db.prepare("SELECT 1 FROM runs WHERE ended_at_ms IS NULL LIMIT 1");
  const waiting = new Map<() => boolean, (atMs: number) => void>();
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    for (const [isTrue, resolve] of waiting) {
      if (!isTrue()) continue;
      waiting.delete(isTrue);
      resolve(performance.now());
    }
    if (waiting.size > 0) return;
    watcher?.close();
    watcher = undefined;
    clearInterval(timer);
    timer = undefined;
  }

  function when(isTrue: () => boolean, lookMs = LOOK_MS): Promise<number> {
    return new Promise((resolve) => {
      waiting.set(isTrue, resolve);
      // A write to the log comes just before its commit can be seen; the timer closes that gap.
      watcher ??= watch(`${file}-wal`, () => setImmediate(look));
      timer ??= setInterval(look, lookMs);
      look();
    });
  }

  return {
    final: (runId, lookMs) => when(() => ended.get(runId) !== undefined, lookMs),
    idle: () => when(() => busy.get() === undefined),
    close() {
      watcher?.close();
      clearInterval(timer);
      db.close();
    },
  };
}
