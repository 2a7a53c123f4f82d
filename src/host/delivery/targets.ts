import type { Destination } from "../../../schema/wire/delivery.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { configuredChannels, type GatewayConfig, type OutboundAdapter } from "../gateway/index.ts";

export type Route = Pick<Destination, "channel" | "to" | "accountId" | "threadId">;

export interface TargetDeps {
  config(): GatewayConfig;
  /** The channel's own way out; undefined when no such channel is loaded. */
  adapter(channel: string): Promise<OutboundAdapter | undefined>;
  /** Where a session last spoke; undefined when it never did. */
  sessionRoute(sessionKey: string, agentId: string | undefined): Promise<Route | undefined>;
}

export interface JobSession {
  agentId?: string;
  sessionKey?: string;
}

/**
 * Answers the destination with everything filled in that the gateway would fill in, or raises DELIVERY_TARGET_MISSING or
 * DELIVERY_TARGET_INVALID. Rules are the gateway's: a provider prefix of the target chooses the channel; then the
 * session named by the job; then the only configured channel. A conversation that merely happened to be the last one of
 * the shared main session is never chosen: it belongs to nobody in particular.
 */
export async function resolveTarget(
  deps: TargetDeps,
  destination: Destination,
  session: JobSession,
): Promise<Destination> {
  if (destination.mode === "webhook") return destination;
  const channels = configuredChannels(deps.config());
  const route = await chooseRoute(deps, destination, session, channels);
  assertChannel(route.channel, channels);
  assertAccount(deps.config(), route.channel, destination.accountId);
  const to = await checkTarget(deps, route);
  return { ...destination, ...route, to };
}

const CONTROL = /[\u0000-\u001f\u007f]/;

type Chosen = Route & { channel: string };

async function chooseRoute(
  deps: TargetDeps,
  destination: Destination,
  session: JobSession,
  channels: string[],
): Promise<Chosen> {
  const wanted = destination.channel?.trim().toLowerCase();
  const prefixed = channelPrefix(destination.to, channels);
  if (wanted !== undefined && wanted !== "last") {
    if (prefixed !== undefined && prefixed !== wanted) {
      throw invalid("delivery.to", `a target of ${wanted}`, `one of ${prefixed}`);
    }
    return withOwn({ channel: wanted }, destination);
  }
  if (prefixed !== undefined) return withOwn({ channel: prefixed }, destination);
  const last =
    session.sessionKey === undefined ? undefined : await deps.sessionRoute(session.sessionKey, session.agentId);
  if (last?.channel !== undefined) return withOwn({ ...last, channel: last.channel }, destination);
  const [only, ...others] = channels;
  if (only !== undefined && others.length === 0) return withOwn({ channel: only }, destination);
  throw new CommandCronError("DELIVERY_TARGET_MISSING", {
    field: "delivery.channel",
    expected: channels.length === 0 ? "a configured channel" : `one of ${channels.join(", ")}`,
    got: destination.channel === undefined ? "none" : "`last`, and the job names no session that has spoken before",
  });
}

/** A thread lies in one conversation and does not follow to another target; the account does. The gateway's rule. */
function withOwn(route: Chosen, destination: Destination): Chosen {
  const { threadId, ...elsewhere } = route;
  const [last, own] = [route.to, destination.to].map((to) => withoutPrefix(to, route.channel));
  return {
    ...(own === undefined || own === last ? route : elsewhere),
    ...present({ to: destination.to, accountId: destination.accountId, threadId: destination.threadId }),
  };
}

/** The prefix has done its work once the channel is chosen. */
function withoutPrefix(to: string | undefined, channel: string): string | undefined {
  const trimmed = to?.trim();
  return trimmed?.toLowerCase().startsWith(`${channel}:`) ? trimmed.slice(channel.length + 1).trim() : trimmed;
}

/** `irc:#ops` names its channel; prefixes that are no channel (`channel:`, `user:`) belong to the target. */
function channelPrefix(to: string | undefined, channels: string[]): string | undefined {
  const prefix = /^([a-z][a-z0-9-]*):/i.exec(to?.trim() ?? "")?.[1]?.toLowerCase();
  return prefix !== undefined && channels.includes(prefix) ? prefix : undefined;
}

function assertChannel(channel: string, channels: string[]): void {
  if (channels.includes(channel)) return;
  throw invalid(
    "delivery.channel",
    channels.length === 0 ? "a configured channel; none is" : `one of ${channels.join(", ")}`,
    channel,
  );
}

/** Only an account that the operator switched off is refused; ids the config does not list may still be valid. */
function assertAccount(config: GatewayConfig, channel: string, accountId: string | undefined): void {
  if (accountId === undefined) return;
  const accounts = (config.channels?.[channel] as { accounts?: Record<string, { enabled?: unknown }> } | undefined)
    ?.accounts;
  if (accounts?.[accountId]?.enabled === false)
    throw invalid("delivery.accountId", "an account that is enabled", accountId);
}

async function checkTarget(deps: TargetDeps, route: Chosen): Promise<string> {
  const adapter = await deps.adapter(route.channel);
  if (adapter === undefined) throw invalid("delivery.channel", "a channel whose plugin is loaded", route.channel);
  const to = withoutPrefix(route.to, route.channel);
  if (to !== undefined && CONTROL.test(to))
    throw invalid("delivery.to", "a target without control characters", JSON.stringify(to));
  const resolved = adapter.resolveTarget?.({
    cfg: deps.config(),
    ...(to === undefined || to === "" ? {} : { to }),
    ...present({ accountId: route.accountId }),
    mode: "explicit",
  });
  if (resolved?.ok === true) return resolved.to;
  if (to === undefined || to === "") {
    throw new CommandCronError("DELIVERY_TARGET_MISSING", {
      field: "delivery.to",
      expected: `a target of ${route.channel}`,
    });
  }
  if (resolved?.ok === false) throw invalid("delivery.to", errorText(resolved.error), to);
  return to;
}

const invalid = (field: string, expected: string, got: string): CommandCronError =>
  new CommandCronError("DELIVERY_TARGET_INVALID", { field, expected, got });
