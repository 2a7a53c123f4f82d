/** What the work answers; undefined where it raises. For what may not be there, or not be readable, and matters no more. */
export function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
