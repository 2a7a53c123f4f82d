/** The gateway's config as it is right now, as far as it is read. */
export interface GatewayConfig {
  channels?: Record<string, unknown>;
  commands?: { ownerAllowFrom?: unknown };
  gateway?: {
    bind?: string;
    tls?: { enabled?: boolean };
    nodes?: { commands?: { allow?: unknown } };
    auth?: { mode?: string; token?: unknown; password?: unknown };
  };
  cron?: { webhookToken?: unknown; webhookSsrfPolicy?: unknown };
}

const NOT_CHANNELS = new Set(["defaults", "modelByChannel"]);

/** Names of the channels that are configured and not switched off, sorted. */
export function configuredChannels(config: GatewayConfig): string[] {
  return Object.entries(config.channels ?? {})
    .filter(([name, entry]) => !NOT_CHANNELS.has(name) && isEnabled(entry))
    .map(([name]) => name)
    .sort();
}

function isEnabled(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null || Object.keys(entry).length === 0) return false;
  return (entry as { enabled?: unknown }).enabled !== false;
}
