import { type Database, maybeNumber } from "../sql/index.ts";

/** One step into an index each: the newest round that is served, else the oldest that waits. */
const ROUND = `SELECT ifnull(
  (SELECT max(turn) FROM runs INDEXED BY runs_running WHERE status = 'running' AND pool = ?),
  (SELECT min(turn) FROM runs INDEXED BY runs_queue WHERE status = 'queued' AND awaiting = 0 AND pool = ?)) AS round`;

/** A pool's rounds, and in which of them each job last had a turn. */
interface Rounds {
  now: number;
  highest: number;
  of: Map<string, number>;
  /** The round in which `of` was last tidied. */
  tidied: number;
}

/** Jobs whose last turn is remembered; beyond so many, those that are not ahead of the others are forgotten. */
const JOBS_REMEMBERED = 10_000;

/**
 * Turns for the jobs of a pool, so that one that queues a thousand runs holds up no other: start-time fair queueing
 * (Goyal, Vin and Cheng, 1996). A run joins the round that is served now, or the one after its job's last; runs of one
 * round go in the order they came. So a single run waits for one of each job at most, and nobody waits for ever.
 */
export function createTurns(db: Database): { next(run: { jobId: string; pool: string }): number } {
  const pools = new Map<string, Rounds>();

  return {
    next({ jobId, pool }) {
      const rounds = pools.get(pool) ?? { now: 0, highest: 0, of: new Map<string, number>(), tidied: 0 };
      pools.set(pool, rounds);
      // An empty queue begins anew, ahead of everybody.
      rounds.now = Math.max(rounds.now, maybeNumber(db.get(ROUND, pool, pool), "round") ?? rounds.highest);
      const turn = Math.max(rounds.now, (rounds.of.get(jobId) ?? -1) + 1);
      rounds.highest = Math.max(rounds.highest, turn);
      rounds.of.set(jobId, turn);
      if (rounds.of.size > JOBS_REMEMBERED && rounds.now > rounds.tidied) {
        for (const [job, last] of rounds.of) if (last < rounds.now) rounds.of.delete(job);
        rounds.tidied = rounds.now;
      }
      return turn;
    },
  };
}
