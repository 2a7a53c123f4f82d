import { reapOrphans, type Statements, systemProcessTable, unstarted } from "../../executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import { errorText } from "../../kernel/errors.ts";
import { isLiving, type RunnerInfo } from "../info.ts";
import { privateDir, runnerDir } from "../paths.ts";
import type { LostAttempt, RunnerEvents, RunnerPort } from "../port.ts";
import { createResultStore } from "../results.ts";
import type { ToGateway } from "../wire/index.ts";
import { createBook } from "./book.ts";
import { buryRunner, sharesServiceCgroup } from "./fleet.ts";
import { createKeeper, type KeeperOptions } from "./keeper.ts";
import type { Link } from "./link.ts";
import { takeOwnership } from "./owner-lock.ts";

export type RunnerClientOptions = KeeperOptions;

/** The engine's side of the runner: starting an attempt is one write to a socket. */
export function createRunnerClient(options: RunnerClientOptions): RunnerPort {
  const { stateDir, clock, logger } = options;
  const results = createResultStore(stateDir);
  const book = createBook();
  let events: RunnerEvents | undefined;
  /** What runners said before the caller was ready to hear it. */
  let early: (() => void)[] = [];
  let release = (): void => {};

  const keeper = createKeeper(options, {
    message(instance, message) {
      if (events === undefined) early.push(() => hear(instance, message));
      else hear(instance, message);
    },
    linked(link) {
      const { instance } = link.info;
      const named = new Set([...link.running.map((one) => one.attemptKey), ...link.ended]);
      const missing = book.of(instance).filter((key) => !named.has(key));
      for (const { attemptKey, identity } of link.running) book.running(attemptKey, instance, identity);
      for (const attemptKey of link.ended) book.ended(attemptKey, instance);
      if (missing.length > 0) void lose(link.info, missing, "its runner does not know it any more");
    },
    ready(link) {
      for (const spec of book.takeWaiting()) send(link, spec);
    },
    gone(info, why, wasCurrent) {
      const keys = book.of(info.instance);
      void lose(info, keys, `its runner (process ${info.identity.pid}) is gone: ${why}`);
      if (!wasCurrent && keys.length === 0) return;
      events?.notice(
        "RUNNER_UNAVAILABLE",
        `runner process ${info.identity.pid} is gone (${why}); runs lost: ${keys.length}`,
      );
    },
    failed(error) {
      const failure = { code: "RUNNER_UNAVAILABLE" as const, message: errorText(error) };
      for (const { attemptKey } of book.takeWaiting()) {
        deliver(unstarted(attemptKey, clock.nowMs(), { outcome: "spawn_failed", error: failure }), undefined);
      }
      events?.notice(failure.code, failure.message);
    },
  });

  function hear(instance: string, message: ToGateway): void {
    switch (message.type) {
      case "started":
        book.started(message.attemptKey, message.identity);
        events?.started(message.attemptKey, message.identity);
        break;
      case "ended":
        deliver(message.result, instance);
        break;
      case "unknown":
        book.answer(message.attemptKey, false);
        break;
      default:
        logger.warn(`a runner said ${message.type} out of place`);
    }
  }

  function deliver(result: AttemptResult, instance: string | undefined): void {
    book.ended(result.attemptKey, instance);
    events?.ended(result);
    book.answer(result.attemptKey, true);
  }

  /** Ends the trees first: whoever hears of the loss may start the command again. */
  async function lose(info: RunnerInfo, keys: string[], why: string): Promise<void> {
    let statements: Statements = new Map();
    try {
      const orphans = book.orphans(keys);
      statements = isLiving(info) ? await reapOrphans(orphans) : await buryRunner(stateDir, info, orphans);
    } catch (error) {
      logger.error(`what runner ${info.instance} left could not be ended: ${errorText(error)}`);
    }
    for (const result of await results.load()) if (keys.includes(result.attemptKey)) deliver(result, undefined);
    const lostAttempt = (attemptKey: string): LostAttempt => {
      const cleanup = statements.get(attemptKey);
      return { attemptKey, ...(cleanup === undefined ? {} : { cleanup }) };
    };
    const lost = book.of(info.instance).filter((key) => keys.includes(key));
    for (const key of lost) book.forget(key);
    if (lost.length > 0) events?.lost(lost.map(lostAttempt), why);
    for (const key of lost) book.answer(key, true);
  }

  function send(link: Link, spec: CommandSpec): void {
    book.running(spec.attemptKey, link.info.instance);
    link.send({ type: "start", spec });
  }

  return {
    async open(given) {
      privateDir(stateDir);
      privateDir(runnerDir(stateDir));
      release = takeOwnership(stateDir);
      let saved: AttemptResult[];
      try {
        await keeper.attach();
        saved = (await results.load()).filter((result) => !book.knows(result.attemptKey));
      } catch (error) {
        await this.close();
        throw error;
      }
      for (const result of saved) book.ended(result.attemptKey, undefined);
      // The caller first learns what there is, and then hears how it ended.
      setImmediate(() => {
        events = given;
        for (const result of saved) deliver(result, undefined);
        for (const say of early) say();
        early = [];
      });
      const instance = keeper.current()?.info.instance ?? "";
      return { instance, running: book.allRunning(), ended: book.allEnded() };
    },

    start(spec) {
      if (book.knows(spec.attemptKey)) return;
      const link = keeper.current();
      if (link !== undefined) return send(link, spec);
      book.wait(spec);
      keeper.renew();
    },

    async cancel(attemptKey, by) {
      if (book.takeWaiting((spec) => spec.attemptKey === attemptKey).length > 0) {
        deliver(unstarted(attemptKey, clock.nowMs(), { outcome: "canceled", canceledBy: by }), undefined);
        return true;
      }
      if (book.hasEnded(attemptKey)) return true;
      const link = keeper.link(book.instanceOf(attemptKey));
      if (link === undefined) return false;
      link.send({ type: "cancel", attemptKey, by });
      return book.question(attemptKey);
    },

    acknowledge(attemptKey) {
      const link = keeper.link(book.instanceOf(attemptKey));
      link?.send({ type: "acknowledge", attemptKey });
      if (link === undefined) void results.remove(attemptKey).catch((error) => logger.warn(errorText(error)));
      book.forget(attemptKey);
    },

    reap: (attempts) => reapOrphans(attempts),

    status() {
      const info = keeper.current()?.info;
      const counts = { running: book.allRunning().length, draining: keeper.draining() };
      if (info === undefined) return { state: keeper.isStarting() ? "starting" : "down", ...counts };
      const shares = sharesServiceCgroup(info);
      const rssBytes = systemProcessTable().memoryOf(info.identity.pid)?.residentBytes;
      return {
        state: "connected",
        ...counts,
        pid: info.identity.pid,
        version: info.program,
        ...(rssBytes === undefined ? {} : { rssBytes }),
        ...(shares === undefined ? {} : { sharesServiceCgroup: shares }),
      };
    },

    async close() {
      try {
        await keeper.close();
      } finally {
        events = undefined;
        release();
        release = () => {};
      }
    },
  };
}
