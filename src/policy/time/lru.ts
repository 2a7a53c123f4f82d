/** A map that forgets what was used least recently. Holds compiled expressions and zones, never job state. */
interface Lru<V> {
  /** The value under `key`, made by `make` when it is not there. A `make` that throws stores nothing. */
  get(key: string, make: () => V): V;
}

export function createLru<V>(max: number): Lru<V> {
  const entries = new Map<string, V>();
  return {
    get(key, make) {
      const known = entries.get(key);
      const value = known ?? make();
      if (known !== undefined) entries.delete(key);
      entries.set(key, value);
      if (entries.size > max) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      return value;
    },
  };
}
