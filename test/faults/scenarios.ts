/** Ways in which things go wrong while jobs run, one table row each. `rounds.ts` brings each about, again and again. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "./drive.ts";
import type { HostOptions, HostStatus } from "./host.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365.25 * 24 * HOUR_MS;

/** Where a scenario happens. */
export interface World {
  stateDir: string;
  ledgerFile: string;
  /** The host now. */
  host(): Host;
  /** Stops the host cleanly and starts another one with these changes. */
  restart(change: Partial<HostOptions>): Promise<void>;
}

export interface Scenario {
  name: string;
  /** Whether there is a job called `bad` beside the innocent ones. */
  bad?: boolean;
  host?: Partial<HostOptions>;
  /** Cron jobs in the host's zone instead of those by intervals. */
  zones?: boolean;
  /** So many further jobs, each with a command that is nearly always under way. */
  load?: number;
  /** Before the host starts, and after it has ended. */
  prepare?(world: Pick<World, "stateDir">): void;
  cleanUp?(world: Pick<World, "stateDir">): void;
  begin(world: World, round: number): Promise<unknown>;
  /** How long it lasts at least. */
  lastsMs: number;
  end(world: World, round: number): Promise<unknown>;
  /** What `status` names while it lasts: a problem, or a notice raised since. */
  shows?: string;
  /** Whether the innocent jobs go on meanwhile. */
  isolated?: boolean;
}

/** Changes a row behind the product's back, as damage, another release or a restore would. */
function poke(ledgerFile: string, sql: string): void {
  const db = new DatabaseSync(ledgerFile);
  db.exec("PRAGMA busy_timeout = 5000; PRAGMA ignore_check_constraints = ON");
  db.exec(sql);
  db.close();
}

const clockBy =
  (byMs: number) =>
  ({ host }: World) =>
    host().ask({ ask: "clock", byMs });
const poison =
  (what: "result" | "log" | undefined) =>
  ({ host }: World) =>
    host().ask({ ask: "poison", what });
const statusOf = ({ host }: World) => host().ask<HostStatus>({ ask: "status" });

/** The ledger's directory on a file system of its own, where this user may mount one. */
const SMALL_BYTES = "12m";
const ledgerDir = (stateDir: string): string => join(stateDir, "ledger");
const ballast = (stateDir: string): string => join(ledgerDir(stateDir), "ballast");
let isMounted = false;

function fillUp(stateDir: string): void {
  const { bavail, bsize } = statfsSync(ledgerDir(stateDir));
  try {
    writeFileSync(ballast(stateDir), Buffer.alloc(bavail * bsize));
  } catch {
    // The ledger took some of it meanwhile: full is full.
  }
}

/** The runner that was stopped in this round. */
let stopped: number | undefined;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "poisoned-row",
    bad: true,
    lastsMs: 4 * SECOND_MS,
    begin: async ({ ledgerFile }) =>
      poke(ledgerFile, "UPDATE jobs SET backoff_until_ms = 10000000000000000 WHERE name = 'bad'"),
    end: ({ host }) => host().ask({ ask: "again" }),
    shows: "JOB_UNSCHEDULABLE",
    isolated: true,
  },
  {
    name: "poisoned-result",
    bad: true,
    lastsMs: 4 * SECOND_MS,
    begin: poison("result"),
    end: poison(undefined),
    shows: "RUN_SET_ASIDE",
    isolated: true,
  },
  {
    name: "hung-runner",
    host: { replaceAfterMs: 12 * SECOND_MS },
    lastsMs: 10 * SECOND_MS,
    async begin(world) {
      stopped = (await statusOf(world)).runnerPid;
      if (stopped !== undefined) process.kill(stopped, "SIGSTOP");
    },
    /** It goes on, or stays silent until it is replaced. */
    async end(_world, round) {
      if (stopped !== undefined && round % 2 === 0) process.kill(stopped, "SIGCONT");
    },
    shows: "RUNNER_UNRESPONSIVE",
  },
  {
    name: "hung-log-device",
    bad: true,
    lastsMs: 6 * SECOND_MS,
    begin: poison("log"),
    end: poison(undefined),
    isolated: true,
  },
  {
    name: "disk-full",
    lastsMs: 3 * SECOND_MS,
    prepare({ stateDir }) {
      mkdirSync(ledgerDir(stateDir));
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SMALL_BYTES}`, "tmpfs", ledgerDir(stateDir)], {
          stdio: "ignore",
        });
        isMounted = true;
      } catch {
        console.log("disk-full: nothing can be mounted here, so the ledger's writes are refused instead");
      }
    },
    cleanUp({ stateDir }) {
      if (isMounted) execFileSync("umount", ["-l", ledgerDir(stateDir)]);
    },
    async begin({ stateDir, host }) {
      if (!isMounted) return host().ask({ ask: "full", full: true });
      return fillUp(stateDir);
    },
    async end({ stateDir, host }) {
      rmSync(ballast(stateDir), { force: true });
      await host().ask({ ask: "full", full: false });
    },
    shows: "STARTING_STUCK",
  },
  { name: "clock-back-2h", lastsMs: 3 * SECOND_MS, begin: clockBy(-2 * HOUR_MS), end: clockBy(0) },
  { name: "clock-forward-70y", lastsMs: 3 * SECOND_MS, begin: clockBy(70 * YEAR_MS), end: clockBy(0) },
  {
    name: "zone-changed",
    zones: true,
    lastsMs: 4 * SECOND_MS,
    begin: ({ restart }) => restart({ hostTz: "Asia/Kolkata" }),
    end: ({ restart }) => restart({ hostTz: "UTC" }),
  },
  {
    name: "reload-under-load",
    load: 8,
    lastsMs: SECOND_MS,
    async begin({ host }) {
      const { stoppedMs } = await host().ask<{ stoppedMs: number }>({ ask: "reload" });
      if (stoppedMs > 5 * SECOND_MS)
        throw new Error(`the gateway waits five seconds for a stop, this took ${stoppedMs} ms`);
    },
    end: () => sleep(SECOND_MS),
  },
];
