import { join } from "node:path";
import type { ServiceApi } from "../../rpc/index.ts";
import type { Env } from "./places.ts";
import { resolveTarget } from "./target.ts";
import type { Connection } from "./types.ts";

/** What can be answered without a gateway. */
const READS = ["list", "get", "next", "tree", "runs", "timeline", "log", "stats", "summary"].map(
  (name) => `cron.command.${name}`,
);

export interface LedgerAnswer {
  result: unknown;
  /** The file it comes from. */
  path: string;
}

/**
 * Answers a read from this machine's ledger, which is only looked at. Undefined when it is no read, the gateway asked for
 * is not this machine's, or there is no ledger here that can be read. Raises what the method raises.
 */
export async function askLedger(
  method: string,
  params: unknown,
  connection: Connection,
  { env, cwd }: { env: Env; cwd: string },
): Promise<LedgerAnswer | undefined> {
  if (!READS.includes(method) || connection.url !== undefined || connection.port !== undefined) return undefined;
  const { whose, stateDir } = await resolveTarget(connection, env, cwd);
  if (whose !== "local") return undefined;
  // Loaded only now: where the gateway answers, nobody waits for this.
  const [{ lookInto }, { createDispatcher }] = await Promise.all([
    import("../../engine/port.ts"),
    import("../../rpc/index.ts"),
  ]);
  const hostTz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  let looking: ReturnType<typeof lookInto>;
  try {
    looking = lookInto({ stateDir: join(stateDir, "command-cron"), hostTz, nowMs: Date.now });
  } catch {
    return undefined;
  }
  try {
    // The methods above ask for no more of the engine than this.
    const engine = looking.engine as ServiceApi;
    return {
      result: await createDispatcher(() => engine).dispatch(method, params, { label: "cli" }),
      path: looking.path,
    };
  } finally {
    looking.close();
  }
}
