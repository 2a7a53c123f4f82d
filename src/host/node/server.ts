import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { workingDirectory } from "../../engine/index.ts";
import { MINIMAL_ENV } from "../../executor/index.ts";
import type { CommandSpec } from "../../executor/types.ts";
import { systemClock } from "../../kernel/clock.ts";
import { createNodeServer, createRunnerClient, type NodeServer } from "../../runner/index.ts";
import { adaptLogger, type PluginApi } from "../gateway/index.ts";
import type { PluginFiles } from "../types.ts";

/** What a node does when it is asked; its runner and all it keeps lie under the node's own state directory. */
export function createServer(api: PluginApi, files: PluginFiles): NodeServer {
  const stateDir = join(stateDirOf(api), "command-cron", "node");
  const logger = adaptLogger(api.logger);
  const { version } = JSON.parse(readFileSync(files.packageFile, "utf8")) as { version: string };
  const runner = createRunnerClient({ stateDir, runnerFile: files.runnerFile, clock: systemClock, logger });
  return createNodeServer({ runner, clock: systemClock, version, logsDir: join(stateDir, "logs"), localize });
}

const stateDirOf = (api: PluginApi): string =>
  api.runtime?.state?.resolveStateDir?.(process.env) ??
  process.env["OPENCLAW_STATE_DIR"] ??
  join(homedir(), ".openclaw");

/** A spec as it is run on this machine: below the command's own variables those of the node, and its home. */
function localize(spec: CommandSpec): CommandSpec {
  const home = existsSync(homedir()) ? homedir() : "/";
  const own = MINIMAL_ENV.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const { verify } = spec;
  return {
    ...spec,
    cwd: workingDirectory(spec.cwd, home),
    env: { ...Object.fromEntries(own), ...spec.env },
    ...(verify?.cwd === undefined ? {} : { verify: { ...verify, cwd: workingDirectory(verify.cwd, home) } }),
  };
}
