import { useEffect, useReducer } from "preact/hooks";

/** Something that views show and that changes by itself. */
export class Store {
  #listeners = new Set<() => void>();

  subscribe(fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  protected changed(): void {
    for (const fn of this.#listeners) fn();
  }
}

/** Draws again whenever the store has changed. */
export function useStore<T extends Store>(store: T): T {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => store.subscribe(() => draw(undefined)), [store]);
  return store;
}

/** What changes all the time is asked for this often. */
export const MOST_REST_MS = 2_000;

/** Resolves when somebody looks at the page. */
const seen = (): Promise<void> =>
  new Promise((done) => {
    if (!document.hidden) return done();
    const look = (): void => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
  });

/**
 * Does the work when it is asked for, and once more where it was asked for meanwhile, however often. Between two times it
 * rests for `restMs`, and twice as long each time while there is no end of it, up to `mostRestMs`. A page that nobody sees asks for nothing.
 */
export function inTurn(work: () => Promise<void>, restMs: number, mostRestMs = MOST_REST_MS): () => void {
  let busy = false;
  let wanted = false;
  async function go(): Promise<void> {
    busy = true;
    let pauseMs = restMs;
    do {
      await seen();
      wanted = false;
      await work().catch(() => {});
      await new Promise((done) => setTimeout(done, pauseMs));
      pauseMs = Math.min(2 * pauseMs, mostRestMs);
    } while (wanted);
    busy = false;
  }
  return () => {
    wanted = true;
    if (!busy) void go();
  };
}
