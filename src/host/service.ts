import type { Caller } from "../engine/api.ts";
import { systemClock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { CommandCronError, type ErrorCode, errorText } from "../kernel/errors.ts";
import { answerStopped } from "../page/api.ts";
import { adaptLogger, outside, type ServiceContext } from "./gateway/index.ts";
import type { GatewayStarted, Runtime, ServiceOptions } from "./types.ts";

/** How long until a service that could not start tries again: a full disk or another owner may be gone by then. */
const RETRY_MS = 10 * SECOND_MS;

export type Answer =
  | { ok: true; payload: unknown }
  | { ok: false; error: { code: string; message: string; details?: unknown; retryable?: boolean } };

export interface Service extends Omit<Runtime, "dispatch" | "stop"> {
  /** Never fails and never keeps the gateway from starting; what is wrong is reported as health and by every method. */
  start(context: ServiceContext): Promise<void>;
  stop(): Promise<void>;
  /** The gateway itself ends: said before `stop`, and not when only this plugin is replaced or switched off. */
  gatewayEnds(): void;
  /** Asks one method. Every failure is an answer. With `refusal` the method is not asked. */
  call(name: string, params: unknown, caller: Caller, refusal?: ErrorCode): Promise<Answer>;
}

/**
 * The one runtime of this process. The gateway may register the plugin again beside the started one, to list or run its
 * tools; what is registered then must reach the same runtime.
 */
let active: Runtime | undefined;

/** Inert until started: the gateway also registers plugins to look at them, and nothing may happen then. */
export function createService(options: ServiceOptions): Service {
  let running: Runtime | undefined;
  let problem: unknown;
  /** When it first could not be started. */
  let failingSinceMs: number | undefined;
  let starting: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let gateway: GatewayStarted | undefined;
  let ending = false;
  /** Jobs that came before there was anybody to take them. */
  const early: string[] = [];

  async function attempt(context: ServiceContext): Promise<void> {
    cancelRetry = undefined;
    try {
      const { startRuntime } = await loadRuntime();
      running = await startRuntime({ ...options, context });
      active = running;
      for (const id of early.splice(0)) running.cronAdded(id);
      if (gateway !== undefined) running.useGateway(gateway);
      problem = undefined;
      failingSinceMs = undefined;
      context.serviceHealth?.clearFailure?.();
    } catch (error) {
      problem = error;
      failingSinceMs ??= systemClock.nowMs();
      adaptLogger(context.logger).error(`command-cron could not start: ${errorText(error)}`);
      context.serviceHealth?.reportFailure(error);
      cancelRetry = systemClock.setTimer(() => {
        starting = attempt(context);
      }, RETRY_MS);
    }
  }

  const current = (): Runtime | undefined => running ?? active;

  /** Why nothing runs here, by a code of ours. */
  const reason = (): CommandCronError =>
    problem instanceof CommandCronError
      ? problem
      : new CommandCronError(
          "SERVICE_STOPPED",
          problem === undefined ? {} : { got: errorText(problem), cause: problem },
        );

  /** How a service is that could not start. */
  async function stoppedReport(name: string): Promise<object | undefined> {
    if (current() !== undefined || failingSinceMs === undefined) return undefined;
    const sinceMs = failingSinceMs;
    const { reportStopped, versionOf } = await loadRuntime();
    return reportStopped(name, { reason: reason(), sinceMs, version: await versionOf(options.files.packageFile) });
  }

  return {
    async start(context) {
      starting = outside(() => attempt(context));
      await starting;
    },
    async stop() {
      await starting;
      cancelRetry?.();
      const ended = running;
      running = undefined;
      if (active === ended) active = undefined;
      await ended?.stop(!ending);
    },
    gatewayEnds() {
      ending = true;
    },
    useGateway(started) {
      gateway = started;
      outside(() => running?.useGateway(started));
    },
    cronAdded(id) {
      if (running === undefined) early.push(id);
      else running.cronAdded(id);
    },
    cronChanged(end) {
      outside(() => current()?.cronChanged(end));
    },
    async call(name, params, caller, refusal) {
      try {
        if (refusal !== undefined) throw new CommandCronError(refusal);
        const report = await stoppedReport(name);
        if (report !== undefined) return { ok: true, payload: report };
        const runtime = current();
        if (runtime === undefined) throw reason();
        return { ok: true, payload: await outside(() => runtime.dispatch(name, params, caller)) };
      } catch (error) {
        const { toGatewayError } = await loadRuntime();
        const answer = toGatewayError(error);
        if (failingSinceMs === undefined) return { ok: false, error: answer };
        return { ok: false, error: { ...answer, details: { ...answer.details, sinceMs: failingSinceMs } } };
      }
    },
    page: (route, request, response) =>
      outside(async () => {
        const runtime = current();
        if (runtime === undefined) answerStopped(route, response);
        else await runtime.page(route, request, response);
      }),
    holdsJob: (id) => current()?.holdsJob(id) ?? false,
  };
}

/** Everything that does work, loaded when it is needed and not when the plugin is registered. */
const loadRuntime = () => import("./runtime.ts");
