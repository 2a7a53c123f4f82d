import { setImmediate as nextTurn } from "node:timers/promises";
import { unstarted } from "../../executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText, failureOf } from "../../kernel/errors.ts";
import { eachApart } from "../../ledger/index.ts";
import type { JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { Claim } from "../../scheduler/index.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { attemptKey, commandSpec, type ParentFiles, parseAttemptKey, placed, runningRun } from "./attempt/index.ts";
import { stateFor } from "./steps/index.ts";

/** After a claim could not be made durable, and when a ledger that cannot be written is tried again. */
const AGAIN_MS = SECOND_MS;
/** Commands started in one turn of the event loop: a full set of slots is not one long hold, nor one message each. */
const STARTS_PER_TURN = 8;

interface LauncherDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  parents: Pick<ParentFiles, "prepare">;
  /** What was approved of it; undefined where nothing has to be. Raises APPROVAL_REQUIRED. */
  approvedOf(run: RunRecord, job: JobRecord): CommandSpec["approved"];
  /** Takes the result of an attempt that never reached the runner. */
  failed(result: AttemptResult): void;
  /** The runs wait in the queue again. */
  returned(runIds: string[]): void;
  /** The claims could not be made durable (undefined: they can again). Nothing was started for them. */
  onLedger(error: unknown | undefined): void;
}

export interface Launcher {
  /** Starts runs that are `running` in the ledger with their attempt begun. Waits until that is on disk. */
  launch(claims: Claim[]): void;
  /** Ends an attempt that the runner has not heard of yet; false when it is not in our hands (any more). */
  cancel(attemptKey: string, by: string): boolean;
  /** From now on nothing is started; what was claimed goes back into the queue, since no process can exist. */
  stop(): void;
}

/** Turns stored jobs into command specs and hands them to the runner, once their claims are durable. */
export function createLauncher(launcherDeps: LauncherDeps): Launcher {
  const { deps, settings, ledger, parents, approvedOf, failed, returned, onLedger } = launcherDeps;
  /** Claimed, and not yet handed to the runner: the disk and secrets may take their time. */
  const inHand = new Set<string>();
  /** In hand, and to go back into the queue as soon as the ledger can be written. */
  const returning: RunRecord[] = [];
  let cancelRetry: (() => void) | undefined;

  /** Ends an attempt that is still in hand; false when it is not. */
  function endInHand(key: string, how: Parameters<typeof unstarted>[2]): boolean {
    if (!inHand.delete(key)) return false;
    failed(unstarted(key, deps.clock.nowMs(), how));
    return true;
  }

  function refuse(run: RunRecord, error: unknown): void {
    const failure = failureOf(error, "SPAWN_REFUSED");
    endInHand(attemptKey(run.id, run.attempt), { outcome: "spawn_failed", error: failure });
  }

  const stateOf = (job: JobRecord): string | undefined =>
    stateFor(ledger, job, { nowMs: deps.clock.nowMs(), hostTz: deps.hostTz });

  async function startOne({ run, job }: Claim): Promise<void> {
    try {
      if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: run.jobId });
      const approved = approvedOf(run, job);
      const spec = await commandSpec(
        deps,
        settings,
        job.definition,
        { ...run, runId: run.id },
        await parents.prepare(run),
        stateOf(job),
      );
      if (!inHand.has(spec.attemptKey)) return;
      deps.runner.start(...placed(deps, approved === undefined ? spec : { ...spec, approved }, job.definition, run));
      inHand.delete(spec.attemptKey);
      deps.at("handed-over");
    } catch (error) {
      refuse(run, error);
    }
  }

  async function startAll(claims: Claim[]): Promise<void> {
    try {
      await ledger.durable();
      onLedger(undefined);
    } catch (error) {
      onLedger(error);
      returning.push(...claims.map(({ run }) => run));
      putBackOrLater(AGAIN_MS);
      return;
    }
    deps.at("durable");
    for (const [index, claim] of claims.entries()) {
      if (index > 0 && index % STARTS_PER_TURN === 0) await nextTurn();
      // A secret that is slow to resolve holds up its own run only.
      void startOne(claim);
    }
  }

  /**
   * Puts runs in hand back into the queue, as if they had never been claimed: no process of theirs can exist. Raises
   * LEDGER_UNAVAILABLE.
   */
  function putBack(runs: RunRecord[], delayMs: number): void {
    const mine = runs.filter((run) => inHand.has(attemptKey(run.id, run.attempt)));
    eachApart(
      ledger,
      mine,
      (run) => ledger.runs.putBack(run.id, deps.clock.nowMs() + delayMs),
      (run, error) => refuse(run, error),
    );
    for (const run of mine) inHand.delete(attemptKey(run.id, run.attempt));
    returned(mine.map((run) => run.id));
  }

  function putBackOrLater(delayMs: number): void {
    try {
      putBack(returning, delayMs);
      returning.length = 0;
    } catch (error) {
      deps.logger.warn(`${returning.length} claimed runs are put back later: ${errorText(error)}`);
      cancelRetry ??= deps.clock.setTimer(() => {
        cancelRetry = undefined;
        putBackOrLater(0);
      }, AGAIN_MS);
    }
  }

  return {
    launch(claims) {
      for (const { run } of claims) inHand.add(attemptKey(run.id, run.attempt));
      deps.at("claimed");
      void startAll(claims);
    },
    cancel: (key, by) => endInHand(key, { outcome: "canceled", canceledBy: by }),
    stop() {
      cancelRetry?.();
      try {
        putBack(
          [...inHand].flatMap((key) => runningRun(ledger, parseAttemptKey(key)) ?? []),
          0,
        );
      } catch (error) {
        deps.logger.warn(`${inHand.size} claimed runs could not be put back: ${errorText(error)}`);
      }
      inHand.clear();
    },
  };
}
