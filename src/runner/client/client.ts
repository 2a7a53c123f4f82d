import { reapOrphans, type Statements, systemProcessTable, unstarted } from "../../executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import { CommandCronError, errorText, failureOf } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { RunnerInfo } from "../info.ts";
import { privateDir, runnerDir } from "../paths.ts";
import type { LostAttempt, RunnerEvents, RunnerPort, RunnerStatus } from "../port.ts";
import { createResultStore } from "../results.ts";
import { packSpec, type ToGateway } from "../wire/index.ts";
import { reapRunner, sharesServiceCgroup } from "./reaper.ts";
import { createRegistry } from "./registry.ts";
import { createSupervisor } from "./supervisor.ts";
import type { SupervisorOptions } from "./types.ts";

/** The engine's side of the runner: starting an attempt is one write to a socket. */
export function createRunnerClient(options: SupervisorOptions): RunnerPort {
  const { stateDir, clock, logger } = options;
  const results = createResultStore(stateDir);
  const registry = createRegistry();
  /** Who asked for an attempt to be ended; said again to a runner that is reached again. */
  const cancels = new Map<string, string>();
  let events: RunnerEvents | undefined;
  /** What there was to tell before the caller was ready to hear it. */
  let early: ((to: RunnerEvents) => void)[] = [];

  /** Nothing is told past a caller who does not listen yet. */
  function tell(say: (to: RunnerEvents) => void): void {
    if (events === undefined) early.push(say);
    else say(events);
  }

  const supervisor = createSupervisor(options, {
    message(info, message) {
      hear(info, message);
    },
    welcomed(info, { running, ended }) {
      const { instance } = info;
      const named = new Set([...running.map((one) => one.attemptKey), ...ended]);
      const missing = registry.of(instance).filter((key) => !named.has(key));
      for (const { attemptKey, identity, progress } of running) {
        registry.running(attemptKey, instance, identity);
        if (progress !== undefined) tell((to) => to.progress(attemptKey, progress));
      }
      for (const attemptKey of ended) registry.ended(attemptKey, instance);
      for (const key of registry.of(instance)) askToCancel(instance, key);
      if (missing.length > 0) void lose(info, missing, "its runner does not know it any more");
    },
    usable(info) {
      for (const spec of registry.takeWaiting()) send(info, spec);
    },
    unresponsive(info) {
      for (const key of registry.of(info.instance)) registry.refuse(key, unresponsive(info));
      tell((to) => to.silent(info.identity.pid, true));
    },
    responsive: (info) => tell((to) => to.silent(info.identity.pid, false)),
    async lost(info, why, served) {
      await lose(info, registry.of(info.instance), why, served);
    },
    failed(error) {
      const failure = failureOf(error, "RUNNER_UNAVAILABLE");
      for (const { attemptKey } of registry.takeWaiting()) refuse(attemptKey, failure);
    },
  });

  const unresponsive = ({ identity }: RunnerInfo): CommandCronError =>
    new CommandCronError("RUNNER_UNRESPONSIVE", { got: `process ${identity.pid}`, details: { pid: identity.pid } });

  function hear(info: RunnerInfo, message: ToGateway): void {
    switch (message.type) {
      case "started":
        registry.started(message.attemptKey, message.identity);
        tell((to) => to.started(message.attemptKey, message.identity, message.step ?? "command"));
        break;
      case "progress":
        tell((to) => to.progress(message.attemptKey, message.progress));
        break;
      case "ended":
        deliver(message.result, info.instance);
        break;
      case "unknown":
        cancels.delete(message.attemptKey);
        registry.answer(message.attemptKey, false);
        break;
      default:
        logger.warn(`a runner said ${message.type} out of place`);
    }
  }

  function deliver(result: AttemptResult, instance: string | undefined): void {
    cancels.delete(result.attemptKey);
    registry.ended(result.attemptKey, instance);
    tell((to) => to.ended(result));
    registry.answer(result.attemptKey, true);
  }

  /** Ends an attempt that never began. */
  const refuse = (attemptKey: string, error: NonNullable<AttemptResult["error"]>): void =>
    deliver(unstarted(attemptKey, clock.nowMs(), { outcome: "spawn_failed", error }), undefined);

  /** Ends the trees first: whoever hears of the loss may start the command again. */
  async function lose(info: RunnerInfo, keys: string[], why: string, served = false): Promise<void> {
    let statements: Statements = new Map();
    try {
      statements = await reapRunner(stateDir, info, registry.orphans(keys));
    } catch (error) {
      logger.error(`what runner ${info.instance} left could not be ended: ${errorText(error)}`);
    }
    for (const result of await results.load()) if (keys.includes(result.attemptKey)) deliver(result, undefined);
    const lostAttempt = (attemptKey: string): LostAttempt => {
      const cleanup = statements.get(attemptKey);
      return { attemptKey, ...(cleanup === undefined ? {} : { cleanup }) };
    };
    const lost = registry.of(info.instance).filter((key) => keys.includes(key));
    for (const key of lost) {
      registry.forget(key);
      cancels.delete(key);
    }
    // That an older one which had nothing left to do is gone is no news.
    if (served || lost.length > 0) tell((to) => to.lost(lost.map(lostAttempt), why));
    for (const key of lost) registry.answer(key, true);
  }

  function send(info: RunnerInfo, spec: CommandSpec): void {
    registry.running(spec.attemptKey, info.instance);
    try {
      supervisor.send(info.instance, packSpec(spec));
    } catch (error) {
      refuse(spec.attemptKey, failureOf(error, "SPAWN_REFUSED"));
    }
  }

  function askToCancel(instance: string, attemptKey: string): void {
    const by = cancels.get(attemptKey);
    if (by !== undefined) supervisor.send(instance, { type: "cancel", attemptKey, by });
  }

  /** One that lives, and has not said yet what it runs. */
  const silentRunner = (): RunnerInfo | undefined =>
    supervisor.runners().find(({ state }) => state === "connecting" || state === "unresponsive")?.info;

  function status(): RunnerStatus {
    const info = supervisor.current();
    const away = supervisor.away();
    const runners = supervisor.runners();
    const silent = runners.filter(({ state }) => state === "unresponsive");
    const counts = {
      running: registry.allRunning().length,
      draining: runners.filter(({ draining, state }) => draining && state === "connected").length,
      unresponsive: silent.map((runner) => ({
        pid: runner.info.identity.pid,
        sinceMs: runner.sinceMs,
        running: registry.of(runner.info.instance).length,
      })),
    };
    if (info === undefined) {
      const state = silent.length > 0 ? "unresponsive" : supervisor.isComing() ? "starting" : "down";
      return { state, ...counts, ...(away === undefined ? {} : { away }) };
    }
    const rssBytes = systemProcessTable().memoryOf(info.identity.pid)?.residentBytes;
    return {
      state: "connected",
      ...counts,
      pid: info.identity.pid,
      version: info.program,
      ...present({
        rssBytes,
        sharesServiceCgroup: sharesServiceCgroup(info),
        withoutStarter: runners.find((runner) => runner.info === info)?.withoutStarter,
      }),
    };
  }

  return {
    async open(given) {
      privateDir(stateDir);
      privateDir(runnerDir(stateDir));
      let saved: AttemptResult[];
      try {
        await supervisor.open();
        saved = (await results.load()).filter((result) => !registry.knows(result.attemptKey));
      } catch (error) {
        await this.close();
        throw error;
      }
      for (const result of saved) registry.ended(result.attemptKey, undefined);
      // The caller first learns what there is, and then hears how it ended.
      setImmediate(() => {
        events = given;
        for (const result of saved) deliver(result, undefined);
        for (const say of early.splice(0)) say(given);
      });
      const instance = supervisor.current()?.instance ?? "";
      const silent = silentRunner() !== undefined;
      return { instance, running: registry.allRunning(), ended: registry.allEnded(), silent };
    },

    adopt(attempts) {
      const info = silentRunner();
      if (info === undefined) return;
      for (const { attemptKey, identity } of attempts) registry.running(attemptKey, info.instance, identity);
    },

    start(spec) {
      if (registry.knows(spec.attemptKey)) return;
      const info = supervisor.current();
      if (info === undefined) registry.wait(spec);
      else send(info, spec);
    },

    async cancel(attemptKey, by) {
      if (registry.takeWaiting((spec) => spec.attemptKey === attemptKey).length > 0) {
        deliver(unstarted(attemptKey, clock.nowMs(), { outcome: "canceled", canceledBy: by }), undefined);
        return true;
      }
      if (registry.hasEnded(attemptKey)) return true;
      const instance = registry.instanceOf(attemptKey);
      if (instance === undefined) return false;
      cancels.set(attemptKey, by);
      askToCancel(instance, attemptKey);
      const runner = supervisor.runners().find(({ info }) => info.instance === instance);
      if (runner?.state === "unresponsive") throw unresponsive(runner.info);
      return registry.question(attemptKey);
    },

    acknowledge(attemptKey) {
      const instance = registry.instanceOf(attemptKey);
      const told = instance !== undefined && supervisor.send(instance, { type: "acknowledge", attemptKey });
      if (!told) void results.remove(attemptKey).catch((error) => logger.warn(errorText(error)));
      registry.forget(attemptKey);
    },

    reap: (attempts) => reapOrphans(attempts),
    status,

    async close() {
      try {
        await supervisor.close();
      } finally {
        events = undefined;
        early = [];
        registry.refuseAll(new CommandCronError("SERVICE_STOPPED"));
      }
    },
  };
}
