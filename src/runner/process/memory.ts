interface CollectOptions {
  type: "major";
  flavor: "last-resort";
}

/**
 * Gives back what past commands took: a plain collection keeps the pages, the last resort does not. Does nothing unless
 * Node was started with `--expose-gc`.
 */
export function releaseMemory(): void {
  const collect = (globalThis as { gc?: (options: CollectOptions) => void }).gc;
  collect?.({ type: "major", flavor: "last-resort" });
}
