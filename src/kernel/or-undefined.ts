/** What the work answers; undefined where it raises. For what may not be there, or not be readable, and matters no more. */
export function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Whether the work was done without raising. For what may fail, and where that is all there is to know. */
export const succeeds = (work: () => unknown): boolean => orUndefined(() => [work()]) !== undefined;
