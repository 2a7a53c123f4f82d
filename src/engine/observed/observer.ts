import { isDeepStrictEqual } from "node:util";
import { MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import { eachApart } from "../../ledger/index.ts";
import type { ObservedJob } from "../../ledger/types.ts";
import { ALIVE_KEY } from "../../watch/index.ts";
import type { GatewayCron, GatewayJob, GatewayRun } from "../deps.ts";
import { createClockGuard } from "./clock-guard.ts";
import { isHousekeeping, scheduleKey, standingOf } from "./gateway-job.ts";
import type { JudgeDeps, ObservedJudge } from "./judge.ts";

/** What happens at once is looked at together. */
const GATHER_MS = 500;
/** How often is looked while something is overdue, goes on or cannot be reached, and otherwise at least. */
const LOOK_MS = 30 * SECOND_MS;
const IDLE_MS = 5 * MINUTE_MS;
/** After its instant a job is given so long to begin before anybody looks. */
const SETTLE_MS = 2 * SECOND_MS;
/** Ends that wait to be written; beyond that they are read from the gateway's history. */
const WAITING_MAX = 10_000;
const PAGE = 200;
const PAGES_MAX = 25;
/** Ends of the history that are read once more, lest one that was written late is passed by. */
const OVERLAP_MS = MINUTE_MS;
const THROUGH_KEY = "observed.throughMs";

/**
 * Watches the gateway's own jobs: the gateway tells that something has happened, and then all of them are looked at. What
 * it told nobody, because nobody was there to hear it, is read from its history; what has no history is derived.
 */
export function createObserver(deps: JudgeDeps & { source: GatewayCron; judge: ObservedJudge }) {
  const { source, ledger, clock, events, logger, judge } = deps;
  let known = new Map(ledger.observed.jobs().map((job) => [job.id, job]));
  const overdue = new Map<string, { dueMs: number; sinceMs: number }>();
  const ours = (id: string): boolean => ledger.jobs.get(id) !== undefined;
  const guard = createClockGuard(clock, Number(ledger.getMeta(ALIVE_KEY) ?? Number.NaN));
  /** Ends that are not on record yet. */
  const waiting: GatewayRun[] = [];
  /** Ends may have gone unheard: before the start for one. */
  let lost = true;
  let problem: string | undefined = "the gateway's own jobs have not been looked at yet";
  let unseen: string | undefined;
  let cancel = (): void => {};
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;

  function arm(delayMs: number): void {
    cancel();
    if (stopped) return;
    cancel = clock.setTimer(() => {
      turn = turn.then(look).then(
        () => arm(restMs()),
        (error) => {
          problem = `the gateway's own jobs cannot be looked at: ${errorText(error)}`;
          arm(LOOK_MS);
        },
      );
    }, delayMs);
  }

  function restMs(): number {
    if (waiting.length > 0) return GATHER_MS;
    const jobs = [...known.values()];
    if (problem !== undefined || overdue.size > 0 || jobs.some((job) => job.runningAtMs !== undefined)) return LOOK_MS;
    const dues = jobs.flatMap(({ enabled, nextDueMs }) => (enabled && nextDueMs !== undefined ? [nextDueMs] : []));
    return Math.max(SECOND_MS, Math.min(IDLE_MS, ...dues.map((dueMs) => dueMs - clock.nowMs() + SETTLE_MS)));
  }

  async function look(): Promise<void> {
    if (stopped) return;
    const found = await source.jobs();
    const batch = [...waiting];
    const jobs = new Map(found.filter((job) => !isHousekeeping(job) && !ours(job.id)).map((job) => [job.id, job]));
    const asTold = batch.filter(({ jobId, job }) => {
      if (jobs.has(jobId)) return true;
      // It ended and was removed with its end.
      return job !== undefined && !isHousekeeping(job) && !ours(jobId) && !found.some(({ id }) => id === jobId);
    });
    const ends = [...asTold, ...(await gapsOf(jobs, asTold))];
    if (stopped) return;
    guard.look();
    const { standing, changed } = ledger.transaction(() => write(jobs, ends));
    // Only now is anything past: had it not been written, the next look would have it before it again.
    lost = unseen !== undefined || waiting.length >= WAITING_MAX;
    waiting.splice(0, batch.length);
    known = standing;
    noteOverdue();
    problem = undefined;
    if (!changed) return;
    events.emit("observed-changed", {});
    deps.outbox.kick();
  }

  /** Ends that nobody told us of, from the gateway's history, or as far as the job itself remembers. */
  async function gapsOf(jobs: ReadonlyMap<string, GatewayJob>, told: readonly GatewayRun[]): Promise<GatewayRun[]> {
    const heard = new Set(told.map(keyOf));
    const isNew = (end: GatewayRun): boolean =>
      jobs.has(end.jobId) && !heard.has(keyOf(end)) && !ledger.observed.has(end.jobId, end.runAtMs ?? end.ts ?? 0);
    const last = [...jobs.values()].filter(({ state }) => state?.lastRunAtMs !== undefined).map(lastOf);
    const remembered = last.filter(isNew);
    if (remembered.length === 0 && !lost) return [];
    try {
      const read = (await history()).filter(isNew);
      unseen = undefined;
      const found = new Set(read.map(keyOf));
      return [...read, ...remembered.filter((end) => !found.has(keyOf(end)))];
    } catch (error) {
      unseen = errorText(error);
      return remembered;
    }
  }

  /** What the gateway has on record since everything was known last, the oldest first. */
  async function history(): Promise<GatewayRun[]> {
    const throughMs = Number(ledger.getMeta(THROUGH_KEY) ?? 0);
    const all: GatewayRun[] = [];
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { entries, hasMore } = await source.ends({ limit: PAGE, offset: page * PAGE });
      all.push(...entries);
      if (!hasMore || (entries.at(-1)?.ts ?? 0) < throughMs - OVERLAP_MS) break;
    }
    return all
      .filter(({ ts }) => (ts ?? 0) >= throughMs - OVERLAP_MS)
      .map((entry): GatewayRun => ({ ...entry, source: "history" }))
      .reverse();
  }

  /** Answers how the jobs stand now, and whether anything is different from before. */
  function write(jobs: ReadonlyMap<string, GatewayJob>, ends: readonly GatewayRun[]) {
    const standing = new Map(known);
    let changed = ends.length > 0;
    const watchedBefore = ledger.getMeta(THROUGH_KEY) !== undefined;
    const byJob = Map.groupBy(ends, ({ jobId }) => jobId);
    const gone = [...byJob].flatMap(([id, [first]]) => (jobs.has(id) || first?.job === undefined ? [] : [first.job]));
    const apart = (job: GatewayJob, work: () => void) =>
      eachApart(ledger, [job], work, ({ id }, error) => logger.warn(`the gateway's job ${id}: ${errorText(error)}`));
    for (const job of [...jobs.values(), ...gone]) {
      apart(job, () => {
        const before = known.get(job.id);
        const now = standingOf(job, before);
        const own = byJob.get(job.id) ?? [];
        if (before !== undefined) judge.passed({ job: now, before, ends: own, moved: isMoved(before, now), guard });
        judge.ended(now, own, watchedBefore || own.some(({ source: from }) => from === "event"));
        if (!isDeepStrictEqual(now, before)) {
          ledger.observed.put(now);
          changed = true;
        }
        standing.set(now.id, now);
      });
    }
    for (const id of standing.keys()) {
      if (jobs.has(id)) continue;
      standing.delete(id);
      judge.removed(id);
      changed = true;
    }
    const throughMs = Math.max(Number(ledger.getMeta(THROUGH_KEY) ?? 0), ...ends.map(({ ts }) => ts ?? 0));
    if (unseen === undefined && (changed || !watchedBefore)) {
      ledger.setMeta(THROUGH_KEY, String(watchedBefore ? throughMs : clock.nowMs()));
    }
    return { standing, changed };
  }

  /** What was due is not any more, though nobody changed the schedule. */
  const isMoved = (before: ObservedJob, now: ObservedJob): boolean =>
    before.enabled &&
    (now.enabled || now.schedule["kind"] === "at") &&
    before.nextDueMs !== now.nextDueMs &&
    scheduleKey(before) === scheduleKey(now);

  function noteOverdue(): void {
    for (const id of overdue.keys()) if (!known.has(id)) overdue.delete(id);
    for (const { id, enabled, nextDueMs, runningAtMs } of known.values()) {
      const isOver = enabled && nextDueMs !== undefined && nextDueMs <= clock.nowMs() && runningAtMs === undefined;
      if (!isOver || guard.isJumped(nextDueMs)) overdue.delete(id);
      else if (overdue.get(id)?.dueMs !== nextDueMs) {
        overdue.set(id, { dueMs: nextDueMs, sinceMs: clock.monotonicMs() });
      }
    }
  }

  return {
    start: (): void => arm(0),
    stop(): void {
      stopped = true;
      cancel();
    },
    /** The gateway says that something about its jobs has changed. */
    changed(end?: GatewayRun): void {
      if (end !== undefined && waiting.length >= WAITING_MAX) lost = true;
      else if (end !== undefined) waiting.push({ ...end, source: "event" });
      arm(GATHER_MS);
    },
    /** The jobs as they were seen last. */
    jobs: (): Iterable<ObservedJob> => known.values(),
    /** Since when a job is overdue, by the monotonic clock. */
    overdueSince: (id: string): number | undefined => overdue.get(id)?.sinceMs,
    /** What is wrong with looking; undefined: nothing. */
    problem: (): string | undefined => problem,
    /** Why ends of the time away are not known; undefined: they are. */
    unseen: (): string | undefined => unseen,
  };
}
export type Observer = ReturnType<typeof createObserver>;

const keyOf = ({ jobId, runAtMs }: GatewayRun): string => `${jobId} ${runAtMs}`;

/** As much of its last end as a job itself remembers. */
const lastOf = ({ id, name, state = {} }: GatewayJob): GatewayRun => ({
  jobId: id,
  jobName: name,
  source: "state",
  ts: (state.lastRunAtMs ?? 0) + (state.lastDurationMs ?? 0),
  runAtMs: state.lastRunAtMs,
  durationMs: state.lastDurationMs,
  status: state.lastRunStatus ?? state.lastStatus,
  error: state.lastError,
  deliveryStatus: state.lastDeliveryStatus,
  deliveryError: state.lastDeliveryError,
});
