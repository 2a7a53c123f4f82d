import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import { createEvents, type Events } from "../kernel/events.ts";
import { bootId, newId } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { acquireOwnership, openLedger } from "../ledger/index.ts";
import type { Ledger } from "../ledger/types.ts";
import { createOutbox } from "../outbox/index.ts";
import type { RunnerEvents } from "../runner/port.ts";
import { createScheduler } from "../scheduler/index.ts";
import { createWatch } from "../watch/index.ts";
import type { EngineApi } from "./api.ts";
import { createAudit, createNotices, createUpkeep, followZones, passOverRestored, restoredText } from "./care/index.ts";
import { createDeliveries } from "./deliveries.ts";
import { type EngineDeps, settingsOf, usableConfig } from "./deps.ts";
import { createJobs, type Jobs } from "./jobs/index.ts";
import {
  createLauncher,
  createPublisher,
  createRuns,
  createSettler,
  drain,
  parseAttemptKey,
  recover,
} from "./run/index.ts";
import { createStatus } from "./status.ts";
import { paged } from "./views.ts";

/** How long a delivery under way may take to end when another engine takes over; the gateway allows five seconds in all. */
const REPLACED_GRACE_MS = 1_000;

/** What carrying jobs in and out needs of the engine's rooms. */
export interface EngineInside {
  ledger: Ledger;
  jobs: Pick<Jobs, "addJob" | "removeJob" | "prepare" | "next">;
  clock: Clock;
  events: Events;
  logger: Logger;
  hostTz: string;
  stateDir: string;
  /** To be called when something may have become due. */
  poke(): void;
}

export interface Engine extends EngineApi, Pick<Jobs, "peekJob" | "getDeclared" | "getLastRun"> {
  readonly events: Events;
  /** For the room above, which carries jobs in and out. */
  readonly inside: EngineInside;
  /**
   * Lets go of everything, in order: no new starts, drain, close. With `replaced` another engine takes over at once:
   * nothing is drained or ended, and what is being delivered is let go.
   */
  stop(options?: { replaced?: boolean }): Promise<void>;
}

/**
 * Builds the rooms, recovers, and starts them in order. The state directory is owned from here on.
 * Raises STATE_OWNED, STATE_UNWRITABLE, LEDGER_CORRUPT, LEDGER_TOO_NEW, RUNNER_UNAVAILABLE.
 */
export async function startEngine(deps: EngineDeps): Promise<Engine> {
  const { clock, logger, runner } = deps;
  let stopped: Promise<void> | undefined;
  const { config, problems } = usableConfig(deps.config, clock.nowMs());
  const settings = settingsOf(config);
  const ownership = acquireOwnership(deps.stateDir);
  const owner = `${bootId()}:${process.pid}:${newId()}`;
  const events = createEvents(logger);
  let ledger: ReturnType<typeof openLedger>;
  try {
    ledger = openLedger({
      dir: join(deps.stateDir, "ledger"),
      clock,
      logger,
      ...(deps.ledgerFaults === undefined ? {} : { faults: deps.ledgerFaults }),
    });
  } catch (error) {
    ownership.release();
    throw error;
  }

  const watch = createWatch({ ledger, clock, events, config, hostTz: deps.hostTz });
  const outbox = createOutbox({
    ledger,
    sender: deps.sender,
    clock,
    random: deps.random,
    logger,
    events,
    config,
    resolveSecret: deps.resolveSecret,
    stateDir: deps.stateDir,
    hostTz: deps.hostTz,
  });
  const notices = createNotices({ ledger, clock, logger, events, outbox, watch, health: deps.health });
  const publisher = createPublisher({ ledger, clock, outbox, watch });
  const settler = createSettler({
    ledger,
    clock,
    hostTz: deps.hostTz,
    random: deps.random,
    events,
    logger,
    publisher,
    settled(runIds) {
      for (const runId of runIds) scheduler.release(runId);
      scheduler.poke();
      outbox.kick();
    },
    acknowledge(keys) {
      for (const key of keys) runner.acknowledge(key);
    },
    onLedger: notices.ledger,
    at: deps.at,
  });
  const launcher = createLauncher({ deps, settings, ledger, failed: settler.take });
  const scheduler = createScheduler({
    ledger,
    clock,
    events,
    logger,
    decided: () => deps.at("decided"),
    passedOver(job, row) {
      const run = ledger.runs.get(row.id);
      if (run === undefined) return;
      for (const alert of watch.judgeRun({ job, run, status: run.status, error: undefined, text: "" })) {
        outbox.enqueue(alert);
      }
    },
    hostTz: deps.hostTz,
    concurrency: settings.concurrency,
    pools: settings.pools,
    began: (run, startedAtMs) =>
      ledger.attempts.begin({ runId: run.id, attempt: run.attempt, jobId: run.jobId, owner, startedAtMs }),
    launch: launcher.launch,
    cancelRuns: (runIds, by) => {
      for (const runId of runIds)
        void runs.cancel({ runId }, { label: by }).catch((error) => logger.warn(errorText(error)));
    },
    onBroken: (job, reason) =>
      notices.raise("JOB_UNSCHEDULABLE", job.id, `${job.definition.name} cannot be scheduled: ${reason}`),
    onLedger: notices.ledger,
    onClockJump: (byMs) =>
      notices.raise(
        "CLOCK_JUMP",
        byMs > 0 ? "forward" : "back",
        `the wall clock moved by ${Math.round(byMs / 1000)} s`,
      ),
  });

  const runs = createRuns({ deps, ledger, events, runner, launcher, settler, poke: scheduler.poke });
  const jobs = createJobs({
    deps,
    settings,
    ledger,
    events,
    scheduler,
    cancelRun: (runId, by) => runs.cancel({ runId }, { label: by }),
  });
  const audit = createAudit({
    ledger,
    settings,
    hostTz: deps.hostTz,
    nowMs: clock.nowMs,
    found: (job, expected, recorded, afterMs, throughMs) =>
      notices.raise(
        "OCCURRENCE_GAP",
        job.id,
        `${job.definition.name}: ${expected} instants expected and ${recorded} recorded between ` +
          `${new Date(afterMs).toISOString()} and ${new Date(throughMs).toISOString()}`,
      ),
    rearmed(job, dueMs) {
      const since = new Date(dueMs).toISOString();
      notices.raise(
        "OCCURRENCE_GAP",
        job.id,
        `${job.definition.name}: instants since ${since} had not been decided; they are now`,
      );
      void scheduler.poke();
    },
  });
  const upkeep = createUpkeep({ ledger, clock, logger, settings, stateDir: deps.stateDir, audit, notices });
  const status = createStatus({ deps, settings, ledger, runner, audit });

  const runnerEvents: RunnerEvents = {
    started(key, identity) {
      const { runId, attempt } = parseAttemptKey(key);
      try {
        ledger.attempts.identify(runId, attempt, identity);
        deps.at("identified");
      } catch (error) {
        notices.ledger(error);
      }
      const run = ledger.runs.get(runId);
      if (run !== undefined) events.emit("run-started", { jobId: run.jobId, runId, attempt });
    },
    ended: (result) => settler.take(result),
    lost(attempts, why) {
      notices.raise("RUNNER_LOST", "runner", `${why}; ${attempts.length} runs are lost`);
      for (const { attemptKey, cleanup } of attempts) settler.takeLost(attemptKey, `runner ended: ${why}`, cleanup);
    },
  };

  let passedOver: ReturnType<typeof passOverRestored>;
  try {
    await recover({ ledger, runner, scheduler, settler, logger, nowMs: clock.nowMs }, runnerEvents);
    // It must see that the ledger was restored; the line after it forgets that.
    outbox.recover();
    passedOver = passOverRestored({ ledger, settler, hostTz: deps.hostTz, nowMs: clock.nowMs() });
    const moved = await followZones({ ledger, hostTz: deps.hostTz, tzVersion: deps.tzVersion });
    if (moved > 0) logger.info(`the time zone or its data has changed: ${moved} jobs have another next run`);
  } catch (error) {
    ledger.close();
    ownership.release();
    throw error;
  }
  events.on("job-changed", ({ jobId }) => notices.jobChanged(jobId));
  outbox.start();
  scheduler.start();
  upkeep.start();
  notices.ready();
  if (passedOver.instants > 0) notices.raise("RESTORED", String(clock.nowMs()), restoredText(passedOver));
  notices.expire(problems);
  for (const problem of problems) notices.raise("CONFIG_INVALID", problem, problem);

  return {
    events,
    ...jobs,
    ...runs,
    ...status,
    ...createDeliveries({ deps, ledger, outbox }),
    alerts(query) {
      const page = ledger.alerts.list(query);
      return { alerts: page.rows, ...paged(page, query) };
    },
    async backup(file) {
      const target =
        file ??
        join(deps.stateDir, "backups", `ledger-${new Date(clock.nowMs()).toISOString().replaceAll(":", "")}.sqlite`);
      await ledger.backup(target);
      return { file: target, bytes: (await stat(target)).size };
    },
    inside: { ledger, jobs, clock, events, logger, hostTz: deps.hostTz, stateDir: deps.stateDir, poke: scheduler.poke },
    checkLedger: async () => ({ problems: await ledger.checkAside() }),
    stop: ({ replaced = false } = {}) => {
      stopped ??= shutDown(replaced);
      return stopped;
    },
  };

  async function shutDown(replaced: boolean): Promise<void> {
    scheduler.stop();
    upkeep.stop();
    if (!replaced) await drain({ ledger, clock, drainMs: settings.drainMs, cancel: runs.cancel });
    launcher.stop();
    await runner.close();
    await settler.idle();
    settler.stop();
    await outbox.stop(replaced ? REPLACED_GRACE_MS : undefined);
    ledger.checkpoint();
    ledger.close();
    ownership.release();
  }
}
