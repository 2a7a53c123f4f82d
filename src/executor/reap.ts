import { type Clock, systemClock } from "../kernel/clock.ts";
import { bootId } from "../kernel/ids.ts";
import { systemProcessTable } from "./executor.ts";
import type { ProcessTable } from "./process-table.ts";
import { createScanner, type Scanner } from "./scanner.ts";
import { COOKIE_NAME } from "./spawn.ts";
import { createPosixTree } from "./tree-posix.ts";
import type { ProcessIdentity } from "./types.ts";

const GRACE_MS = 2_000;

/** Who is to be ended, and what is known of it. */
export interface Orphan {
  attemptKey: string;
  identity?: ProcessIdentity;
}

/**
 * Ends what is left of attempts that nobody looks after any more, by recorded identity and by the inherited variable.
 * Processes of another boot are left alone.
 */
export async function reapOrphans(
  orphans: readonly Orphan[],
  deps: { clock?: Clock; table?: ProcessTable; stopSignal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<{ found: number; left: number }> {
  if (process.platform === "win32") return { found: 0, left: 0 };
  const table = deps.table ?? systemProcessTable();
  const scanner = createScanner(table);
  const all = await Promise.all(orphans.map((orphan) => reapOne(orphan, { table, scanner, ...deps })));
  return all.reduce((sum, one) => ({ found: sum.found + one.found, left: sum.left + one.left }), { found: 0, left: 0 });
}

async function reapOne(
  { attemptKey, identity }: Orphan,
  deps: { table: ProcessTable; scanner: Scanner; clock?: Clock; stopSignal?: NodeJS.Signals; graceMs?: number },
): Promise<{ found: number; left: number }> {
  const root =
    identity === undefined || identity.bootId !== bootId() || identity.startTime === ""
      ? { pid: -1, startTime: 0 }
      : { pid: identity.pid, startTime: Number(identity.startTime) };
  const tree = createPosixTree({
    root,
    reaped: true,
    cookie: `${COOKIE_NAME}=${attemptKey}`,
    table: deps.table,
    scanner: deps.scanner,
    clock: deps.clock ?? systemClock,
    clean: (text) => text,
  });
  await tree.end({ stopSignal: deps.stopSignal ?? "SIGTERM", graceMs: deps.graceMs ?? GRACE_MS });
  const { found, left } = tree.statement();
  return { found, left: left.length };
}
