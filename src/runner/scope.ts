/**
 * The argv before the runner's own that gives it a scope of its own under systemd, so that it stays when the gateway's
 * service ends. Empty where there is no systemd to ask.
 */
export function scopeArgv(host: {
  platform: NodeJS.Platform;
  root: boolean;
  /** Whether systemd runs this machine. */
  systemd: boolean;
  env: Record<string, string | undefined>;
}): string[] {
  if (host.platform !== "linux" || !host.systemd) return [];
  if (!host.root && host.env["XDG_RUNTIME_DIR"] === undefined) return [];
  const manager = host.root ? [] : ["--user"];
  return ["systemd-run", ...manager, "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--"];
}
