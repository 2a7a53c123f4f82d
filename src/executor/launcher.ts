import type { Limits } from "../../schema/wire/policy.ts";

const HARD_CPU_EXTRA_SECONDS = 5;

/** The limits this platform can enforce on a command, by name. */
export function supportedLimits(platform: NodeJS.Platform, uid = process.getuid?.()): (keyof Limits)[] {
  if (platform === "win32") return ["nice"];
  const all: (keyof Limits)[] = ["nice", "cpuSeconds", "memoryBytes", "openFiles", "processes"];
  // macOS accepts an address space limit and ignores it; no system counts the processes of root.
  return all.filter(
    (name) => !(name === "memoryBytes" && platform === "darwin") && !(name === "processes" && uid === 0),
  );
}

/** The argv that sets limits and then becomes the command, or the command's own when there is nothing to set. */
export function launcherArgv(argv: readonly string[], limits: Limits): string[] {
  const steps = Object.entries(limits).flatMap(([name, value]) =>
    value === undefined ? [] : stepOf(name as keyof Limits, value),
  );
  if (steps.length === 0 && limits.nice === undefined) return [...argv];
  const become = limits.nice === undefined ? 'exec "$@"' : `exec nice -n ${limits.nice} "$@"`;
  return ["/bin/sh", "-c", [...steps, become].join(" && "), "sh", ...argv];
}

function stepOf(name: keyof Limits, value: number): string[] {
  switch (name) {
    case "nice":
      return [];
    // Soft below hard: the command sees SIGXCPU and may tidy up before it is killed.
    case "cpuSeconds":
      return [`ulimit -S -t ${value}`, `ulimit -H -t ${value + HARD_CPU_EXTRA_SECONDS}`];
    case "memoryBytes":
      return [`ulimit -v ${Math.floor(value / 1_024)}`];
    case "openFiles":
      return [`ulimit -n ${value}`];
    // bash and zsh say -u, dash says -p.
    case "processes":
      return [`{ ulimit -u ${value} 2>/dev/null || ulimit -p ${value}; }`];
  }
}
