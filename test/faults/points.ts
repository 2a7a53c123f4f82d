import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { COMMIT_POINTS } from "../../src/engine/deps.ts";
import { finish, RUNNER_FILE, startHost, startReceiver, survivors, witnessLine } from "./drive.ts";
import type { HostOptions } from "./host.ts";
import { findings, judge } from "./oracle.ts";
import { FAILS, OBJECTED } from "./oracle-steps.ts";
import { tableLine } from "./seeded.ts";

const ENOUGH_FAILURES_MS = 15_000;
/** A busy machine is slow; this only fails. */
const POINT_MAX_MS = 120_000;

export const POINTS: readonly string[] = [...COMMIT_POINTS, "sending", "sent-unrecorded", "receipt-recorded"];
const failsFor = (endings: string): string => `case "$OPENCLAW_RUN_ID" in *[${endings}]) exit 1;; esac`;
/** Counts in the job's state, and may fail all the same. */
const COUNT = `echo $(( $(tr -dc 0-9 <"$OPENCLAW_STATE") + 1 )) >"$OPENCLAW_STATE"; ${failsFor(FAILS)}`;
const WIDTHS = [18, 7, 8, 7, 7, 7, 7, 9, 8];

export const printPointHead = (): void =>
  console.log(
    tableLine("point", ["kills", "instants", "missed", "runs", "lost", "repeats", "survivors", "findings"], WIDTHS),
  );

/** Kills the host at one point `kills` times, lets it finish, and judges. Answers the number of findings. */
export async function judgePoint(
  point: string,
  options: {
    kills: number;
    random(): number;
    deadlineMs: number;
    doubleStart: boolean;
    lateFollowUps: boolean;
    everyState: boolean;
  },
): Promise<number> {
  const receiver = await startReceiver();
  const stateDir = mkdtempSync(join(tmpdir(), "cc-faults-"));
  const witness = join(stateDir, "witness");
  const checks = join(stateDir, "checks");
  const line = witnessLine(witness);
  const base: HostOptions = {
    stateDir,
    runnerFile: RUNNER_FILE,
    receiver: receiver.url,
    jobs: [
      { name: "fast", schedule: { kind: "every", everyMs: 300 }, argv: ["sh", "-c", line] },
      { name: "then", schedule: { kind: "after", job: "fast" }, argv: ["sh", "-c", line] },
      { name: "last", schedule: { kind: "after", job: "then" }, argv: ["sh", "-c", line] },
      {
        name: "steps",
        schedule: { kind: "every", everyMs: 500 },
        argv: ["sh", "-c", `${line}; ${COUNT}`],
        policy: {
          state: true,
          verify: { argv: ["sh", "-c", `echo "$OPENCLAW_RUN_ID" >> ${checks}; ${failsFor(OBJECTED)}`] },
          backoff: false,
          autoDisable: false,
        },
        failureAlert: false,
      },
      {
        name: "gated",
        schedule: { kind: "every", everyMs: 600 },
        argv: ["sh", "-c", line],
        policy: { overlap: "allow_all", approval: { required: true, plan: { argv: ["echo", "plan"] } } },
      },
      { name: "slow", schedule: { kind: "every", everyMs: 700 }, argv: ["sh", "-c", `${line}; sleep 0.3`] },
    ],
    ...(options.doubleStart ? { doubleStart: true } : {}),
    ...(options.everyState ? { everyState: true } : {}),
    ...(options.lateFollowUps ? { lateFollowUps: true } : {}),
  };
  const complaints: string[] = [];
  let killed = 0;
  while (killed < options.kills && performance.now() < options.deadlineMs && complaints.length === 0) {
    const host = startHost({ ...base, killAt: point, killNth: 1 + Math.floor(options.random() * 4) });
    const signal = await Promise.race([host.exited, sleep(POINT_MAX_MS, "slow" as const)]);
    if (signal === "SIGKILL") killed += 1;
    else
      complaints.push(
        signal === "slow" ? "the point was not reached in two minutes" : `the host ended by itself (${signal})`,
      );
    if (signal === "slow") host.child.kill("SIGKILL");
  }
  const last = startHost(base);
  // Whoever breaks the state on purpose needs runs that fail, half of those of one job.
  if (options.everyState) await sleep(ENOUGH_FAILURES_MS);
  const untilMs = await finish(last, complaints);
  const ledgerFile = join(stateDir, "ledger", "ledger.sqlite");
  const verdict = judge({ ledgerFile, witnessFile: witness, checksFile: checks, received: receiver.received, untilMs });
  const left = survivors(stateDir);
  const found = [...complaints, ...findings(verdict)];
  const { instants, missed, runs, lostRuns, repeats } = verdict;
  console.log(tableLine(point, [killed, instants, missed, runs, lostRuns, repeats, left, found.length], WIDTHS));
  for (const finding of found.slice(0, 10)) console.log(`  ${finding}`);
  rmSync(stateDir, { recursive: true, force: true });
  receiver.close();
  return found.length + left;
}
