/** Does the work so often, one after the other. */
export async function repeat<T>(times: number, work: (index: number) => T): Promise<Awaited<T>[]> {
  const results: Awaited<T>[] = [];
  for (let index = 0; index < times; index += 1) results.push(await work(index));
  return results;
}

/** Does the work for every index, at most `width` at once. */
export async function inParallel<T>(count: number, width: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results = new Array<T>(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return results;
}

/** How long the work takes, milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
