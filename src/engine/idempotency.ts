import { CommandCronError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/ids.ts";
import { isRecord } from "../kernel/record.ts";
import type { Ledger } from "../ledger/types.ts";

/** Answers of earlier calls under one key of the caller's; every member does nothing without a key. */
interface Remembered<T> {
  /** What the first call was answered. Raises IDEMPOTENCY_CONFLICT when that was another request. */
  answer(): T | undefined;
  /** Keeps an answer, refusals too, for seven days; in the transaction of what it is about. */
  keep(answer: T): void;
}

/** `T` holds ids and verdicts, never what a job consists of: its environment may be secret. */
export function remembered<T>(
  ledger: Ledger,
  method: "add" | "run",
  key: string | undefined,
  request: unknown,
  nowMs: () => number,
): Remembered<T> {
  if (key === undefined) return { answer: () => undefined, keep: () => {} };
  const hash = sha256(canonical(request));
  return {
    answer() {
      const before = ledger.idempotency.get(method, key);
      if (before !== undefined && before.requestHash !== hash) {
        throw new CommandCronError("IDEMPOTENCY_CONFLICT", { got: key });
      }
      return before?.result as T | undefined;
    },
    keep: (answer) => ledger.idempotency.put(method, key, hash, answer, nowMs()),
  };
}

/** JSON whose fields stand in one order, whatever order they came in. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
