import type { Clock } from "../kernel/clock.ts";
import { formatDurationMs, MINUTE_MS, SECOND_MS } from "../kernel/durations.ts";
import { errorText } from "../kernel/errors.ts";
import type { EventName, Events } from "../kernel/events.ts";
import { newId } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { eachApart } from "../ledger/index.ts";
import type { AlertRecord, JobDefinition, JobRecord, Ledger, RunRecord } from "../ledger/types.ts";
import { isTimeCause, overrunReason, startLimitMs, USUAL_RUNS } from "../policy/alerts/index.ts";
import { awaitsTrial } from "../policy/run/index.ts";
import { findConditions } from "./conditions.ts";
import { subjectOf } from "./observed.ts";
import { findStalled } from "./stalled.ts";
import {
  alertChanged,
  type Found,
  JOB_OFF_TIME,
  type Judging,
  offTimeNotice,
  routeOf,
  settingsFor,
  silentReason,
  tellFromMs,
} from "./subject.ts";
import type { Finding, Teller } from "./teller.ts";

const LOOK_MS = 30 * SECOND_MS;
/** While nothing waits, runs, is expected or to be told. */
const IDLE_MS = 5 * MINUTE_MS;
/** Waiting runs looked at in one go; where more wait, the oldest speak for them. */
const WAITING_MAX = 1_000;
const ALERTS_A_PAGE = 200;
export const ALIVE_KEY = "aliveAtMs";
/** A stop of the service shorter than this is a restart and nothing to tell. */
const DOWN_MIN_MS = 10 * SECOND_MS;

/** What can begin that may come to last. */
const WAKES: EventName[] = ["run-queued", "run-started", "alert-changed", "job-changed", "observed-changed"];

export interface TimeWatchDeps extends Judging {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  logger: Logger;
  teller: Teller;
  /** Writes messages into the outbox, inside the caller's transaction. */
  send(findings: readonly Finding[]): void;
  /** Something was written that is to be sent. */
  kick(): void;
  /** When an attempt of the job is ended; 0: never. */
  timeoutMs(definition: JobDefinition): number;
  /** When a running attempt moved last, by the monotonic clock. */
  movedAtMs(run: RunRecord): number;
  /** The same of the gateway's own jobs; and whether none of them is to be looked at. */
  observed?: { find(): Found[]; quiet(): boolean };
  /** A pool's limit, and how many of its runs go on. */
  pool(name: string): { limit: number; running: number };
  notices: {
    raise(code: string, key: string, message: string): void;
    over(code: string, key: string, message: string): void;
  };
}

/**
 * Judges by time what no end of a run can tell: due runs that do not start, runs that go on too long, jobs that have not
 * succeeded for too long. One timer looks at what waits and what runs; of all jobs only at those that expect something.
 */
export function createTimeWatch(deps: TimeWatchDeps): { start(): void; stop(): void } {
  const { ledger, clock, logger, config } = deps;
  const fullPools = new Set<string>();
  let cancel: (() => void) | undefined;
  let idle = false;
  let forget: (() => void)[] = [];

  function findLate(nowMs: number): Found[] {
    const waiting = ledger.runs.waitingSince(nowMs - SECOND_MS, WAITING_MAX);
    const late = waiting.flatMap((run) => {
      const job = ledger.jobs.get(run.jobId);
      if (job === undefined || nowMs - run.readyAtMs < startLimitMs(job.definition.policy?.expect)) return [];
      return [{ job, run }];
    });
    tellPools(
      Map.groupBy(late, ({ run }) => run.pool),
      nowMs,
    );
    return late
      .filter(({ run }) => !fullPools.has(run.pool))
      .map(({ job, run }) => ({
        job,
        cause: "late" as const,
        about: `due for ${formatDurationMs(nowMs - run.readyAtMs)} and not started`,
        runId: run.id,
      }));
  }

  /** A full pool is one cause, however many jobs it makes late. */
  function tellPools(byPool: Map<string, { job: JobRecord; run: RunRecord }[]>, nowMs: number): void {
    for (const [name, late] of byPool) {
      const { limit, running } = deps.pool(name);
      const [first] = late;
      if (running < limit || first === undefined) continue;
      const known = fullPools.has(name);
      fullPools.add(name);
      if (known) continue;
      const waits = `${late.length === 1 ? "1 run waits" : `${late.length} runs wait`}, the first (${first.job.definition.name})`;
      const text = `pool ${name} is full, ${running} of ${limit} running: ${waits} for ${formatDurationMs(nowMs - first.run.readyAtMs)}`;
      deps.notices.raise("POOL_FULL", name, text);
    }
    for (const name of fullPools) {
      if (byPool.has(name)) continue;
      fullPools.delete(name);
      deps.notices.over("POOL_FULL", name, `✓ pool ${name} is no longer full: no run waits longer than it should`);
    }
  }

  function findOverruns(nowMs: number): Found[] {
    const attempts = new Map(ledger.attempts.open().map((attempt) => [attempt.runId, attempt.startedAtMs]));
    return ledger.runs.running().flatMap((run) => {
      const job = ledger.jobs.get(run.jobId);
      if (job === undefined || run.startedAtMs === undefined) return [];
      const about = overrunReason({
        expect: job.definition.policy?.expect,
        ranMs: nowMs - run.startedAtMs,
        attemptMs: nowMs - (attempts.get(run.id) ?? run.startedAtMs),
        timeoutMs: deps.timeoutMs(job.definition),
        earlierMs: nowMs - run.startedAtMs < MINUTE_MS ? [] : earlierMs(run),
      });
      return about === undefined ? [] : [{ job, cause: "overrun" as const, about, runId: run.id }];
    });
  }

  const earlierMs = ({ jobId, id }: RunRecord): number[] =>
    ledger.runs
      .latest(jobId, USUAL_RUNS + 1)
      .flatMap(({ runId, durationMs }) => (runId === id || durationMs === undefined ? [] : [durationMs]));

  function findSilent(nowMs: number): Found[] {
    return ledger.jobs.expectant().flatMap((jobId) => {
      const job = ledger.jobs.get(jobId);
      if (job === undefined || !(job.enabled || awaitsTrial(job.autoDisabled))) return [];
      const about = silentReason(job, nowMs);
      return about === undefined ? [] : [{ job, cause: "silent" as const, about }];
    });
  }

  function open({ job, cause, about, runId }: Found, nowMs: number): void {
    const settings = settingsFor(job, config.alerts);
    if (settings === undefined) return;
    const known = ledger.alerts.openOf(job.id).find((alert) => alert.cause === cause);
    if (known !== undefined) {
      if (known.notifiedAtMs === undefined) ledger.alerts.touch(known.id, { about });
      return;
    }
    const id = newId();
    ledger.alerts.open({ id, jobId: job.id, cause, atMs: nowMs, ...(runId === undefined ? {} : { runId }) });
    const heard = routeOf(job, config) !== undefined;
    ledger.alerts.touch(id, {
      about,
      ...(heard ? { tellAtMs: tellFromMs(ledger, job.id, settings.cooldownMs, nowMs) } : {}),
    });
    if (!heard) ledger.notices.raise(offTimeNotice(job, cause, about, nowMs));
    alertChanged(deps.events, id, "open");
  }

  /** What lasts only while it is found; a missed instant is over with the next success. */
  function closeOver(found: readonly Found[], nowMs: number): void {
    const stands = new Set(found.map(({ job, cause }) => `${cause} ${job.id}`));
    for (const alert of openTimeAlerts()) {
      // Opened by a clock that has been set back since: what it saw is decided anew.
      const unreal = alert.openedAtMs > nowMs + MINUTE_MS;
      const lasts = alert.cause === "missed" && subjectOf(ledger, alert.jobId, config) !== undefined;
      if (!unreal && (lasts || stands.has(`${alert.cause} ${alert.jobId}`))) continue;
      close(alert, nowMs, unreal);
    }
  }

  function openTimeAlerts(): AlertRecord[] {
    const found: AlertRecord[] = [];
    for (let offset = 0; ; offset += ALERTS_A_PAGE) {
      const { rows } = ledger.alerts.list({ openOnly: true, limit: ALERTS_A_PAGE, offset });
      found.push(...rows.filter(({ cause }) => isTimeCause(cause)));
      if (rows.length < ALERTS_A_PAGE) return found;
    }
  }

  function close(alert: AlertRecord, nowMs: number, unreal: boolean): void {
    ledger.alerts.close(alert.id, Math.max(nowMs, unreal ? alert.openedAtMs : 0));
    const told = alert.notifiedAtMs !== undefined;
    const about = `after ${formatDurationMs(nowMs - alert.openedAtMs)}`;
    ledger.alerts.touch(alert.id, { escalateAtMs: null, ...(told ? { tellAtMs: nowMs, about } : { tellAtMs: null }) });
    if (!ledger.alerts.openOf(alert.jobId).some(({ cause }) => isTimeCause(cause)))
      ledger.notices.close(JOB_OFF_TIME, alert.jobId, nowMs);
    alertChanged(deps.events, alert.id, "closed");
  }

  function look(): void {
    const nowMs = clock.nowMs();
    try {
      ledger.transaction(() => {
        const found = [
          ...[findLate, findOverruns, findSilent].flatMap((find) => find(nowMs)),
          ...findStalled(deps),
          ...findConditions(ledger, nowMs),
          ...(deps.observed?.find() ?? []),
        ];
        eachApart(
          ledger,
          found,
          (one) => open(one, nowMs),
          ({ job }, error) => logger.warn(`${job.id}: ${errorText(error)}`),
        );
        closeOver(found, nowMs);
        deps.send(deps.teller.flush());
        ledger.setMeta(ALIVE_KEY, String(nowMs));
      });
      deps.kick();
    } catch (error) {
      logger.warn(`time is judged again later: ${errorText(error)}`);
    }
  }

  function arm(): void {
    cancel?.();
    cancel = clock.setTimer(
      () => {
        look();
        idle = isIdle();
        arm();
      },
      idle ? IDLE_MS : LOOK_MS,
    );
  }

  function isIdle(): boolean {
    try {
      const { queued, running } = ledger.runs.count();
      const { alerts } = ledger;
      const told = [alerts.toTell, alerts.toEscalate].some((waiting) => waiting(Number.MAX_SAFE_INTEGER, 1).length > 0);
      return (
        queued + running === 0 &&
        !told &&
        (deps.observed?.quiet() ?? true) &&
        ledger.jobs.expectant().length === 0 &&
        ledger.jobs.reporting().length === 0 &&
        openTimeAlerts().every(({ cause }) => cause === "missed")
      );
    } catch {
      return false;
    }
  }

  /** Said from the start on: a service that is killed soon after one was alive, too. */
  function noteAlive(): void {
    try {
      ledger.setMeta(ALIVE_KEY, String(clock.nowMs()));
    } catch (error) {
      logger.warn(errorText(error));
    }
  }

  function wake(): void {
    if (!idle) return;
    idle = false;
    arm();
  }

  return {
    start() {
      const aliveAtMs = Number(ledger.getMeta(ALIVE_KEY) ?? Number.NaN);
      const nowMs = clock.nowMs();
      if (nowMs - aliveAtMs >= DOWN_MIN_MS) deps.teller.wasDown(aliveAtMs, nowMs);
      noteAlive();
      forget = WAKES.map((name) => deps.events.on(name, wake));
      arm();
    },
    stop() {
      // One that was not started says nothing of a life.
      if (cancel === undefined) return;
      cancel();
      for (const off of forget) off();
      noteAlive();
    },
  };
}
