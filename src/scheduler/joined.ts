import { isUnavailable } from "../ledger/index.ts";
import type { Ledger } from "../ledger/types.ts";

/** More of them hold the event loop too long; they are for its further turns. */
const WORKS_A_LOOK = 8;

interface Work {
  /** Does it; answers how to tell what it has come to. Raises LEDGER_UNAVAILABLE. */
  begin(): () => void;
  reject(error: unknown): void;
}

/** Work that is committed with a look's claims: one transaction and one sync instead of several. */
interface Joined {
  add<T>(work: () => T): Promise<T>;
  /** Does some of what waits, then `claims`, in one transaction. Neither undoes the other by failing. */
  with<R>(claims: () => R): R;
  /** Does all that waits, while there are no looks. */
  alone(): void;
  isWaiting(): boolean;
}

/** @param keep remembers what work changes in memory; it answers how to put that back */
export function createJoined(ledger: Pick<Ledger, "transaction">, keep: () => () => void): Joined {
  const waiting: Work[] = [];

  function inOne<R>(claims: () => R): R {
    const batch = waiting.splice(0, WORKS_A_LOOK);
    if (batch.length === 0) return claims();
    const putBack = keep();
    let tellings: (() => void)[] = [];
    let answer: () => R;
    try {
      answer = ledger.transaction(() => {
        tellings = batch.map((work) => work.begin());
        return outcomeOf(claims);
      });
    } catch (error) {
      putBack();
      for (const work of batch) work.reject(error);
      throw error;
    }
    for (const tell of tellings) tell();
    return answer();
  }

  return {
    add: (work) =>
      new Promise((resolve, reject) => {
        const begin = (): (() => void) => {
          const done = outcomeOf(() => ledger.transaction(work));
          return () => {
            try {
              resolve(done());
            } catch (error) {
              reject(error);
            }
          };
        };
        waiting.push({ begin, reject });
      }),
    with: inOne,
    alone() {
      while (waiting.length > 0) {
        try {
          inOne(() => {});
        } catch {
          // Told to whoever waits for it.
        }
      }
    },
    isWaiting: () => waiting.length > 0,
  };
}

/** What the work answers or raises, for later. Raises LEDGER_UNAVAILABLE at once: the whole transaction is lost then. */
function outcomeOf<R>(work: () => R): () => R {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return () => {
      throw error;
    };
  }
}
