/** CPU time of this thread; threads that sync the disk or collect garbage beside it do not hold its event loop. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The longest turn of this process's event loop since then, in CPU time: what else the machine does is not in it. */
export function watchTurns(): { stop(): number } {
  let longest = 0;
  let last = threadCpuMs();
  let live = true;
  const look = (): void => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (live) setImmediate(look);
  };
  setImmediate(look);
  return {
    stop() {
      live = false;
      return longest;
    },
  };
}
