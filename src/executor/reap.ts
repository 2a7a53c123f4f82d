import type { Cleanup } from "../../schema/wire/run.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { bootId, sameBoot } from "../kernel/ids.ts";
import { systemProcessTable } from "./executor.ts";
import { COOKIE_NAME } from "./spawn.ts";
import { createPosixTree, type ProcessTable, sharingLists } from "./tree/index.ts";
import type { ProcessIdentity } from "./types.ts";
import { verifyKey } from "./verify.ts";

const GRACE_MS = 2_000;

/** Who is to be ended, and what is known of it. */
export interface Orphan {
  attemptKey: string;
  identity?: ProcessIdentity;
}

/** What was found of each attempt, by its key, and what became of it. */
export type Statements = ReadonlyMap<string, Cleanup>;

/**
 * Ends what is left of attempts that nobody looks after any more, by recorded identity and by the inherited variable.
 * Processes of another boot are left alone.
 */
export async function reapOrphans(
  orphans: readonly Orphan[],
  deps: { clock?: Clock; table?: ProcessTable; stopSignal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<Statements> {
  if (process.platform === "win32") return new Map();
  const table = sharingLists(deps.table ?? systemProcessTable());
  const all = orphans.map(
    async (orphan): Promise<[string, Cleanup]> => [orphan.attemptKey, await reapOne(orphan, { ...deps, table })],
  );
  return new Map(await Promise.all(all));
}

async function reapOne(
  { attemptKey, identity }: Orphan,
  deps: { table: ProcessTable; clock?: Clock; stopSignal?: NodeJS.Signals; graceMs?: number },
): Promise<Cleanup> {
  const root =
    identity === undefined || !sameBoot(identity.bootId, bootId()) || identity.startTime === ""
      ? { pid: -1, startTime: 0 }
      : { pid: identity.pid, startTime: Number(identity.startTime) };
  const tree = createPosixTree({
    root,
    reaped: true,
    cookie: `${COOKIE_NAME}=${attemptKey}`,
    table: withCheck(deps.table, `${COOKIE_NAME}=${verifyKey(attemptKey)}`),
    clock: deps.clock ?? systemClock,
    // What to mask in the arguments was known only to whoever looked after the attempt, so none are kept.
    clean: (text) => text.replace(/\s.*/s, ""),
  });
  await tree.end({ stopSignal: deps.stopSignal ?? "SIGTERM", graceMs: deps.graceMs ?? GRACE_MS });
  return tree.statement();
}

/** The table as if the processes of an attempt's check bore the cookie of its command. */
const withCheck = (table: ProcessTable, check: string): ProcessTable => ({
  ...table,
  carries(pid, cookie) {
    const command = table.carries(pid, cookie);
    if (command === true) return true;
    const other = table.carries(pid, check);
    return other === true ? true : command === undefined ? undefined : other;
  },
});
