import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../../schema/wire/config.ts";
import type { Engine, EngineDeps, GatewayJob } from "../../engine/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import { validateJob } from "../../rpc/index.ts";
import type { MovesApi } from "../../transfer/index.ts";
import { createMoves, type Moves } from "../../transfer/moves/index.ts";
import { createArrivals } from "./arrivals.ts";
import { captureMethods, installMethods, isRouted, staysNative } from "./install.ts";
import { createNativeCron } from "./native.ts";
import { createOwnStore } from "./own.ts";
import { createReads } from "./reads.ts";
import { createWrites } from "./routes.ts";
import { type CronService, probeCron, recognizeCron } from "./service.ts";

/** The gateway builds a new scheduler when its cron config changes, and tells nobody for a moment. */
const LOOK_EVERY_MS = 250;
const CHANGES = ["job-changed", "run-queued", "run-started", "run-finished", "delivery-changed"] as const;

interface CronSeamDeps {
  mode: NonNullable<Config["cronCommands"]>;
  /** `getCron` of the gateway's `gateway_start` hook: whatever scheduler is in force when it is asked. */
  getCron(): unknown;
  engine: Engine;
  clock: Clock;
  logger: Logger;
  /** Told why `openclaw cron` is left alone although it should be routed; undefined when it is routed. */
  report?(problem: string | undefined): void;
}

export interface CronSeam {
  /** Settles once the scheduler in force has been looked at. To be called again when the gateway says it is another one. */
  refresh(): Promise<void>;
  /** A job was added to the gateway's cron; a command that came before this stood in for it comes over. */
  added(id: string): void;
  /** The gateway's own jobs, past our routing. Raises when its cron cannot be reached. */
  jobs(): Promise<readonly GatewayJob[]>;
  /** Moves between the gateway's cron and the ledger; undefined while that cron cannot be reached. */
  moves(): MovesApi | undefined;
  status(): ReturnType<EngineDeps["routing"]>;
  /** Puts everything back as it was found. */
  detach(): void;
}

/** Remembers, over gateways too, that command jobs were routed once: that they are not is news then. */
const ROUTED_META = "routing.active";

/** Before the first look; unlike anything the gateway hands out. */
const NOT_LOOKED = Symbol("not looked");

interface Attachment {
  cron: unknown;
  /** The gateway's own methods, where ours stand in for them. */
  native?: CronService;
  moves?: Moves;
  /** Takes over what was added too early. */
  takeOver?(): Promise<void>;
  /** Whether our methods are in place. */
  active?: boolean;
  detail: string;
}

/**
 * Routes the command jobs of `openclaw cron` into this plugin, by standing in for methods of the service object that the
 * gateway's own handlers call after they have checked scope and parameters. The gateway documents no such place: an object
 * that does not look exactly as expected is left alone. docs/decisions/0007-routing-seam.md weighs this.
 */
export function attachCronSeam(deps: CronSeamDeps): CronSeam {
  const { mode, engine, clock, logger } = deps;
  let attachment: Attachment = { cron: NOT_LOOKED, detail: "the gateway's cron has not been looked at yet" };
  let turn: Promise<void> = Promise.resolve();
  let detached = false;
  let cancelLook = (): void => {};
  /** Known from the moment the methods are in place: a stop may come while they are tried out. */
  let uninstall = (): void => {};
  let lostSinceMs: number | undefined;
  let changes = 0;
  const arrivals = createArrivals(logger);
  const stops = CHANGES.map((name) =>
    engine.events.on(name, () => {
      changes += 1;
    }),
  );

  function currentCron(): unknown {
    try {
      return deps.getCron();
    } catch (error) {
      logger.warn(`the gateway's cron service cannot be reached: ${errorText(error)}`);
      return undefined;
    }
  }

  async function attach(found: unknown): Promise<Attachment> {
    const { cron, reason } = recognizeCron(found);
    if (cron === undefined) return { cron: found, detail: `left alone: ${reason}` };
    if (isRouted(cron)) return { cron: found, detail: "left alone: another instance of this plugin routes it" };
    const native = captureMethods(cron);
    const strange = await probeCron(native);
    if (strange !== undefined) return { cron: found, detail: `left alone: ${strange}` };
    const put: CronService["add"] = (input, options) => {
      arrivals.leaves(String(input["id"]));
      return native.add(input, options);
    };
    const moves = createMoves({
      ...engine.inside,
      native: createNativeCron({ ...native, add: put }),
      validate: validateJob,
    });
    await moves.resume();
    if (mode === "off") return { cron: found, moves, detail: 'off: `cronCommands` is "off"' };
    if (detached) return { cron: found, detail: "detached" };
    const own = createOwnStore(engine, () => native.getDefaultAgentId());
    const installation = installMethods(cron, {
      ...createReads({ native, own, logger, revision: () => `${changes}` }),
      ...createWrites({ native, own, engine, moves, nowMs: clock.nowMs, sleep }),
    });
    uninstall = installation.undo;
    if (!(await staysNative(native, installation))) {
      return { cron: found, detail: "left alone: the methods of the gateway's cron service call one another" };
    }
    return {
      cron: found,
      native,
      moves,
      takeOver: () => arrivals.takeOver({ native, own, engine, moves }),
      active: true,
      detail: "command jobs of `openclaw cron` are kept and run here",
    };
  }

  async function look(): Promise<void> {
    const found = currentCron();
    if (!detached && found !== attachment.cron) await follow(found);
    if (detached || !arrivals.waiting()) return;
    await attachment.takeOver?.().catch((error) => logger.warn(`jobs that were added early: ${errorText(error)}`));
  }

  async function follow(found: unknown): Promise<void> {
    uninstall();
    attachment = { cron: found, detail: "the gateway's cron is being looked at" };
    const next = await attach(found).catch(
      (error): Attachment => ({ cron: found, detail: `left alone: ${errorText(error)}` }),
    );
    if (detached) return;
    attachment = next;
    const { active = false } = attachment;
    if (!active) uninstall();
    noteLoss(active);
    logger[active || mode === "off" ? "info" : "warn"](`openclaw cron: ${attachment.detail}`);
    deps.report?.(active || mode === "off" ? undefined : attachment.detail);
  }

  function noteLoss(active: boolean): void {
    const { ledger } = engine.inside;
    try {
      if (active) ledger.setMeta(ROUTED_META, "1");
      const lost = !active && mode === "route" && ledger.getMeta(ROUTED_META) !== undefined;
      lostSinceMs = lost ? (lostSinceMs ?? clock.nowMs()) : undefined;
    } catch (error) {
      logger.warn(`whether \`openclaw cron\` was routed before is not known: ${errorText(error)}`);
    }
  }

  function lookAgain(): void {
    cancelLook = clock.setTimer(() => {
      if (currentCron() !== attachment.cron || arrivals.waiting()) void refresh();
      lookAgain();
    }, LOOK_EVERY_MS);
  }

  function refresh(): Promise<void> {
    turn = turn.then(look).catch((error) => logger.warn(`the gateway's cron cannot be followed: ${errorText(error)}`));
    return turn;
  }

  /** Whoever switches this plugin off for good should know how to get the jobs back. */
  function tellWhatStays(): void {
    try {
      const { total } = engine.listJobs({ includeDisabled: true, limit: 1, offset: 0 });
      if (total === 0) return;
      logger.info(
        `command-cron stops: its jobs (${total}) run again when it is back. To leave it, give them to the gateway's own ` +
          "cron first: openclaw command-cron release --all",
      );
    } catch (error) {
      logger.warn(`command-cron stops; its jobs cannot be counted: ${errorText(error)}`);
    }
  }

  lookAgain();
  return {
    refresh,
    added(id) {
      if (mode === "route") arrivals.note(id);
    },
    async jobs() {
      const current = currentCron();
      const cron = attachment.cron === current ? (attachment.native ?? current) : current;
      const { list } = (cron ?? {}) as Partial<CronService>;
      if (typeof list !== "function") throw new CommandCronError("CRON_UNREACHABLE");
      return (await Reflect.apply(list, cron, [{ includeDisabled: true }])) as readonly GatewayJob[];
    },
    moves: () => attachment.moves,
    status: () => ({
      mode,
      active: attachment.active === true,
      detail: attachment.detail,
      ...(lostSinceMs === undefined ? {} : { lostSinceMs }),
    }),
    detach() {
      if (detached) return;
      detached = true;
      cancelLook();
      for (const stop of stops) stop();
      uninstall();
      attachment = { cron: attachment.cron, detail: "detached" };
      tellWhatStays();
    },
  };
}
