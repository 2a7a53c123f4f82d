import { arch, platform, release } from "node:os";
import { packageVersion } from "../../version.ts";

type Redact = (value: unknown, options?: { withContent?: boolean }) => unknown;
type Ask = (method: string, params?: Record<string, unknown>) => Promise<unknown>;

/** What is asked for, and how much of it at most. */
const PARTS: readonly (readonly [name: string, method: string, params: Record<string, unknown>])[] = [
  ["config", "config", {}],
  ["status", "status", {}],
  ["doctor", "doctor", {}],
  ["jobs", "list", { includeDisabled: true, limit: 200 }],
  ["runs", "runs", { limit: 100 }],
  ["failedRuns", "runs", { status: "error", limit: 50 }],
  ["alerts", "alerts", { openOnly: false, limit: 50 }],
  ["deliveries", "deliveries", { limit: 50 }],
  ["lanes", "lanes", { all: true }],
];

/** What helps somebody else to help, redacted; a part that cannot be had says why. */
export async function makeBundle(
  ask: Ask,
  how: { nowMs: number; withOutput: boolean; redacted: Redact; why(error: unknown): string },
): Promise<Record<string, unknown>> {
  const { nowMs, withOutput, redacted, why } = how;
  const bundle: Record<string, unknown> = {
    bundle: 1,
    madeAt: new Date(nowMs).toISOString(),
    versions: {
      commandCron: packageVersion(import.meta.dirname),
      node: process.version,
      system: `${platform()} ${release()} ${arch()}`,
    },
    output: withOutput ? "included, masked" : "left out",
  };
  for (const [name, method, params] of PARTS) {
    bundle[name] = await ask(method, params).then(
      (answer) => redacted(answer, { withContent: withOutput }),
      (error: unknown) => ({ notHad: redacted(why(error)) }),
    );
  }
  return bundle;
}
