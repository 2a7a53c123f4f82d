import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { finish, type Host, RUNNER_FILE, startHost, startReceiver, survivors, witnessLine } from "./drive.ts";
import type { HostOptions, HostStatus } from "./host.ts";
import { findings, judge, type Period } from "./oracle.ts";
import type { Scenario, World } from "./scenarios.ts";
import { tableLine } from "./seeded.ts";

const WIDTHS = [18, 7, 8, 7, 7, 7, 7, 9, 8];
/** How soon `status` must name what is wrong, and forget it again. */
const SHOWN_MS = 10_000;
/** A round that shows nothing by then is a finding; a busy machine gets its time. */
const PATIENCE_MS = 3 * SHOWN_MS;
/** A host that is broken on purpose gets none of it. */
const NO_PATIENCE_MS = 3_000;

export const printScenarioHead = (): void =>
  console.log(
    tableLine("scenario", ["rounds", "instants", "missed", "runs", "lost", "repeats", "survivors", "findings"], WIDTHS),
  );

/** Innocent jobs, and one more where the scenario spoils it. Those in the host's zone: one in each half of its hour. */
function jobsOf({ bad, zones, load = 0 }: Scenario, witness: string): NonNullable<HostOptions["jobs"]> {
  const argv = ["sh", "-c", witnessLine(witness)];
  const policy = { backoff: false, autoDisable: false } as const;
  if (zones === true) {
    return [
      { name: "first half", schedule: { kind: "cron", expr: "* 0-29 * * * *" }, policy, argv },
      { name: "second half", schedule: { kind: "cron", expr: "* 30-59 * * * *" }, policy, argv },
    ];
  }
  return [
    { name: "fast", schedule: { kind: "every", everyMs: 500 }, policy, argv },
    { name: "slow", schedule: { kind: "every", everyMs: 1_100 }, policy, argv: ["sh", "-c", `${argv[2]}; sleep 0.5`] },
    ...Array.from({ length: load }, (_, index) => ({
      name: `load ${index}`,
      schedule: { kind: "every", everyMs: 1_000 } as const,
      policy,
      argv: ["sh", "-c", `${argv[2]}; sleep 0.8`],
    })),
    ...(bad === true
      ? [
          {
            name: "bad",
            declarationKey: "bad",
            schedule: { kind: "every", everyMs: 700 } as const,
            policy: { ...policy, overlap: "allow_all" as const },
            argv: ["sh", "-c", `${argv[2]} # bad`],
          },
        ]
      : []),
  ];
}

/** Brings one fault about again and again, lets the host finish, and judges. Answers the number of findings. */
export async function judgeScenario(
  scenario: Scenario,
  { rounds, breakIsolation }: { rounds: number; breakIsolation: boolean },
): Promise<number> {
  const patienceMs = breakIsolation ? NO_PATIENCE_MS : PATIENCE_MS;
  const receiver = await startReceiver();
  const stateDir = mkdtempSync(join(tmpdir(), "cc-faults-"));
  const witness = join(stateDir, "witness");
  const ledgerFile = join(stateDir, "ledger", "ledger.sqlite");
  const complaints: string[] = [];
  /** While each zone was in force, and while each fault lasted. */
  const zones: Period[] = [];
  const faults: Period[] = [];
  let options: HostOptions = {
    stateDir,
    runnerFile: RUNNER_FILE,
    receiver: receiver.url,
    jobs: jobsOf(scenario, witness),
    ...scenario.host,
  };
  let host: Host;
  const start = async (): Promise<void> => {
    host = startHost(options, breakIsolation ? "unisolated.ts" : undefined);
    if (!(await host.ready)) throw new Error("the host did not start");
    zones.push({ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY, zone: options.hostTz ?? "UTC" });
  };
  const world: World = {
    stateDir,
    ledgerFile,
    host: () => host,
    async restart(change) {
      const last = zones.at(-1);
      if (last !== undefined) last.toMs = Date.now();
      await host.ask({ ask: "stop" });
      await host.exited;
      options = { ...options, ...change };
      await start();
    },
  };
  const status = (): Promise<HostStatus> => host.ask<HostStatus>({ ask: "status" });
  const shows = async (code: string, sinceMs: number): Promise<boolean> => {
    const { problems, notices } = await status();
    return problems.includes(code) || notices.some((notice) => notice.code === code && notice.lastAtMs >= sinceMs);
  };

  async function round(nth: number): Promise<void> {
    const fromMs = Date.now();
    await scenario.begin(world, nth);
    await sleep(scenario.lastsMs);
    const { shows: code } = scenario;
    if (code !== undefined && !(await comes(() => shows(code, fromMs), patienceMs)))
      complaints.push(`status does not show ${code}`);
    faults.push({ fromMs, toMs: Date.now() });
    await scenario.end(world, nth);
    const well = await comes(async () => (await status()).state === "running", patienceMs);
    if (!well) complaints.push(`status stays ${JSON.stringify(await status())}`);
  }

  let done = 0;
  scenario.prepare?.(world);
  try {
    await start();
    await sleep(1_000);
    while (done < rounds && complaints.length === 0) {
      await round(done);
      done += 1;
    }
    await sleep(500);
  } catch (error) {
    complaints.push(`round ${done + 1}: ${String(error)}`);
  }
  // biome-ignore lint/style/noNonNullAssertion: a host that did not start is a complaint already
  const untilMs = await finish(host!, complaints, 2 * patienceMs).catch((error) => {
    complaints.push(String(error));
    return 0;
  });
  const verdict = judge({
    ledgerFile,
    witnessFile: witness,
    received: receiver.received,
    untilMs,
    ...(scenario.zones === true ? { zones } : {}),
    ...(scenario.isolated === true ? { faults } : {}),
  });
  scenario.cleanUp?.(world);
  const left = survivors(stateDir);
  const found = [...complaints, ...findings(verdict)];
  const { instants, missed, runs, lostRuns, repeats } = verdict;
  console.log(tableLine(scenario.name, [done, instants, missed, runs, lostRuns, repeats, left, found.length], WIDTHS));
  for (const finding of found.slice(0, 10)) console.log(`  ${finding}`);
  // biome-ignore lint/style/noNonNullAssertion: as above
  host!.child.kill("SIGKILL");
  rmSync(stateDir, { recursive: true, force: true });
  receiver.close();
  return found.length + left;
}

async function comes(check: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  const untilMs = performance.now() + patienceMs;
  while (performance.now() < untilMs) {
    if (await check()) return true;
    await sleep(100);
  }
  return check();
}
