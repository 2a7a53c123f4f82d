import type { Clock } from "../../kernel/clock.ts";
import type { ProcessTree, TreeMember } from "./tree.ts";

/** When a running tree is looked at; the last one repeats. */
const PAUSES_MS = [50, 450, 1_500, 5_000, 15_000];

/**
 * Looks at a running tree early and then ever more seldom: for what it uses, and to know its members should their
 * parents end. `seen` also gets the time since the look before. Answers how to stop.
 */
export function observeTree(
  clock: Clock,
  tree: ProcessTree,
  seen: (members: TreeMember[], sinceMs: number) => void,
): () => void {
  const beganMs = clock.monotonicMs();
  let seenMs = beganMs;
  let stopped = false;
  let cancel = (): void => {};

  function arm(round: number): void {
    if (stopped) return;
    const pauseMs = PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] ?? 0;
    cancel = clock.setTimer(() => {
      const next = (): void => arm(round + 1);
      tree
        .observe(clock.monotonicMs() - beganMs)
        .then((members) => {
          const nowMs = clock.monotonicMs();
          if (!stopped) seen(members, nowMs - seenMs);
          seenMs = nowMs;
        })
        .then(next, next);
    }, pauseMs);
  }

  arm(0);
  return () => {
    stopped = true;
    cancel();
  };
}
