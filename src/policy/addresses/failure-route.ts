import type { Config } from "../../../schema/wire/config.ts";
import type { Destination } from "../../../schema/wire/delivery.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import { present } from "../../kernel/present.ts";
import { addressesOf, escalatesAfterMs, type Named, nameIn, resolveNames } from "./destinations.ts";

/** The settings that decide where bad news goes. */
export type Routing = Named & Pick<Config, "alerts">;

/** Whether nobody hears of it when this job fails, and nobody asked for that. */
export function failsUnheard(job: Pick<JobInput, "delivery" | "failureAlert" | "policy">, config: Routing): boolean {
  const { delivery, failureAlert, policy } = job;
  if (failureAlert === false) return false;
  const { on = "always", match } = policy?.deliver ?? {};
  // What an agent hears nobody hears.
  const also = delivery?.also?.some(({ mode }) => mode !== "agent");
  const goesOut = (delivery?.mode ?? "none") !== "none" || delivery?.completionDestination || also;
  if (goesOut && match === undefined && ["always", "failure", "change"].includes(on)) return false;
  const alerts = failureAlert !== undefined || delivery?.bestEffort !== true;
  return !alerts || failureRoutes(job, config).length === 0;
}

type Route = Partial<Pick<Destination, "mode" | "channel" | "to" | "accountId">>;

/** What says whom a job tells. */
export type Speaks = Pick<JobInput, "delivery" | "failureAlert">;

/**
 * Where bad news about a job may go, best first: the job's `failureAlert`, its `failureDestination`, the configured alert
 * destination, the job's own announce target. The gateway's order; a name stands for
 * all its addresses in their order. A route that names half a target is filled in from
 * the job's own target where both speak of the same channel, and left out where that does not complete it.
 */
export function failureRoutes(job: Speaks | undefined, config: Routing): Destination[] {
  return completeRoutes(job, config).flatMap((route) => resolveNames(config, route));
}

/** Who is told of a job's incident, one after another, while nobody says that it is known; undefined: only the first. */
export function escalationOf(
  job: Speaks | undefined,
  config: Routing,
): { members: Destination[]; afterMs: number } | undefined {
  const [route] = completeRoutes(job, config);
  const afterMs = route === undefined ? undefined : escalatesAfterMs(config, route);
  return route === undefined || afterMs === undefined ? undefined : { members: addressesOf(config, route), afterMs };
}

function completeRoutes(job: Speaks | undefined, config: Routing): Destination[] {
  const { delivery } = job ?? {};
  const own: Destination | undefined = delivery?.mode === "announce" ? { ...delivery, mode: "announce" } : undefined;
  const alert = job?.failureAlert === false ? undefined : job?.failureAlert;
  const routes: (Route | undefined)[] = [alert, delivery?.failureDestination, config.alerts?.destination, own];
  return routes.map((route) => completed(route, own)).filter((route) => route !== undefined);
}

function completed(route: Route | undefined, own: Destination | undefined): Destination | undefined {
  if (route === undefined) return undefined;
  const { mode = "announce", channel, to, accountId } = route;
  if (to !== undefined && nameIn(route) !== undefined) return { mode, to, ...present({ accountId }) };
  if (mode === "webhook") return to === undefined ? undefined : { mode, to };
  if (channel === undefined && to === undefined && accountId === undefined) return undefined;
  const base = channel === undefined || channel === own?.channel ? own : undefined;
  const target = { channel: channel ?? base?.channel, to: to ?? base?.to };
  if (target.channel === undefined || target.to === undefined) return undefined;
  const threadId = target.to === base?.to ? base?.threadId : undefined;
  return { mode: "announce", ...present({ ...target, accountId: accountId ?? base?.accountId, threadId }) };
}
