import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DEFAULT_OUTPUT_MAX_BYTES, DEFAULT_TIMEOUT_SECONDS } from "../../../schema/wire/payload.ts";
import { unstarted } from "../../executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { eachApart } from "../../ledger/index.ts";
import type { JobDefinition, JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { runningRun } from "./attempt-ends.ts";
import { childEnv } from "./env.ts";

export const attemptKey = (runId: string, attempt: number): string => `${runId}.${attempt}`;

export function parseAttemptKey(key: string): { runId: string; attempt: number } {
  const dot = key.lastIndexOf(".");
  return { runId: key.slice(0, dot), attempt: Number(key.slice(dot + 1)) };
}

/** Logs lie two levels deep, so that no directory grows without end. */
export const logDirOf = (stateDir: string, runId: string, attempt: number): string =>
  join(stateDir, "logs", runId.slice(0, 2), attemptKey(runId, attempt));

/** After a claim could not be made durable, and when a ledger that cannot be written is tried again. */
const AGAIN_MS = SECOND_MS;

export interface LauncherDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  /** Takes the result of an attempt that never reached the runner. */
  failed(result: AttemptResult): void;
  /** The runs wait in the queue again. */
  returned(runIds: string[]): void;
  /** The claims could not be made durable (undefined: they can again). Nothing was started for them. */
  onLedger(error: unknown | undefined): void;
}

export interface Launcher {
  /** Starts runs that are `running` in the ledger with their attempt begun. Waits until that is on disk. */
  launch(runs: RunRecord[]): void;
  /** Ends an attempt that the runner has not heard of yet; false when it is not in our hands (any more). */
  cancel(attemptKey: string, by: string): boolean;
  /** From now on nothing is started; what was claimed goes back into the queue, since no process can exist. */
  stop(): void;
}

const STOP_GRACE_SECONDS = 5;

/** How long an attempt of a job may take, and how long its ending may then take. */
export const limitsOf = ({ payload, policy }: JobDefinition): { timeoutMs: number; stopGraceMs: number } => ({
  timeoutMs: (payload.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * SECOND_MS,
  stopGraceMs: (policy?.stopGraceSeconds ?? STOP_GRACE_SECONDS) * SECOND_MS,
});

/** Turns stored jobs into command specs and hands them to the runner, once their claims are durable. */
export function createLauncher({ deps, settings, ledger, failed, returned, onLedger }: LauncherDeps): Launcher {
  /** Claimed, and not yet handed to the runner: the disk and secrets may take their time. */
  const inHand = new Set<string>();
  /** In hand, and to go back into the queue as soon as the ledger can be written. */
  const returning: RunRecord[] = [];
  let cancelRetry: (() => void) | undefined;

  async function secretsOf(job: JobRecord): Promise<Record<string, string>> {
    const refs = Object.entries(job.definition.policy?.env?.secrets ?? {});
    const values = await Promise.all(refs.map(async ([name, ref]) => [name, await deps.resolveSecret(ref)] as const));
    return Object.fromEntries(values);
  }

  async function specOf(job: JobRecord, run: RunRecord): Promise<CommandSpec> {
    const { payload, policy } = job.definition;
    const secrets = policy?.env?.secrets === undefined ? {} : await secretsOf(job);
    const masks = Object.values(secrets).filter((value) => value.length > 0);
    return {
      attemptKey: attemptKey(run.id, run.attempt),
      argv: payload.argv,
      cwd: (payload.cwd ?? deps.homeDir).replace(/^~(?=$|[/\\])/, () => deps.homeDir),
      env: childEnv({
        hostEnv: deps.hostEnv,
        policy: policy?.env,
        own: payload.env,
        secrets,
        run: {
          jobId: job.id,
          runId: run.id,
          attempt: run.attempt,
          ...(run.scheduledForMs === undefined ? {} : { scheduledForMs: run.scheduledForMs }),
        },
      }),
      ...(payload.input === undefined ? {} : { input: payload.input }),
      ...limitsOf(job.definition),
      noOutputTimeoutMs: (payload.noOutputTimeoutSeconds ?? 0) * 1_000,
      outputMaxBytes: payload.outputMaxBytes ?? DEFAULT_OUTPUT_MAX_BYTES,
      stopSignal: (policy?.stopSignal ?? "SIGTERM") as NodeJS.Signals,
      leftovers: policy?.leftovers ?? "kill",
      onGatewayExit: policy?.onGatewayExit ?? "continue",
      ...(policy?.limits === undefined ? {} : { limits: policy.limits }),
      ...(masks.length === 0 ? {} : { masks }),
      logDir: logDirOf(deps.stateDir, run.id, run.attempt),
      logBudgetBytes: settings.logRunBytes,
    };
  }

  /** Ends an attempt that is still in hand; false when it is not. */
  function endInHand(key: string, how: Parameters<typeof unstarted>[2]): boolean {
    if (!inHand.delete(key)) return false;
    failed(unstarted(key, deps.clock.nowMs(), how));
    return true;
  }

  function refuse(run: RunRecord, error: unknown): void {
    const code = error instanceof CommandCronError ? error.code : "SPAWN_REFUSED";
    endInHand(attemptKey(run.id, run.attempt), {
      outcome: "spawn_failed",
      error: { code, message: errorText(error) },
    });
  }

  /** The job as it is at the claim, whose revision the run has noted: an edit since then is for the next attempt. */
  function jobOf(run: RunRecord): () => JobRecord | undefined {
    try {
      const job = ledger.jobs.get(run.jobId);
      return () => job;
    } catch {
      return () => ledger.jobs.get(run.jobId);
    }
  }

  async function startOne(run: RunRecord, claimed: () => JobRecord | undefined): Promise<void> {
    try {
      const job = claimed();
      if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: run.jobId });
      const spec = await specOf(job, run);
      if (!inHand.has(spec.attemptKey)) return;
      deps.runner.start(spec);
      inHand.delete(spec.attemptKey);
      deps.at("handed-over");
    } catch (error) {
      refuse(run, error);
    }
  }

  /** A turn of the event loop for each: a full set of slots is not one long hold. */
  async function startAll(runs: RunRecord[]): Promise<void> {
    const jobs = runs.map(jobOf);
    try {
      await ledger.durable();
      onLedger(undefined);
    } catch (error) {
      onLedger(error);
      returning.push(...runs);
      putBackOrLater(AGAIN_MS);
      return;
    }
    deps.at("durable");
    for (const [index, run] of runs.entries()) {
      // A secret that is slow to resolve holds up its own run only.
      void startOne(run, jobs[index] ?? jobOf(run));
      await nextTurn();
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
    launch(runs) {
      for (const run of runs) inHand.add(attemptKey(run.id, run.attempt));
      deps.at("claimed");
      void startAll(runs);
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
