import { join } from "node:path";
import { delay } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import { createEvents, type Events } from "../kernel/events.ts";
import { bootId, newId } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { pick, present } from "../kernel/present.ts";
import { acquireOwnership, openLedger } from "../ledger/index.ts";
import type { JobDefinition, JobRecord, Ledger, RunRecord } from "../ledger/types.ts";
import { createOutbox } from "../outbox/index.ts";
import { withDefaults } from "../policy/definition/index.ts";
import { createScheduler } from "../scheduler/index.ts";
import { createTeller, createWatch } from "../watch/index.ts";
import type { EngineApi } from "./api.ts";
import { createApprovals } from "./approvals/index.ts";
import {
  createAudit,
  createNotices,
  createOverdue,
  createUpkeep,
  createVigil,
  followZones,
  passOverRestored,
  restoredText,
} from "./care/index.ts";
import { createDeliveries } from "./deliveries.ts";
import { type Core, type EngineDeps, type GatewayRun, settingsOf } from "./deps.ts";
import { doctor } from "./doctor/index.ts";
import { createJobs, createLook, eachNode, type Jobs } from "./jobs/index.ts";
import { createObservedReads, watchGatewayJobs } from "./observed/index.ts";
import { createRecords } from "./records.ts";
import {
  createFollowUps,
  createLauncher,
  createLiving,
  createParentFiles,
  createProgressKeeper,
  createPublisher,
  createRehearsals,
  createRunEnds,
  createRunnerEvents,
  createRuns,
  createSettler,
  drain,
  recover,
} from "./run/index.ts";
import { usableConfig } from "./settings/index.ts";
import { createStates } from "./states.ts";
import { createStatus } from "./status/index.ts";

/** How long a delivery under way may take to end when another engine takes over; the gateway allows five seconds in all. */
const REPLACED_GRACE_MS = 1_000;

/** What carrying jobs in and out needs of the engine's rooms. */
export interface EngineInside extends Core {
  jobs: Pick<Jobs, "addJob" | "removeJob" | "prepare" | "next">;
  hostTz: string;
  stateDir: string;
  /** To be called when something may have become due. */
  poke(): void;
}

export interface Engine extends EngineApi, Pick<Jobs, "findJob" | "getDeclared" | "getLastRun" | "jobKeys"> {
  readonly events: Events;
  /** The gateway says that something about its own jobs has changed, or that one of them has ended. */
  gatewayJobChanged(end?: GatewayRun): void;
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
  const { stateDir, clock, logger, ledgerFaults: faults } = deps;
  const held: Held[] = [acquireOwnership(stateDir).giveUp];
  try {
    const dir = join(stateDir, "ledger");
    const { config, problems } = usableConfig(deps.config, deps.platform, clock.nowMs());
    const complete = (written: JobDefinition) => withDefaults(written, config.defaults);
    const ledger = openLedger({ dir, clock, logger, complete, ...present({ faults }) });
    held.unshift(() => ledger.close());
    return await start({ ...deps, config }, { ledger, complete, held, problems });
  } catch (error) {
    await letGo(held, logger, true);
    throw error;
  }
}

interface Opened {
  ledger: Ledger;
  /** Puts the config's defaults where a definition says nothing. */
  complete(written: JobDefinition): JobDefinition;
  /** What is held, the newest first. */
  held: Held[];
  /** What of the config cannot be used. */
  problems: string[];
}

/** Each room stands on those before it; what calls back is handed over when the rooms are started, at the end. */
async function start(deps: EngineDeps, { ledger, complete, held, problems }: Opened): Promise<Engine> {
  const { config, clock, logger, runner, hostTz, hostName, stateDir, random } = deps;
  const settings = settingsOf(config);
  const events = createEvents(logger);
  const core = { ledger, clock, events, logger };

  // What is said, and to whom.
  const judging = { config, hostTz, hostName };
  const teller = createTeller({ ...judging, ...core });
  const watch = createWatch({ ...judging, ...core, teller });
  const outbox = createOutbox({
    ...{ ...core, random, config, stateDir, hostTz, ...present({ hostName }) },
    ...pick(deps, "sender", "resolveSecret"),
    onLedger: (error) => notices.ledger("outbox", error),
  });
  const notices = createNotices({ ...core, outbox, watch, health: deps.health });
  ledger.jobs.whenSetAside(notices.jobSetAside);
  const { runSetAside: setAside } = notices;
  const publisher = createPublisher({ ...core, outbox, watch, config, hostName, setAside });
  const { passedOver } = publisher;

  // The life of a run: decided and claimed, launched, ended.
  const owner = `${bootId()}:${process.pid}:${newId()}`;
  const scheduler = createScheduler({
    ...{ ...core, hostTz, ...pick(settings, "concurrency", "pools") },
    eachNode: ({ definition }) => eachNode(definition.policy?.target, config.nodes),
    decided: () => deps.at("decided"),
    passedOver,
    began: (run, startedAtMs) =>
      ledger.attempts.begin({ runId: run.id, attempt: run.attempt, jobId: run.jobId, owner, startedAtMs }),
    pause: deps.pause ?? ((ms) => delay(clock, ms)),
    onBroken: notices.jobUnschedulable,
    onLedger: (error) => notices.ledger("scheduler", error),
    onClockJump: notices.clockJump,
  });
  function leave(runIds: string[]): void {
    for (const runId of runIds) scheduler.free(runId);
  }
  function returned(runIds: string[]): void {
    leave(runIds);
    void scheduler.poke();
  }
  const cancelRuns = (runIds: string[], by: string): void => {
    for (const runId of runIds) void cancelRun(runId, by).catch((error) => logger.warn(errorText(error)));
  };
  const { poke, join } = scheduler;
  const followUps = createFollowUps({ deps, ledger, events, passedOver, cancelRuns, poke, setAside });
  const notStarted = (run: RunRecord, why: string): void => gate.notStarted(run, why);
  const ends = createRunEnds({ ...core, hostTz, random, publisher, followUps, setAside, notStarted, deps });
  const settler = createSettler({
    ...{ ...core, ends, join },
    left: leave,
    settled: outbox.kick,
    acknowledge(keys) {
      for (const key of keys) runner.acknowledge(key);
    },
    onLedger: (error) => notices.ledger("settler", error),
    at: deps.at,
  });
  const overdue = createOverdue({ clock, raise: notices.raise, close: notices.close });
  const watched = { ...runner, start: overdue.watching((spec, place) => runner.start(spec, place)) };
  const parents = createParentFiles({ ledger, stateDir, logger });
  events.on("run-finished", ({ runId }) => parents.forget(runId));
  const launcher = createLauncher({
    deps: { ...deps, runner: watched },
    settings,
    ledger,
    parents,
    approvedOf: (run, job) => gate.approvedOf(run, job),
    failed: settler.queue,
    returned,
    onLedger: (error) => notices.ledger("claims", error),
  });

  const rehearsals = createRehearsals(deps, settings, runner);
  const waits = { ...core, deps, settings, ends, outbox, parents, rehearsals, poke, setAside };
  const { gate, asking, api: approvals } = createApprovals(waits);

  // What the outside may ask.
  const runs = createRuns({ deps, ledger, events, runner, launcher, ends, settler, poke, join });
  const cancelRun = (runId: string, by: string) => runs.cancel({ runId }, { label: by });
  const jobs = createJobs({ deps, settings, ledger, events, scheduler, cancelRun, revoke: gate.revoke });
  const look = createLook({ deps, ledger, clock });
  function rearmed(job: JobRecord, dueMs: number): void {
    notices.rearmed(job, dueMs);
    void poke();
  }
  const audit = createAudit({ ledger, settings, hostTz, nowMs: clock.nowMs, found: notices.gap, rearmed });
  const upkeep = createUpkeep({ ...core, settings, stateDir, audit, notices });

  const progress = createProgressKeeper(core);
  const heardOf = { settler, notices, overdue, progress, returned, at: deps.at };
  const runnerEvents = createRunnerEvents({ ...core, ...heardOf });
  const gatewayJobs = watchGatewayJobs({ ...core, source: deps.gatewayCron, config, hostTz, watch, outbox });
  const status = createStatus({ deps, settings, ledger, runner, audit, notices, gatewayJobs: gatewayJobs.status });
  const vigil = createVigil({
    ...{ ...core, judging, teller, outbox, notices },
    ...{ movedAtMs: progress.movedAtMs, pool: scheduler.pool, sender: deps.sender, observed: gatewayJobs },
    problems: () => status().problems,
  });
  const living = createLiving({ ...core, outbox, config, hostName });
  const heard = rehearsals.apart(runnerEvents);
  held.unshift(
    scheduler.stop,
    vigil.stop,
    gatewayJobs.stop,
    living.stop,
    overdue.stop,
    upkeep.stop,
    runnerEvents.stop,
    progress.stop,
    asking.stop,
    (replaced) => replaced || drain({ ledger, clock, logger, drainMs: settings.drainMs, cancel: runs.cancel }),
    launcher.stop,
    rehearsals.stop,
    () => runner.close(),
    settler.idle,
    settler.stop,
    (replaced) => outbox.stop(replaced ? REPLACED_GRACE_MS : undefined),
    () => ledger.checkpoint(),
  );

  await recover({ ledger, runner, scheduler, ends, logger, stateDir, nowMs: clock.nowMs }, heard);
  await parents.sweep();
  // It must see that the ledger was restored; the line after it forgets that.
  outbox.recover();
  const nowMs = clock.nowMs();
  const restored = passOverRestored({
    ...{ ledger, ends, passedOver, hostTz, nowMs },
    spreadAll: scheduler.spreadAll,
    onBroken: notices.jobUnschedulable,
  });
  const moved = await followZones({ ledger, hostTz, tzVersion: deps.tzVersion });
  if (moved > 0) logger.info(`the time zone or its data has changed: ${moved} jobs have another next run`);

  events.on("job-changed", ({ jobId }) => notices.jobChanged(jobId));
  notices.ready();
  overdue.watchFound(ledger);
  outbox.start();
  gatewayJobs.start();
  vigil.start();
  living.start();
  scheduler.start({
    launch: launcher.launch,
    unclaimable: (run, error) => ends.giveUp(run, "failed", "it could not be claimed", error) !== undefined,
    cancelRuns,
    ...gate,
  });
  asking.recover();
  upkeep.start();
  if (restored.instants > 0) notices.raise("RESTORED", String(nowMs), restoredText(restored));
  notices.expire(problems);
  for (const problem of problems) notices.raise("CONFIG_INVALID", problem, problem);

  let stopped: Promise<void> | undefined;
  return {
    events,
    ...jobs,
    look,
    nodes: async () => ({ available: runner.nodes !== undefined, nodes: (await runner.nodes?.()) ?? [] }),
    rehearseJob: async (input) => rehearsals.rehearse(complete(await jobs.prepare(input))),
    ...runs,
    status,
    doctor: async () => doctor({ deps, ledger, report: status() }),
    ...createDeliveries({ deps, ledger, outbox }),
    ...approvals,
    ...createStates({ ledger, clock, logger }),
    ...createRecords({ ...deps, events }, ledger),
    ...createObservedReads(ledger),
    gatewayJobChanged: gatewayJobs.changed,
    inside: { ...core, jobs, hostTz, stateDir, poke },
    stop({ replaced = false } = {}) {
      stopped ??= letGo(held, logger, replaced);
      return stopped;
    },
  };
}

/** Lets go of one thing. With `replaced` nobody waits: another engine takes over, or this one could not be started. */
type Held = (replaced: boolean) => unknown;

/** Lets go of one thing after the other; one that fails keeps nothing else from being let go. */
async function letGo(held: readonly Held[], logger: Logger, replaced: boolean): Promise<void> {
  for (const release of held) {
    try {
      await release(replaced);
    } catch (error) {
      logger.error(`stopping goes on: ${errorText(error)}`);
    }
  }
}
