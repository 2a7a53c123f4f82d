const FIRST_BYTES = 4_096;

/**
 * Keeps the last bytes of a stream, in memory that grows with it up to `capacity`. `onRound` is called each time the ring
 * has been filled once more, with all of its bytes in order, before the first of them is overwritten: every byte of a stream
 * that is longer than the ring is seen so exactly once, but for the latest.
 */
export function createTailRing(capacity: number, onRound: (bytes: Buffer) => void) {
  let store = Buffer.alloc(0);
  let position = 0;
  let full = false;

  function grow(needed: number): void {
    const next = Buffer.allocUnsafeSlow(Math.min(capacity, Math.max(needed, FIRST_BYTES, store.length * 2)));
    store.copy(next, 0, 0, position);
    store = next;
  }

  return {
    push(chunk: Buffer): void {
      for (let from = 0; from < chunk.length; ) {
        if (position === capacity) {
          onRound(store);
          full = true;
          position = 0;
        }
        const wanted = position + chunk.length - from;
        if (store.length < capacity && store.length < wanted) grow(wanted);
        const count = chunk.copy(store, position, from);
        position += count;
        from += count;
      }
    },
    /** The kept bytes in order. */
    value: (): Buffer => (full ? Buffer.concat([store.subarray(position), store.subarray(0, position)]) : latest()),
    latest,
  };

  /** The bytes written since the last full round. */
  function latest(): Buffer {
    return Buffer.from(store.subarray(0, position));
  }
}
