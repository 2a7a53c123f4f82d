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

/**
 * The argv that makes the runner, and with it what it starts, batch processes of Linux (SCHED_BATCH): they get their share
 * of the CPU as ever, but a waking one does not take it from the gateway at once. Empty where `chrt` is missing.
 */
export function batchArgv(host: { platform: NodeJS.Platform; has(program: string): boolean }): string[] {
  const chrt = host.platform === "linux" ? ["/usr/bin/chrt", "/bin/chrt"].find((path) => host.has(path)) : undefined;
  return chrt === undefined ? [] : [chrt, "--batch", "0"];
}
