/** mulberry32: a small seeded generator, uniform in [0, 1), so that a printed seed repeats what was chosen. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One line of a table: the first column to the left, the others to the right. */
export const tableLine = (first: string, cells: readonly (string | number)[], widths: readonly number[]): string =>
  [first.padEnd(widths[0] ?? 0), ...cells.map((cell, index) => String(cell).padStart(widths[index + 1] ?? 8))].join(
    "  ",
  );
