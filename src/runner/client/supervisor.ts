import { formatDurationMs, MINUTE_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { newToken } from "../../kernel/ids.ts";
import { isLiving, type RunnerInfo } from "../info.ts";
import { createBackoff } from "./backoff.ts";
import { createChanges } from "./changes.ts";
import { type Connection, connect, type Refusal } from "./connection.ts";
import { createHeartbeat, type Heartbeat, startBeating } from "./heartbeat.ts";
import { installProgram, type Program, removePrograms, sharedToken } from "./program.ts";
import { findRunners, killRunner, reapRunner, signalRunner } from "./reaper.ts";
import { startRunner } from "./start.ts";
import { RUNNER_STATES, type RunnerEvent, type RunnerState } from "./states.ts";
import type { Runner, Supervisor, SupervisorEvents, SupervisorOptions } from "./types.ts";

const RECONNECT_MS = 50;
/** A runner that does not yet know that its last gateway is gone is asked so often: two seconds. */
const REFUSALS_MAX = 40;
const RECONNECT_UNRESPONSIVE_MS = 1_000;
/** A start does not wait longer for the runners of before; who answers later is heard later. */
const OPEN_MAX_MS = 3_000;
/** For the first answer of one that has just been started. */
const ANSWER_MAX_MS = 15_000;
/** With so many that do not answer another one would not either. */
const UNRESPONSIVE_MAX = 3;
const REPLACE_AFTER_MS = 5 * MINUTE_MS;

/** One runner process, as far as it has come. */
interface Supervised extends Omit<Runner, "info"> {
  /** Known once it listens. */
  info: RunnerInfo | undefined;
  connection?: Connection;
  /** It has been the one for new attempts. */
  served: boolean;
  /** How often it said that another gateway has it. */
  refusals: number;
  heartbeat: Heartbeat;
}

export function createSupervisor(options: SupervisorOptions, events: SupervisorEvents): Supervisor {
  const { stateDir, clock, logger, replaceAfterMs = REPLACE_AFTER_MS } = options;
  const all = new Set<Supervised>();
  const owner = newToken();
  const backoff = createBackoff(clock);
  const changes = createChanges(clock);
  let program: Program | undefined;
  let token = "";
  let refusals: Refusal[] = [];
  /** Whether there has to be a current one. */
  let keeping = false;
  let away: { sinceMs: number; reason: string } | undefined;
  let cancelLaunch: (() => void) | undefined;
  let stopBeating = (): void => {};

  const inState = (...states: RunnerState[]): Supervised[] => [...all].filter(({ state }) => states.includes(state));
  const current = (): Supervised | undefined => inState("connected").find(({ draining }) => !draining);

  /** The one place where a runner changes its state. What the table does not name has no effect. */
  function step(runner: Supervised, event: RunnerEvent, why = ""): void {
    const next = RUNNER_STATES[runner.state][event];
    if (next === undefined) return;
    const wasCurrent = runner === current();
    const wasSilent = runner.state === "unresponsive" && next !== "unresponsive";
    if (next !== runner.state) runner.sinceMs = clock.nowMs();
    runner.state = next;
    if (wasCurrent && current() !== runner) away = { sinceMs: clock.nowMs(), reason: why };
    if (wasSilent && runner.info !== undefined) events.responsive(runner.info);
    enter(runner, event, why);
    supervise();
    changes.tell();
  }

  function enter(runner: Supervised, event: RunnerEvent, why: string): void {
    const { info } = runner;
    switch (runner.state) {
      case "connecting":
      case "unresponsive":
        if (event === "listens") reach(runner);
        else if (event === "hung_up") reachLater(runner);
        else if (info !== undefined) events.unresponsive(info);
        break;
      case "connected":
        join(runner);
        break;
      case "leaving":
        runner.connection?.send({ type: "leave" });
        break;
      case "reaping":
        void reap(runner, event, why);
        break;
      case "gone":
        all.delete(runner);
        // It came up after we had let go.
        if (event === "listens" && info !== undefined) signalRunner(info, "SIGTERM");
        break;
      default:
    }
  }

  function add(info?: RunnerInfo): Supervised {
    const draining = info !== undefined && info.program !== program?.hash;
    const runner: Supervised = {
      info,
      state: "starting",
      sinceMs: clock.nowMs(),
      draining,
      served: false,
      refusals: 0,
      heartbeat: createHeartbeat(),
    };
    all.add(runner);
    return runner;
  }

  function reach(runner: Supervised): void {
    const { info } = runner;
    if (info === undefined) return;
    const named = `the runner (process ${info.identity.pid})`;
    runner.connection = connect({
      info,
      token,
      owner,
      clock,
      onWelcome(welcome) {
        runner.heartbeat.heard();
        runner.refusals = 0;
        events.welcomed(info, welcome);
        step(runner, "welcomed");
      },
      onRefused(refusal) {
        // Its last gateway may be gone a moment ago.
        runner.refusals += 1;
        if (refusal.code === "STATE_OWNED" && runner.refusals < REFUSALS_MAX) return;
        refusals.push(refusal);
        logger.warn(`${named} refused: ${refusal.message}`);
        step(runner, "refused", `${named} refused: ${refusal.message}`);
      },
      onMessage(message) {
        runner.heartbeat.heard();
        step(runner, "heard");
        if (message.type === "pong") runner.withoutStarter = message.withoutStarter;
        else events.message(info, message);
      },
      onClosed(why) {
        delete runner.connection;
        if (isLiving(info)) step(runner, "hung_up", `${named} hung up: ${why}`);
        else step(runner, "died", `${named} is gone: ${why}`);
      },
    });
  }

  function reachLater(runner: Supervised): void {
    const delayMs = runner.state === "connecting" ? RECONNECT_MS : RECONNECT_UNRESPONSIVE_MS;
    clock.setTimer(() => {
      if (runner.connection === undefined && ["connecting", "unresponsive"].includes(runner.state)) reach(runner);
    }, delayMs);
  }

  function join(runner: Supervised): void {
    if (inState("connected").some((other) => other !== runner && !other.draining)) runner.draining = true;
    if (runner.draining) runner.connection?.send({ type: "drain" });
    else if (runner.info !== undefined) {
      runner.served = true;
      events.usable(runner.info);
    }
  }

  async function reap(runner: Supervised, event: RunnerEvent, why: string): Promise<void> {
    const { info } = runner;
    void runner.connection?.close();
    if (info !== undefined) {
      if (event === "overdue" && !(await killRunner(info, clock))) logger.error(`${why}, and cannot be killed`);
      await events
        .lost(info, why, runner.served && !runner.draining)
        .catch((error) => logger.error(`${why}: ${errorText(error)}`));
    }
    step(runner, "reaped");
  }

  function look(): void {
    for (const runner of inState("connecting", "connected", "unresponsive")) {
      const verdict = runner.heartbeat.beat();
      const pid = runner.info?.identity.pid;
      if (verdict === "ask" && runner.state === "connected") runner.connection?.send({ type: "ping" });
      if (verdict !== "silent") continue;
      const silentMs = runner.heartbeat.silentMs();
      const why = `the runner (process ${pid}) has not answered for ${formatDurationMs(silentMs)}`;
      step(runner, silentMs < replaceAfterMs ? "silent" : "overdue", why);
    }
  }

  /** Starts a runner when there is none that takes new attempts, nor one about to; later each time one does not last. */
  function supervise(): void {
    if (current() !== undefined) away = undefined;
    else if (keeping && cancelLaunch === undefined && !isComing()) {
      cancelLaunch = clock.setTimer(() => {
        cancelLaunch = undefined;
        if (keeping && current() === undefined && !isComing()) void launch().catch(events.failed);
      }, backoff.nextMs());
    }
  }

  const isComing = (): boolean => inState("starting", "connecting").some(({ draining }) => !draining);

  /** The plugin's files may be gone by now; the copy of the first time is not. */
  function currentProgram(): Program {
    try {
      return installProgram(stateDir, options.runnerFile);
    } catch (error) {
      if (program === undefined) throw error;
      return program;
    }
  }

  async function launch(): Promise<void> {
    backoff.started();
    const runner = add();
    try {
      const silent = inState("unresponsive").length;
      if (silent >= UNRESPONSIVE_MAX) throw new CommandCronError("RUNNER_UNRESPONSIVE", { got: `${silent} of them` });
      program = currentProgram();
      runner.info = await startRunner({
        stateDir,
        program,
        clock,
        logger,
        nodePath: options.nodePath ?? process.execPath,
        env: options.env ?? process.env,
        ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
      });
    } catch (error) {
      away = { sinceMs: away?.sinceMs ?? clock.nowMs(), reason: errorText(error) };
      step(runner, "failed");
      throw error;
    }
    step(runner, "listens");
  }

  return {
    async open() {
      token = sharedToken(stateDir);
      program = installProgram(stateDir, options.runnerFile);
      const { living, dead } = findRunners(stateDir, clock.nowMs());
      await Promise.all(dead.map((info) => reapRunner(stateDir, info, [])));
      refusals = [];
      for (const info of living) step(add(info), "listens");
      stopBeating = startBeating(clock, look);
      await changes.until(() => inState("connecting").length === 0, OPEN_MAX_MS);
      const owned = refusals.find(({ code }) => code === "STATE_OWNED");
      if (owned !== undefined) throw new CommandCronError("STATE_OWNED", { got: owned.message });
      if (current() === undefined) {
        await launch();
        await changes.until(() => !isComing(), ANSWER_MAX_MS);
        if (current() === undefined) throw new CommandCronError("RUNNER_UNAVAILABLE", { got: "no answer" });
      }
      keeping = true;
      removePrograms(stateDir, new Set([program.hash, ...living.map((info) => info.program)]));
    },
    current: () => current()?.info,
    isComing,
    runners: () =>
      inState("connecting", "connected", "unresponsive").flatMap(
        ({ info, state, sinceMs, draining, withoutStarter }) =>
          info === undefined ? [] : [{ info, state, sinceMs, draining, withoutStarter }],
      ),
    send(instance, message) {
      const { connection } = [...all].find(({ info }) => info?.instance === instance) ?? {};
      connection?.send(message);
      return connection !== undefined;
    },
    away: () => away,
    async close() {
      keeping = false;
      stopBeating();
      cancelLaunch?.();
      cancelLaunch = undefined;
      const connections = [...all].flatMap(({ connection }) => connection ?? []);
      for (const runner of [...all]) step(runner, "leave");
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}
