import { stat } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import { type OnProgress, type OnStarted, type RunningCommand, runAttempt } from "./attempt.ts";
import type { LogFiles } from "./log/index.ts";
import { createFifoPool } from "./output/index.ts";
import { createProgressFiles } from "./progress/index.ts";
import { createShares } from "./shares.ts";
import { createSpawner } from "./spawn.ts";
import { createSpawnHelper } from "./spawn-helper.ts";
import type { AttemptContext } from "./step.ts";
import { linuxProcessTable, openCgroups, type ProcessTable, psProcessTable, sharingLists } from "./tree/index.ts";
import type { CommandSpec } from "./types.ts";

export interface ExecutorOptions {
  clock: Clock;
  logger: Logger;
  /** Private directory for pipes and input; removed by `close`. */
  workDir: string;
  /** Name for the control group of this executor; without one none is used. */
  cgroupName?: string;
  /** Faults for tests. */
  table?: ProcessTable;
  logFiles?: LogFiles;
}

export interface Executor {
  run(spec: CommandSpec, onStarted: OnStarted, onProgress?: OnProgress): RunningCommand;
  /** The directory of the control groups, when the host allows them. */
  cgroupDir: string | undefined;
  /** Why the small process that starts commands is not there; undefined while it is, and where there is to be none. */
  withoutStarter(): string | undefined;
  close(): void;
}

/** The process table of this platform. Of no use on Windows. */
export const systemProcessTable = (): ProcessTable =>
  process.platform === "linux" ? linuxProcessTable : psProcessTable;

/** Runs commands; knows nothing of jobs, runs or the ledger. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { clock, logger, workDir } = options;
  const fifos = createFifoPool(join(workDir, "pipes"), logger);
  const cgroups = options.cgroupName === undefined ? undefined : openCgroups(options.cgroupName);
  // Node's pool makes its threads with its first work, and ends the process when the system refuses one: now, not later.
  stat(workDir, () => {});
  const table = sharingLists(options.table ?? systemProcessTable());
  const progressFiles = createProgressFiles(workDir);
  const helper = createSpawnHelper({ clock: systemClock, logger });
  const context: AttemptContext = {
    clock,
    table,
    shares: createShares((pid, nice) => table.weighSession?.(pid, nice) ?? false, availableParallelism()),
    spawn: createSpawner({ fifos, table, helper, workDir }),
    cgroups,
    logFiles: options.logFiles,
    progressFiles,
    workDir,
  };
  return {
    run: (spec, onStarted, onProgress) => runAttempt(context, spec, onStarted, onProgress),
    cgroupDir: cgroups?.dir,
    withoutStarter: helper.missing,
    close() {
      helper.close();
      fifos.close();
      cgroups?.close();
      progressFiles.close();
    },
  };
}
