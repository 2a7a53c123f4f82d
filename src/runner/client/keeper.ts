import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { newToken } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import { isLiving, type RunnerInfo } from "../info.ts";
import type { ToGateway } from "../wire/index.ts";
import { buryRunner, connectPatiently, findRunners } from "./fleet.ts";
import type { Link } from "./link.ts";
import { installProgram, type Program, removePrograms, sharedToken } from "./program.ts";
import { startRunner } from "./start.ts";

/** A runner that does not yet know that its last gateway is gone gets so long. */
const PATIENCE_MS = 2_000;
/** Before another runner is started after one that died soon. */
const RESTART_AFTER_MS = [0, 500, 2_000, 10_000, 30_000];
const LIVED_WELL_MS = 60_000;

/** Where the bundled runner is, and how it is run. */
export interface KeeperOptions {
  stateDir: string;
  runnerFile: string;
  clock: Clock;
  logger: Logger;
  nodePath?: string;
  env?: Record<string, string | undefined>;
  idleMs?: number;
}

export interface KeeperEvents {
  message(instance: string, message: ToGateway): void;
  /** A connection stands; it may be one of before. */
  linked(link: Link): void;
  /** Where new attempts go from now on. */
  ready(link: Link): void;
  /** The runner is gone for good; its traces are not yet removed. */
  gone(info: RunnerInfo, why: string, wasCurrent: boolean): void;
  /** No runner could be started; it will be tried again. */
  failed(error: unknown): void;
}

/** Keeps connected to every living runner of a state directory, and keeps one of this version alive. */
export interface Keeper {
  /** Raises STATE_OWNED or RUNNER_UNAVAILABLE. */
  attach(): Promise<void>;
  current(): Link | undefined;
  link(instance: string | undefined): Link | undefined;
  /** Starts a runner unless there is one. */
  renew(): void;
  isStarting(): boolean;
  draining(): number;
  close(): Promise<void>;
}

export function createKeeper(options: KeeperOptions, events: KeeperEvents): Keeper {
  const { stateDir, clock, logger } = options;
  const links = new Map<string, Link>();
  const owner = newToken();
  let current: Link | undefined;
  let program: Program | undefined;
  let token = "";
  let closed = false;
  let starting = false;
  let startedMs = 0;
  let deaths = 0;

  async function link(info: RunnerInfo): Promise<Link> {
    const made = await connectPatiently(
      {
        info,
        token,
        owner,
        clock,
        onMessage: (message) => events.message(info.instance, message),
        onDown: (why) => void down(info, why),
      },
      PATIENCE_MS,
    );
    links.set(info.instance, made);
    events.linked(made);
    if (info.program !== program?.hash) made.send({ type: "drain" });
    return made;
  }

  async function down(info: RunnerInfo, why: string): Promise<void> {
    links.delete(info.instance);
    const wasCurrent = current?.info.instance === info.instance;
    if (wasCurrent) current = undefined;
    if (closed) return;
    if (isLiving(info)) {
      try {
        const again = await link(info);
        if (closed) await leave(again);
        else if (wasCurrent) use(again);
        return;
      } catch (error) {
        logger.warn(`runner ${info.instance} cannot be reached again: ${errorText(error)}`);
      }
    }
    events.gone(info, why, wasCurrent);
    if (wasCurrent) renew();
  }

  /** Without the word the runner would take this gateway for one that died, and keep its place. */
  async function leave(made: Link): Promise<void> {
    links.delete(made.info.instance);
    made.send({ type: "leave" });
    await made.close();
  }

  function use(made: Link): void {
    current = made;
    events.ready(made);
  }

  /** The plugin's files may be gone by now; the copy of the first time is not. */
  function currentProgram(): Program {
    try {
      return installProgram(stateDir, options.runnerFile);
    } catch (error) {
      if (program === undefined) throw error;
      return program;
    }
  }

  async function launch(): Promise<Link> {
    program = currentProgram();
    startedMs = clock.monotonicMs();
    const info = await startRunner({
      stateDir,
      program,
      clock,
      logger,
      nodePath: options.nodePath ?? process.execPath,
      env: options.env ?? process.env,
      ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
    });
    return link(info);
  }

  /** Waits longer each time a runner dies soon after it was started. */
  function backOff(): Promise<void> {
    deaths = clock.monotonicMs() - startedMs > LIVED_WELL_MS ? 0 : deaths;
    const delayMs = RESTART_AFTER_MS[Math.min(deaths, RESTART_AFTER_MS.length - 1)] ?? 0;
    deaths += 1;
    return new Promise((resolve) => {
      clock.setTimer(resolve, delayMs);
    });
  }

  async function keepOne(): Promise<void> {
    while (current === undefined && !closed) {
      await backOff();
      try {
        const made = await launch();
        if (closed) await leave(made);
        else use(made);
      } catch (error) {
        events.failed(error);
      }
    }
  }

  function renew(): void {
    if (starting || current !== undefined || closed) return;
    starting = true;
    void keepOne().finally(() => {
      starting = false;
    });
  }

  return {
    async attach() {
      closed = false;
      token = sharedToken(stateDir);
      program = installProgram(stateDir, options.runnerFile);
      const { living, dead } = findRunners(stateDir, clock.nowMs());
      await Promise.all(dead.map((info) => buryRunner(stateDir, info, [])));
      for (const info of living) {
        try {
          const made = await link(info);
          if (info.program !== program.hash) continue;
          if (current === undefined) use(made);
          else made.send({ type: "drain" });
        } catch (error) {
          if (error instanceof CommandCronError && error.code === "STATE_OWNED") throw error;
          logger.warn(`runner ${info.instance} (process ${info.identity.pid}): ${errorText(error)}`);
        }
      }
      if (current === undefined) use(await launch());
      removePrograms(stateDir, new Set([program.hash, ...living.map((info) => info.program)]));
    },
    current: () => current,
    link: (instance) => (instance === undefined ? undefined : links.get(instance)),
    renew,
    isStarting: () => starting,
    draining: () => links.size - (current === undefined ? 0 : 1),
    async close() {
      closed = true;
      current = undefined;
      await Promise.all([...links.values()].map(leave));
    },
  };
}
