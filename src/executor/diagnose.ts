import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, resolve } from "node:path";
import { CommandCronError, systemCode } from "../kernel/errors.ts";
import { firstFile, interpreterLine, isFile, onPath } from "./programs.ts";
import type { CommandSpec } from "./types.ts";

type Failure = CommandCronError | undefined;

/**
 * Says why a command cannot be started: CWD_NOT_FOUND, PROGRAM_NOT_FOUND or PROGRAM_NOT_EXECUTABLE, naming the path.
 * Undefined when nothing is wrong with what it names.
 */
export async function diagnoseCommand(spec: Pick<CommandSpec, "argv" | "cwd" | "env">): Promise<Failure> {
  const cwd = spec.cwd ?? process.cwd();
  return (await cwdFailure(cwd)) ?? (await programFailure(spec.argv[0] ?? "", cwd, spec.env));
}

/** Why the system refused to start a command that looks right. */
export function spawnRefusal(error: unknown): CommandCronError {
  const code = systemCode(error);
  const got =
    code === "E2BIG" ? "E2BIG: too long an argument or variable, or too many; long text fits the input" : code;
  return new CommandCronError("SPAWN_REFUSED", { got: got ?? String(error), cause: error });
}

async function cwdFailure(cwd: string): Promise<Failure> {
  try {
    if (!(await stat(cwd)).isDirectory()) throw new Error("not a directory");
    await access(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    const why = systemCode(error) ?? "not a directory";
    return new CommandCronError("CWD_NOT_FOUND", { field: "cwd", got: `${cwd} (${why})`, cause: error });
  }
}

async function programFailure(program: string, cwd: string, env: Record<string, string>): Promise<Failure> {
  if (process.platform === "win32") return windowsProgramFailure(program, cwd, env);
  const places = program.includes("/")
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : onPath(program, cwd, env);
  let unfit: string | undefined;
  for (const place of places) {
    if (!(await isFile(place))) continue;
    if (await isExecutable(place)) return interpreterFailure(place);
    unfit ??= place;
  }
  if (unfit !== undefined) return notExecutable(unfit);
  const got = program.includes("/") ? (places[0] ?? program) : `${program}, not in PATH`;
  return new CommandCronError("PROGRAM_NOT_FOUND", { field: "argv[0]", got });
}

/** Windows looks in the working directory first and tries the endings of PATHEXT. */
async function windowsProgramFailure(program: string, cwd: string, env: Record<string, string>): Promise<Failure> {
  const variable = (name: string): string => Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1] ?? "";
  const endings = ["", ...(variable("PATHEXT") || ".COM;.EXE;.BAT;.CMD").split(";")];
  const dirs = /[\\/]/.test(program) ? [cwd] : [cwd, ...variable("PATH").split(delimiter)];
  const places = dirs.flatMap((dir) => endings.map((ending) => resolve(cwd, dir, program + ending)));
  if ((await firstFile(places)) !== undefined) return undefined;
  return new CommandCronError("PROGRAM_NOT_FOUND", { field: "argv[0]", got: `${program}, not in PATH` });
}

async function interpreterFailure(path: string): Promise<Failure> {
  const [interpreter] = /^\S+/.exec(await interpreterLine(path)) ?? [];
  if (interpreter === undefined) return undefined;
  if ((await isFile(interpreter)) && (await isExecutable(interpreter))) return undefined;
  return notExecutable(`${path}, whose first line names ${interpreter}`);
}

const notExecutable = (got: string): CommandCronError =>
  new CommandCronError("PROGRAM_NOT_EXECUTABLE", { field: "argv[0]", got });

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
