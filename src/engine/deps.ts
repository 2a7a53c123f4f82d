import { isAbsolute, join } from "node:path";
import type { SecretRef } from "../../schema/wire/common.ts";
import type { Config } from "../../schema/wire/config.ts";
import type { Destination } from "../../schema/wire/delivery.ts";
import type { RunStatus } from "../../schema/wire/run.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { LedgerFaults } from "../ledger/index.ts";
import type { Ledger } from "../ledger/types.ts";
import type { Sender } from "../outbox/port.ts";
import type { GatewayEnd } from "../policy/run/index.ts";
import type { RunnerPort } from "../runner/port.ts";
import type { GatewayClientStatus } from "./api.ts";

/** A job of the gateway's own cron, as the gateway shows it; what it does not know is absent. */
export interface GatewayJob {
  id: string;
  name?: string;
  description?: string;
  declarationKey?: string;
  enabled?: boolean;
  createdAtMs?: number;
  updatedAtMs?: number;
  sessionTarget?: unknown;
  schedule?: Record<string, unknown>;
  payload?: { kind?: string; timeoutSeconds?: number; argv?: string[]; message?: string };
  failureAlert?: unknown;
  state?: {
    nextRunAtMs?: number;
    runningAtMs?: number;
    lastRunAtMs?: number;
    lastRunStatus?: string;
    lastStatus?: string;
    lastError?: string;
    lastDurationMs?: number;
    lastDeliveryStatus?: string;
    lastDeliveryError?: string;
  };
}

/** An end of one of them, as the gateway tells it. */
export interface GatewayRun extends GatewayEnd {
  jobId: string;
  jobName?: string | undefined;
  /** The job as it was then; absent in the gateway's history. */
  job?: GatewayJob | undefined;
  runId?: string | undefined;
  /** When it ended. */
  ts?: number | undefined;
  runAtMs?: number | undefined;
  durationMs?: number | undefined;
  summary?: string | undefined;
  /** How it was heard of. */
  source?: "event" | "history" | "state" | undefined;
}

/** The gateway's own cron, only looked at. */
export interface GatewayCron {
  /** Its jobs as they are now. Raises when it cannot be reached. */
  jobs(): Promise<readonly GatewayJob[]>;
  /** Ends on record, the newest first. Raises GATEWAY_CLIENT_UNAVAILABLE. */
  ends(page: { limit: number; offset: number }): Promise<{ entries: readonly GatewayRun[]; hasMore: boolean }>;
}

/** The moments of a run's way between which a crash must lose nothing, in order. */
export const COMMIT_POINTS = [
  "decided",
  "awaiting",
  "approval-asked",
  "approval-decided",
  "claimed",
  "durable",
  "handed-over",
  "identified",
  "verify-started",
  "verify-result",
  "result-received",
  "follow-up-written",
  "state-written",
  "settled",
  "acknowledged",
] as const;
/** The further one of a run on a node: it is on record where, and the node has not been asked. */
export type CommitPoint = (typeof COMMIT_POINTS)[number] | "placed";

/** What nearly every part of the engine works with. */
export interface Core {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  logger: Logger;
}

/** What the engine needs from the world. The host fills it in; tests fill in fakes for clock, randomness and faults. */
export interface EngineDeps {
  /** `command-cron/` under the gateway's state directory. */
  stateDir: string;
  config: Config;
  logger: Logger;
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  sender: Sender;
  runner: RunnerPort;
  version: string;
  hostTz: string;
  /** This machine in messages; absent where it has no name. */
  hostName?: string;
  /** What `~` stands for in a working directory, and where commands run that name none. */
  homeDir: string;
  /** The zone data in use; default this process's own. */
  tzVersion?: string;
  hostEnv: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** Answers the value or raises SECRET_UNRESOLVED. */
  resolveSecret(ref: SecretRef): Promise<string>;
  /**
   * Checks an announce target when a job is saved and fills in what the gateway would: answers the destination to use.
   * Raises DELIVERY_TARGET_MISSING or DELIVERY_TARGET_INVALID.
   */
  resolveTarget(destination: Destination, session: { agentId?: string; sessionKey?: string }): Promise<Destination>;
  /** Tells the gateway's health surface; undefined clears. */
  health(problem: string | undefined): void;
  /** Called at each commit point. The service does nothing there; fault tests end the process. */
  at(point: CommitPoint): void;
  /** Where tests make the ledger fail, as a full disk would. */
  ledgerFaults?: LedgerFaults;
  /** Where tests keep the state that another end than success left. */
  keepsState?(status: RunStatus): boolean;
  /** Where tests write what follows an end outside the transaction that settles it. */
  followUpOutside?(write: () => void): void;
  /** How tests let a look wait for others to share its commit; by default as long as it says. */
  pause?(ms: number): Promise<void>;
  /** How `openclaw cron` is routed right now, for `status`; `lostSinceMs`: it was active before, and is not now. */
  routing(): { mode: "route" | "off"; active: boolean; detail: string; lostSinceMs?: number };
  /** Absent: the gateway's own jobs are not watched. */
  gatewayCron?: GatewayCron;
  /** How the plugin's own client of the gateway stands, for `status`. */
  gatewayClient(): GatewayClientStatus;
  /** Whether the gateway's own approvals are asked; absent: there is nobody who would. */
  gatewayApprovals?(): { asks: boolean; detail: string };
  /** Whether there is a page to look at, and where. */
  page: { tab: boolean; detail: string };
}

/**
 * Where a command runs: the directory it names, `~` standing for the home directory, or that. A relative one lies there,
 * wherever the gateway was started.
 */
export function workingDirectory(cwd: string | undefined, homeDir: string): string {
  const named = (cwd ?? homeDir).replace(/^~(?=$|[/\\])/, () => homeDir);
  return isAbsolute(named) ? named : join(homeDir, named);
}

/** Where a copy made at this moment goes; `name` says of what. */
export const backupPath = (stateDir: string, name: string, nowMs: number, ending: string): string =>
  join(stateDir, "backups", `${name}-${new Date(nowMs).toISOString().replaceAll(":", "")}.${ending}`);

const MIB = 1_048_576;

/** Settings in force: the config with every default filled in. */
export const settingsOf = (config: Config) => ({
  concurrency: config.concurrency ?? 8,
  pools: config.pools ?? {},
  drainMs: (config.drainSeconds ?? 5) * 1_000,
  retentionDays: config.retention?.days ?? 30,
  runsPerJob: config.retention?.runsPerJob ?? 2_000,
  logRunBytes: config.logs?.runBytes ?? 64 * MIB,
  logTotalBytes: config.logs?.totalBytes ?? 2_048 * MIB,
});
export type Settings = ReturnType<typeof settingsOf>;
