import { threadCpuMs } from "./cpu.ts";

/**
 * The longest turn of this process's event loop since then, in CPU time: what else the machine does is not in it. `next`
 * says when it is looked again.
 */
export function watchTurns(next: (look: () => void) => unknown = setImmediate): { stop(): number } {
  let longest = 0;
  let last = threadCpuMs();
  let live = true;
  const look = (): void => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (live) next(look);
  };
  next(look);
  return {
    stop() {
      live = false;
      return longest;
    },
  };
}
