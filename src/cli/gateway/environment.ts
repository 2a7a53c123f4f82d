import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { type Env, homeOf, stateDirOf } from "./places.ts";

/** The environment as the gateway's own CLI completes it from its files. */
export interface Environment {
  /** The process first, then the files. */
  env: Env;
  /** Values for secrets: these as well may stand in the working directory's `.env`, which is never asked for anything else. */
  secrets: Env;
  /** The file a value comes from; undefined where the process alone has it. */
  fileOf(name: string): string | undefined;
  /** The files that were there. */
  files: string[];
}

interface EnvFile {
  path: string;
  values: Env;
}

const readEnvFile = (path: string): EnvFile | undefined =>
  orUndefined(() => ({ path, values: parseEnv(readFileSync(path, "utf8")) }));

/** Left first. An empty value is a value to the gateway's own reader as well. */
const merged = (sources: readonly Env[]): Env =>
  Object.assign({}, ...sources.toReversed().map((source) => ({ ...source })));

/** `.env` of the state directory, then `gateway.env` of the user where the state directory is the standard one. */
export function environmentOf(env: Env, cwd: string): Environment {
  const stateDir = stateDirOf(env);
  const home = homeOf(env);
  const users = stateDir === join(home, ".openclaw") ? [join(home, ".config", "openclaw", "gateway.env")] : [];
  const paths = [join(stateDir, ".env"), ...users];
  const files = paths.map(readEnvFile).filter((file) => file !== undefined);
  const all = merged([env, ...files.map(({ values }) => values)]);
  const around = readEnvFile(join(cwd, ".env"));
  const foreign = Object.entries(around?.values ?? {}).filter(([name]) => !name.toUpperCase().startsWith("OPENCLAW_"));
  return {
    env: all,
    secrets: merged([env, Object.fromEntries(foreign), all]),
    // A process that was started with this machine's own value in its environment does not make the value a stranger's.
    fileOf: (name) => files.find(({ values }) => values[name] !== undefined && values[name] === all[name])?.path,
    files: files.map(({ path }) => path),
  };
}
