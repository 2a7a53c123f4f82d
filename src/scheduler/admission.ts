import type { Clock } from "../kernel/clock.ts";
import { eachApart } from "../ledger/index.ts";
import type { JobRecord, Ledger, RunRecord } from "../ledger/types.ts";
import { createJoined } from "./joined.ts";
import { DEFAULT_POOL } from "./new-run.ts";

/** More of them hold the event loop too long; they are for its further turns. */
const CLAIMS_PER_TURN = 25;
/** So few while more is to be decided: who was there before goes on, and what is due is known soon. */
const CLAIMS_BETWEEN = 5;

export interface AdmissionDeps {
  ledger: Ledger;
  clock: Clock;
  /** Runs at a time, all pools together. */
  concurrency: number;
  /** Further limits of named pools. */
  pools: Record<string, number>;
  /** The run's job, where it may start, in that transaction; one that may not is not ready any more. */
  admit(run: RunRecord, nowMs: number): Admitted | undefined;
  /** Called inside the transaction that makes the run `running`: what must be true before a process may exist. */
  began(run: RunRecord, startedAtMs: number): void;
  /** The run cannot be claimed: ends it. Answers false when that cannot be written either. */
  unclaimable(run: RunRecord, error: unknown): boolean;
  /** Takes runs that have their slots. A slot is free again when `free` is called with the run's id. */
  launch(claims: Claim[]): void;
}

/** What the gate has looked at; no job where it is gone. */
export interface Admitted {
  job: JobRecord | undefined;
}

/** A run that has begun, and its job as it was then: an edit since is for the next attempt. */
export interface Claim extends Admitted {
  run: RunRecord;
}

export interface Admission {
  /** Does the work in the transaction of the next claims, before them: what it frees and queues is theirs. */
  join<T>(work: () => T): Promise<T>;
  /** Does what has joined, without claims. */
  alone(): void;
  /**
   * Gives free slots to ready runs; true when there may be more for the next turn of the event loop. `between`: there is
   * more to decide first.
   */
  pump(between?: boolean): boolean;
  /** Counts a run that is running already, after a restart. */
  occupy(runId: string, pool: string): void;
  free(runId: string): void;
  running(): number;
  /** What a pool may run at a time, and runs now; where all pools together are full, that counts. */
  pool(name: string): { limit: number; running: number };
}

/**
 * Gives slots to ready runs: the jobs of a pool in turn, the oldest first, and pools in turn, so that neither a full pool
 * nor a long queue of one job holds up the others. Slots are counted in memory; only one engine owns a state directory,
 * and a restart counts them anew.
 */
export function createAdmission(deps: AdmissionDeps): Admission {
  const { ledger, clock } = deps;
  const slots = new Map<string, string>();
  const inPool = new Map<string, number>();
  /** Runs whose rows can be neither claimed nor ended; the next start tries again. */
  const aside = new Set<string>();

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

  const isFree = ({ id }: RunRecord): boolean => !slots.has(id) && !aside.has(id);

  function readyIn(pool: string, nowMs: number, free: number): RunRecord[] {
    const wanted = Math.min(freeIn(pool), free);
    return wanted <= 0
      ? []
      : ledger.runs
          .ready(nowMs, pool, wanted + aside.size)
          .filter(isFree)
          .slice(0, wanted);
  }

  function pick(nowMs: number, free: number): RunRecord[] {
    const queues = ledger.runs.queuedPools().map((pool) => readyIn(pool, nowMs, free));
    const picked: RunRecord[] = [];
    for (let turn = 0; picked.length < free && queues.some((queue) => turn < queue.length); turn += 1) {
      const round = queues.flatMap((queue) => queue[turn] ?? []).sort((a, b) => a.seq - b.seq);
      picked.push(...round.slice(0, free - picked.length));
    }
    return picked;
  }

  const joined = createJoined(ledger, () => {
    const held = [...slots];
    return () => {
      slots.clear();
      inPool.clear();
      for (const [runId, pool] of held) occupy(runId, pool);
    };
  });

  /** The run that was begun; `held`: it may not start now. */
  function claim(run: RunRecord, nowMs: number): Claim | "held" | undefined {
    const admitted = deps.admit(run, nowMs);
    if (admitted === undefined) return "held";
    if (ledger.runs.begin(run.id, nowMs) === "conflict") return undefined;
    const begun: RunRecord = { ...run, status: "running", attempt: run.attempt + 1 };
    deps.began(begun, nowMs);
    return { run: begun, ...admitted };
  }

  function claimSome(most: number) {
    const nowMs = clock.nowMs();
    const free = Math.min(deps.concurrency - slots.size, most);
    const picked = free > 0 ? pick(nowMs, free) : [];
    let failed = 0;
    const unclaimable = (run: RunRecord, error: unknown): undefined => {
      failed += 1;
      if (!deps.unclaimable(run, error)) aside.add(run.id);
    };
    const claimed =
      picked.length === 0
        ? []
        : eachApart<RunRecord, Claim | "held" | undefined>(ledger, picked, (run) => claim(run, nowMs), unclaimable);
    return { free, picked, claimed, failed };
  }

  return {
    join: joined.add,
    alone: joined.alone,
    occupy,
    pump(between = false) {
      const most = between ? CLAIMS_BETWEEN : CLAIMS_PER_TURN;
      for (let claims = 0; claims === 0 || slots.size < deps.concurrency; ) {
        if (claims >= most) return true;
        const some = () => claimSome(most);
        const { free, picked, claimed, failed } = claims === 0 ? joined.with(some) : some();
        if (picked.length === 0) break;
        claims += picked.length;
        const begun = claimed.filter((one) => one !== undefined && one !== "held");
        const held = claimed.filter((one) => one === "held").length;
        for (const { run } of begun) occupy(run.id, run.pool);
        if (begun.length > 0) deps.launch(begun);
        // Nothing more is ready; a run that stood back for another of its job is not ready any more.
        if (begun.length === picked.length ? picked.length < free : begun.length + failed + held === 0) break;
      }
      return joined.isWaiting();
    },
    free(runId) {
      const pool = slots.get(runId);
      if (pool === undefined) return;
      slots.delete(runId);
      inPool.set(pool, Math.max(0, (inPool.get(pool) ?? 1) - 1));
    },
    running: () => slots.size,
    pool(name) {
      const own = { limit: limitOf(name), running: inPool.get(name) ?? 0 };
      const all = { limit: deps.concurrency, running: slots.size };
      return own.running < own.limit && all.running >= all.limit ? all : own;
    },
  };
}
