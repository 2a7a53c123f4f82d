import type { GatewayConfig } from "../gateway/index.ts";

/** Other words for a channel in front of somebody's id. */
const ALSO: Record<string, string> = { tg: "telegram" };

/**
 * Whether the operator has named this sender an owner (`commands.ownerAllowFrom`: `telegram:777`, or an id for every
 * channel). A click says only that its sender may talk to the gateway, so it is asked here. Nobody named: nobody is.
 */
export function isOwner({ commands }: GatewayConfig, channel: string, senderId: string | undefined): boolean {
  const named = commands?.ownerAllowFrom;
  if (senderId === undefined || senderId === "" || !Array.isArray(named)) return false;
  return named.some((entry) => {
    const text = String(entry).trim();
    const [, prefix, id] = /^([a-z][a-z0-9-]*):(.+)$/i.exec(text) ?? [];
    if (prefix === undefined || id === undefined) return text === senderId;
    const of = prefix.toLowerCase();
    return (ALSO[of] ?? of) === channel && id.trim() === senderId;
  });
}
