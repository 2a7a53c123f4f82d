import type { Delivery, Destination } from "../../schema/wire/delivery.ts";
import type { JobInput } from "../../schema/wire/job.ts";

/** Whether nobody hears of it when this job fails, and nobody asked for that. */
export function failsUnheard(
  job: Pick<JobInput, "delivery" | "failureAlert" | "policy">,
  configured: Destination | undefined,
): boolean {
  const { delivery, failureAlert, policy } = job;
  if (failureAlert === false) return false;
  const { on = "always", match } = policy?.deliver ?? {};
  const goesOut = (delivery?.mode ?? "none") !== "none" || delivery?.completionDestination || delivery?.also?.length;
  if (goesOut && match === undefined && ["always", "failure", "change"].includes(on)) return false;
  const alerts = failureAlert !== undefined || delivery?.bestEffort !== true;
  return !alerts || failureRoutes(job, configured).length === 0;
}

type Route = Pick<Partial<Delivery>, "mode" | "channel" | "to" | "accountId">;

/**
 * Where bad news about a job may go, best first: the job's `failureAlert`, its `failureDestination`, the configured alert
 * destination, the job's own announce target. The gateway's order. A route that names half a target is filled in from
 * the job's own target where both speak of the same channel, and left out where that does not complete it.
 */
export function failureRoutes(
  job: Pick<JobInput, "delivery" | "failureAlert"> | undefined,
  configured: Destination | undefined,
): Destination[] {
  const own = job?.delivery?.mode === "announce" ? job.delivery : undefined;
  const alert = job?.failureAlert === false ? undefined : job?.failureAlert;
  const routes: (Route | undefined)[] = [alert, job?.delivery?.failureDestination, configured, own];
  return routes.map((route) => completed(route, own)).filter((route) => route !== undefined);
}

function completed(route: Route | undefined, own: Delivery | undefined): Destination | undefined {
  if (route === undefined) return undefined;
  const { mode = "announce", channel, to, accountId } = route;
  if (mode === "webhook") return to === undefined ? undefined : { mode, to };
  if (channel === undefined && to === undefined && accountId === undefined) return undefined;
  const base = channel === undefined || channel === own?.channel ? own : undefined;
  const target = { channel: channel ?? base?.channel, to: to ?? base?.to };
  if (target.channel === undefined || target.to === undefined) return undefined;
  const account = accountId ?? base?.accountId;
  const threadId = target.to === base?.to ? base?.threadId : undefined;
  return {
    mode: "announce",
    channel: target.channel,
    to: target.to,
    ...(account === undefined ? {} : { accountId: account }),
    ...(threadId === undefined ? {} : { threadId }),
  };
}
