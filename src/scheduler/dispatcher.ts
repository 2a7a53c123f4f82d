import type { Clock } from "../kernel/clock.ts";
import type { Ledger, RunRecord } from "../ledger/types.ts";
import { DEFAULT_POOL } from "./decider.ts";

export interface DispatcherDeps {
  ledger: Ledger;
  clock: Clock;
  /** Runs at a time, all pools together. */
  concurrency: number;
  /** Further limits of named pools. */
  pools: Record<string, number>;
  /** Called inside the transaction that makes the run `running`: what must be true before a process may exist. */
  began(run: RunRecord, startedAtMs: number): void;
  /** Takes runs that have their slots. A slot is free again when `release` is called with the run's id. */
  launch(runs: RunRecord[]): void;
}

export interface Dispatcher {
  /** Gives free slots to ready runs. */
  pump(): void;
  /** Counts a run that is running already, after a restart. */
  occupy(runId: string, pool: string): void;
  release(runId: string): void;
  running(): number;
}

/**
 * Gives slots to ready runs: oldest first, pools in turn, so that a full pool never holds up another one.
 * Slots are counted in memory; only one engine owns a state directory, and a restart counts them anew.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const slots = new Map<string, string>();
  const inPool = new Map<string, number>();

  // A pool may be called like something every object has.
  const limitOf = (pool: string): number =>
    pool === DEFAULT_POOL || !Object.hasOwn(deps.pools, pool)
      ? deps.concurrency
      : (deps.pools[pool] ?? deps.concurrency);
  const freeIn = (pool: string): number => limitOf(pool) - (inPool.get(pool) ?? 0);

  function occupy(runId: string, pool: string): void {
    if (slots.has(runId)) return;
    slots.set(runId, pool);
    inPool.set(pool, (inPool.get(pool) ?? 0) + 1);
  }

  function pick(nowMs: number, free: number): RunRecord[] {
    const queues = deps.ledger.runs
      .queuedPools(nowMs)
      .map((pool) => ({ pool, runs: deps.ledger.runs.ready(nowMs, pool, Math.max(0, Math.min(freeIn(pool), free))) }))
      .filter((queue) => queue.runs.length > 0);
    const picked: RunRecord[] = [];
    for (let turn = 0; picked.length < free && queues.some((queue) => turn < queue.runs.length); turn += 1) {
      const round = queues.flatMap((queue) => queue.runs[turn] ?? []).sort((a, b) => a.seq - b.seq);
      picked.push(...round.slice(0, free - picked.length));
    }
    return picked;
  }

  return {
    occupy,
    pump() {
      while (slots.size < deps.concurrency) {
        const nowMs = deps.clock.nowMs();
        const free = deps.concurrency - slots.size;
        const picked = pick(nowMs, free).filter((run) => !slots.has(run.id));
        if (picked.length === 0) return;
        const begun = deps.ledger.transaction(() =>
          picked.filter((run) => {
            if (deps.ledger.runs.begin(run.id, nowMs) === "started") {
              deps.began({ ...run, status: "running", attempt: run.attempt + 1 }, nowMs);
              return true;
            }
            // Another run of this job is running: wait for it like a buffered one, out of the way of other jobs.
            deps.ledger.runs.setReady(run.id, nowMs + RETRY_CONFLICT_MS);
            return false;
          }),
        );
        for (const run of begun) occupy(run.id, run.pool);
        if (begun.length > 0)
          deps.launch(begun.map((run) => ({ ...run, status: "running", attempt: run.attempt + 1 })));
        // Slots are left and nobody had to stand back: nothing else is ready.
        if (begun.length === picked.length && picked.length < free) return;
      }
    },
    release(runId) {
      const pool = slots.get(runId);
      if (pool === undefined) return;
      slots.delete(runId);
      inPool.set(pool, Math.max(0, (inPool.get(pool) ?? 1) - 1));
    },
    running: () => slots.size,
  };
}

/** A safety net only: settling a run lets the job's waiting runs go at once. */
const RETRY_CONFLICT_MS = 1_000;
