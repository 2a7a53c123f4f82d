import { isUnavailable } from "./sql/index.ts";
import type { Ledger } from "./types.ts";

type Transactions = Pick<Ledger, "transaction">;

/**
 * Does one piece of work in a transaction of its own, or a nested one; when it throws, its writes are undone and `failed`
 * answers for it. A ledger that cannot be written now is nobody's fault: LEDGER_UNAVAILABLE is raised.
 */
export function apart<R>(ledger: Transactions, work: () => R, failed: (error: unknown) => R): R {
  try {
    return ledger.transaction(work);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return failed(error);
  }
}

const TAKEN_BACK = new Error("taken back");

/** Does the work and takes all its writes back: the answer is what it would be. Raises what the work raises. */
export function takenBack<R>(ledger: Transactions, work: () => R): R {
  const answers: R[] = [];
  try {
    ledger.transaction(() => {
      answers.push(work());
      throw TAKEN_BACK;
    });
  } catch (error) {
    if (error !== TAKEN_BACK) throw error;
  }
  return answers[0] as R;
}

/**
 * Does the same to each item, all in one transaction. When one of them throws, the batch is taken apart: all is undone,
 * every item gets a transaction of its own, and `failed` answers for those that throw again, so that one bad row never
 * stops the rest. Raises LEDGER_UNAVAILABLE; `work` must be safe to repeat.
 */
export function eachApart<T, R>(
  ledger: Transactions,
  items: readonly T[],
  work: (item: T) => R,
  failed: (item: T, error: unknown) => R,
): R[] {
  return apart(
    ledger,
    () => items.map(work),
    () =>
      items.map((item) =>
        apart(
          ledger,
          () => work(item),
          (error) => failed(item, error),
        ),
      ),
  );
}
