import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { CommandCronError, systemCode } from "../kernel/errors.ts";
import type { CommandSpec } from "./types.ts";

const DEFAULT_PATH = "/usr/bin:/bin";

type Failure = CommandCronError | undefined;

/**
 * Says why a command cannot be started: CWD_NOT_FOUND, PROGRAM_NOT_FOUND or PROGRAM_NOT_EXECUTABLE, naming the path.
 * Undefined when nothing is wrong with what it names.
 */
export function diagnoseCommand(spec: Pick<CommandSpec, "argv" | "cwd" | "env">): Failure {
  const cwd = spec.cwd ?? process.cwd();
  return cwdFailure(cwd) ?? programFailure(spec.argv[0] ?? "", cwd, spec.env);
}

/** Why the system refused to start a command that looks right. */
export function spawnRefusal(error: unknown): CommandCronError {
  const code = systemCode(error);
  const got =
    code === "E2BIG" ? "E2BIG: too long an argument or variable, or too many; long text fits the input" : code;
  return new CommandCronError("SPAWN_REFUSED", { got: got ?? String(error), cause: error });
}

function cwdFailure(cwd: string): Failure {
  try {
    if (!statSync(cwd).isDirectory()) throw new Error("not a directory");
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    const why = systemCode(error) ?? "not a directory";
    return new CommandCronError("CWD_NOT_FOUND", { field: "cwd", got: `${cwd} (${why})`, cause: error });
  }
}

function programFailure(program: string, cwd: string, env: Record<string, string>): Failure {
  if (process.platform === "win32") return windowsProgramFailure(program, cwd, env);
  const places = program.includes("/")
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : (env.PATH ?? DEFAULT_PATH).split(delimiter).map((dir) => resolve(cwd, join(dir, program)));
  const existing = places.filter(isFile);
  const runnable = existing.find(isExecutable);
  if (runnable !== undefined) return interpreterFailure(runnable);
  if (existing[0] !== undefined) return notExecutable(existing[0]);
  const got = program.includes("/") ? (places[0] ?? program) : `${program}, not in PATH`;
  return new CommandCronError("PROGRAM_NOT_FOUND", { field: "argv[0]", got });
}

/** Windows looks in the working directory first and tries the endings of PATHEXT. */
function windowsProgramFailure(program: string, cwd: string, env: Record<string, string>): Failure {
  const variable = (name: string): string => Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1] ?? "";
  const endings = ["", ...(variable("PATHEXT") || ".COM;.EXE;.BAT;.CMD").split(";")];
  const dirs = /[\\/]/.test(program) ? [cwd] : [cwd, ...variable("PATH").split(delimiter)];
  if (dirs.some((dir) => endings.some((ending) => isFile(resolve(cwd, dir, program + ending))))) return undefined;
  return new CommandCronError("PROGRAM_NOT_FOUND", { field: "argv[0]", got: `${program}, not in PATH` });
}

function interpreterFailure(path: string): Failure {
  const line = /^#![ \t]*([^\s]+)/.exec(firstLine(path));
  const interpreter = line?.[1];
  if (interpreter === undefined || (isFile(interpreter) && isExecutable(interpreter))) return undefined;
  return notExecutable(`${path}, whose first line names ${interpreter}`);
}

const notExecutable = (got: string): CommandCronError =>
  new CommandCronError("PROGRAM_NOT_EXECUTABLE", { field: "argv[0]", got });

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function firstLine(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const start = Buffer.alloc(256);
    return start.toString("latin1", 0, readSync(fd, start, 0, start.length, 0)).split("\n")[0] ?? "";
  } catch {
    return "";
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
