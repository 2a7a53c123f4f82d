import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatusReport } from "../../src/engine/api.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewayClient } from "./gateway-client.ts";
import { waitFor } from "./wait-for.ts";

export type Fields = Record<string, unknown>;
export interface CronJob extends Fields {
  id: string;
  name: string;
  enabled: boolean;
  configRevision: string;
  payload: { kind: string };
  state: Fields;
}

/** A command job that does nothing by itself; its run prints one line. */
export const spec = (name: string, fields: Fields = {}): Fields => ({
  name,
  schedule: { kind: "cron", expr: "0 3 1 1 *", tz: "UTC", staggerMs: 0 },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["sh", "-lc", "echo depth 7"] },
  delivery: { mode: "none" },
  ...fields,
});

const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What differs from one gateway to the next, and the one thing that is meant to differ, made equal. */
export function alike(value: unknown, rootDir: string, key = ""): unknown {
  if (Array.isArray(value)) return value.map((part) => alike(part, rootDir, key));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .map(([name, part]): [string, unknown] => {
        return [name.replace(IDS, "<id>"), alike(part, rootDir, name)];
      })
      .filter(([name, part]) => !(name === "description" && part === "Command"));
    return Object.fromEntries(entries);
  }
  if (typeof value === "number" && /(Ms|^ts)$/.test(key)) return `<${key}>`;
  if (typeof value !== "string") return value;
  if (/^(configRevision|snapshotRevision|runId|processInstanceId|storePath|sqlitePath)$/.test(key)) return `<${key}>`;
  return value
    .replaceAll(rootDir, "<root>")
    .replace(IDS, "<id>")
    .replace(/\bin (<)?\d+\w+/g, "in <time>");
}

/** What the plugin says about `openclaw cron`. */
export const routing = async (client: GatewayClient) =>
  (await client.call<StatusReport>("cron.command.status")).routing;
export const routed = (client: () => GatewayClient) =>
  waitFor(async () => (await routing(client())).active, { timeoutMs: 90_000, what: "openclaw cron to be routed" });

function jobsIn(answer: Fields): CronJob[] {
  if (Array.isArray(answer["jobs"])) return (answer["jobs"] as CronJob[]).filter(({ state }) => state !== undefined);
  return answer["state"] === undefined ? [] : [answer as unknown as CronJob];
}

/** Takes out of an answer the marks of the gateway's own scheduler, which it shows after an edit. */
export function withoutSchedulerMarks(answer: Fields): Fields {
  for (const { state } of jobsIn(answer)) {
    delete state["scheduleActivatedAtMs"];
    delete state["scheduleErrorCount"];
    if (state["consecutiveErrors"] === 0 && !state["lastRunAtMs"]) delete state["consecutiveErrors"];
  }
  return answer;
}

/** What the gateway's own store holds, whoever stands in front of it. */
export function nativeJobs(gateway: Gateway): Map<string, { enabled: boolean }> {
  const db = new DatabaseSync(join(gateway.stateDir, "state", "openclaw.sqlite"), { readOnly: true });
  try {
    const rows = db.prepare("SELECT job_id AS id, enabled FROM cron_jobs").all();
    return new Map(rows.map((row) => [String(row["id"]), { enabled: row["enabled"] === 1 }]));
  } finally {
    db.close();
  }
}

/** Switches the plugin on or off, as a user does it. */
export async function setEnabled(gateway: Gateway, verb: "enable" | "disable"): Promise<void> {
  const result = await gateway.cli(["plugins", verb, "command-cron"]);
  if (result.code !== 0) throw new Error(`plugins ${verb} failed: ${result.stdout}${result.stderr}`);
}
