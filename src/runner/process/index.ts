/** The runner itself, a program: it owns the commands, whatever becomes of the gateway. To load it is to run it. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createExecutor, identityOf, logFiles } from "../../executor/index.ts";
import { systemClock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import { bootId } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import { removeInstance, writeInfo } from "../info.ts";
import { instanceDir, privateDir, socketPath, tokenFile } from "../paths.ts";
import { createResultStore } from "../results.ts";
import { createAttemptTable } from "./attempt-table.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { releaseMemory } from "./memory.ts";
import { createRunnerServer } from "./server.ts";

const IDLE_MS = 60_000;

const say = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
const logger: Logger = {
  debug() {},
  info: say,
  warn: (message) => say(`warning: ${message}`),
  error: (message) => say(`error: ${message}`),
};

interface Arguments {
  stateDir: string;
  instance: string;
  program: string;
  idleMs: number;
}

async function main({ stateDir, instance, program, idleMs }: Arguments): Promise<void> {
  const dir = instanceDir(stateDir, instance);
  privateDir(dir);
  const clock = systemClock;
  const executor = createExecutor({ clock, logger, workDir: dir, cgroupName: "command-cron" });
  const results = createResultStore(stateDir);
  const attempts = createAttemptTable({ executor, results, clock, logger, onChange: () => life.changed() });
  const token = readFileSync(tokenFile(stateDir), "utf8").trim();
  const server = createRunnerServer({
    instance,
    token,
    attempts,
    withoutStarter: executor.withoutStarter,
    clock,
    logger,
    onOwner: (present) => life.owner(present),
    onDrain: () => life.drain(),
    onLeave: () => life.leave(),
  });
  const life: Lifecycle = createLifecycle({
    attempts,
    clock,
    idleMs,
    trim: releaseMemory,
    end(why) {
      logger.info(`runner ${instance} ends: ${why}`);
      server.close();
      executor.close();
      removeInstance(stateDir, instance);
      // An exit waits for its threads, also for one that a hanging device holds; all that counts is on disk by now.
      setImmediate(() => (logFiles.pending() > 0 ? process.kill(process.pid, "SIGKILL") : process.exit(0)));
    },
  });

  process.on("SIGHUP", () => {});
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => life.terminate(signal));
  process.on("uncaughtException", (error) => logger.error(`unexpected: ${error.stack ?? errorText(error)}`));
  process.on("unhandledRejection", (error) => logger.error(`unexpected: ${errorText(error)}`));

  const path = socketPath(stateDir, instance);
  await server.listen(path);
  writeInfo(stateDir, {
    instance,
    identity: identityOf(process.pid) ?? { pid: process.pid, startTime: "", bootId: bootId() },
    program,
    socketPath: path,
    ...(executor.cgroupDir === undefined ? {} : { cgroupDir: executor.cgroupDir }),
  });
  logger.info(`runner ${instance} listens, pid ${process.pid}`);
  life.owner(false);
}

const { values } = parseArgs({
  options: {
    "state-dir": { type: "string" },
    instance: { type: "string" },
    program: { type: "string" },
    "idle-ms": { type: "string" },
  },
});
const { "state-dir": stateDir, instance, program = "" } = values;
if (stateDir === undefined || instance === undefined) {
  console.error("usage: runner --state-dir <dir> --instance <name> [--program <hash>] [--idle-ms <ms>]");
  process.exitCode = 2;
} else {
  main({ stateDir, instance, program, idleMs: Number(values["idle-ms"] ?? IDLE_MS) }).catch((error) => {
    logger.error(errorText(error));
    process.exit(1);
  });
}
