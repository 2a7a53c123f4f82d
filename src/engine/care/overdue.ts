import type { CommandSpec } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { formatDurationMs, SECOND_MS } from "../../kernel/durations.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import { attemptKey, attemptLimits, longestMs } from "../run/index.ts";

/** What ending a tree and telling of it may take beyond limit and grace. */
const MARGIN_MS = 10 * SECOND_MS;

/** An attempt, and what it may take. */
type Limited = Pick<CommandSpec, "attemptKey"> & Parameters<typeof longestMs>[0];

/** Watches that each attempt is over by its limit plus grace, whatever its runner says or does not say. */
export function createOverdue(deps: {
  clock: Clock;
  raise(code: string, key: string, message: string): void;
  close(code: string, key: string): void;
}) {
  const timers = new Map<string, () => void>();
  const told = new Set<string>();

  /** An attempt begins, or is found running. One without a limit is never overdue. */
  function watch(spec: Limited): void {
    const { attemptKey, stopGraceMs } = spec;
    const limitMs = longestMs(spec);
    if (limitMs === undefined || timers.has(attemptKey)) return;
    const tell = (): void => {
      if (!timers.delete(attemptKey)) return;
      told.add(attemptKey);
      const text = `run ${attemptKey} is past its limit of ${formatDurationMs(limitMs)} and its end is not known`;
      deps.raise("RUN_OVERDUE", attemptKey, text);
    };
    // The end may have arrived while this process was held up: it is read before anybody is alarmed.
    const cancel = deps.clock.setTimer(() => setImmediate(tell), limitMs + stopGraceMs + MARGIN_MS);
    timers.set(attemptKey, cancel);
  }

  return {
    /** A start whose attempts are watched. */
    watching:
      (start: RunnerPort["start"]): RunnerPort["start"] =>
      (spec, place) => {
        // How long a node is waited for is its job's own rule.
        if (place === undefined) watch(spec);
        start(spec, place);
      },
    /** Those that were found running have their limit counted from here. */
    watchFound(ledger: Ledger): void {
      for (const run of ledger.runs.running()) {
        const job = ledger.jobs.get(run.jobId);
        if (job === undefined || job.definition.policy?.target !== undefined) continue;
        watch({ attemptKey: attemptKey(run.id, run.attempt), ...attemptLimits(job.definition) });
      }
    },
    /** Its end is known. */
    done(attemptKey: string): void {
      timers.get(attemptKey)?.();
      timers.delete(attemptKey);
      if (told.delete(attemptKey)) deps.close("RUN_OVERDUE", attemptKey);
    },
    stop(): void {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
