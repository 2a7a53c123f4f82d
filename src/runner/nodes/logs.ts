import { type Clock, within } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { isRecord } from "../../kernel/record.ts";
import { fetchLog } from "./fetch-log.ts";
import type { HeldAttempt } from "./types.ts";

/** Whoever looks at a log waits no longer for its node. */
const QUICK_MS = 2 * SECOND_MS;
/** What was fetched so lately is fresh. */
const FRESH_MS = SECOND_MS / 2;

type Copied = Pick<HeldAttempt, "attemptKey" | "logDir">;

/** Copies of the logs that lie on one node; each is written by one at a time. */
export function createNodeLogs(read: Parameters<typeof fetchLog>[0], clock: Clock) {
  const busy = new Map<string, Promise<unknown>>();
  const freshAtMs = new Map<string, number>();

  async function update(one: Copied): Promise<void> {
    const { attemptKey } = one;
    const listed = await read({ attemptKey });
    await fetchLog(read, one, isRecord(listed) ? listed["files"] : undefined);
    freshAtMs.set(attemptKey, clock.monotonicMs());
  }

  function begin<T>(key: string, work: Promise<T>): Promise<T> {
    busy.set(key, work);
    return work.finally(() => busy.delete(key));
  }

  return {
    /** All of it, for a run that is over. */
    async finish(one: Copied, files: unknown): ReturnType<typeof fetchLog> {
      const { attemptKey } = one;
      await busy.get(attemptKey);
      freshAtMs.delete(attemptKey);
      return await begin(attemptKey, fetchLog(read, one, files));
    },
    /** What there is of it by now. */
    async freshen(one: Copied): Promise<void> {
      const { attemptKey } = one;
      const atMs = freshAtMs.get(attemptKey);
      if (atMs !== undefined && clock.monotonicMs() - atMs < FRESH_MS) return;
      const quietly = (): Promise<void> => update(one).catch(() => undefined);
      const work = busy.get(attemptKey) ?? begin(attemptKey, quietly());
      await within(clock, QUICK_MS, work, () => undefined);
    },
  };
}
