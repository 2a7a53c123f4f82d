import { setTimeout as sleep } from "node:timers/promises";

/** Looks until `check` answers something truthy, and answers that. What it throws in the meantime is shown when time is up. */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  options: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value) return value as NonNullable<Exclude<T, false>>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await sleep(options.everyMs ?? 50);
  }
  throw new Error(`gave up after ${timeoutMs} ms waiting for ${options.what ?? "a condition"}`, { cause: last });
}
