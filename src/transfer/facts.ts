import { existsSync, readFileSync } from "node:fs";

/** What the importers ask about the host that the jobs come to. */
export interface HostFacts {
  platform: NodeJS.Platform;
  hostname: string;
  /** The gateway's user. */
  user?: string;
  uid?: number;
  home?: string;
  /** Home directories of the users of this host, by name. */
  users: ReadonlyMap<string, string>;
  /** Pools of the plugin's configuration. */
  pools: readonly string[];
  /** Destinations and groups of it, without the sign. */
  destinations: readonly string[];
  hasFile(path: string): boolean;
}

/** Users with their home directories, from /etc/passwd; none where there is no such file. */
function readUsers(): Map<string, string> {
  try {
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    return new Map(lines.map((line) => line.split(":")).map(([name = "", , , , , home = "/"]) => [name, home]));
  } catch {
    return new Map();
  }
}

/** The facts of the host that this process runs on. */
export function readFacts(
  given: Pick<HostFacts, "user" | "uid" | "home" | "hostname" | "pools" | "destinations">,
): HostFacts {
  return { platform: process.platform, users: readUsers(), hasFile: existsSync, ...given };
}
