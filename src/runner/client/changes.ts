import type { Clock } from "../../kernel/clock.ts";

/** Lets callers wait for a state that others bring about. */
interface Changes {
  /** Something may have changed. */
  tell(): void;
  /** Resolves when `check` holds, or the time is up. */
  until(check: () => boolean, maxMs: number): Promise<void>;
}

export function createChanges(clock: Clock): Changes {
  const waiting = new Set<() => void>();
  return {
    tell() {
      for (const look of [...waiting]) look();
    },
    until: (check, maxMs) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(look);
          cancelTimer();
          resolve();
        };
        const look = (): void => {
          if (check()) done();
        };
        const cancelTimer = clock.setTimer(done, maxMs);
        waiting.add(look);
        look();
      }),
  };
}
