import { basename } from "node:path";

const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "ash"];

/** The line that a shell was given, where the command is one: `sh -c <line>`, `bash -lc <line>`. */
function shellLine(argv: readonly string[]): string | undefined {
  const [program = "", flag = "", line, ...more] = argv;
  return SHELLS.includes(basename(program)) && /^-[a-z]*c$/.test(flag) && more.length === 0 ? line : undefined;
}

/** A command as one line, whichever shell was given it. */
export const commandLine = (argv: readonly string[]): string =>
  (shellLine(argv) ?? argv.join(" ")).replace(/\s+/g, " ").trim();

const LONG_CHARACTERS = 300;
const LONG_LINES = 3;

/** A script that lives in a job: it has no history of its own, no tests, and no second caller. */
export function isLongInline(argv: readonly string[]): boolean {
  const line = shellLine(argv)?.trim();
  return line !== undefined && (line.length > LONG_CHARACTERS || line.split("\n").length > LONG_LINES);
}

const ORDER = /^\s*(?:please\s+)?(?:run|execute|exec)\b/i;
const THINKING =
  /\b(?:if|unless|decide|judge|think|analy[sz]e|summari[sz]e|explain|write|draft|review|compare|suggest|check whether|then)\b/i;
const QUOTED = /```(?:\w*\n)?([\s\S]+?)```|`([^`]+)`/;
/** Words around a command that say no more than that it is to be run, and its output told. */
const AROUND_CHARACTERS = 120;

/** The command that a message to an agent is about, where all it asks for is that it is run; else undefined. */
export function onlyRuns(message: string): string | undefined {
  const quoted = QUOTED.exec(message);
  const command = (quoted?.[1] ?? quoted?.[2])?.trim();
  if (quoted === null || command === undefined || command === "" || !ORDER.test(message)) return undefined;
  const around = message.replace(quoted[0], " ").replace(/\s+/g, " ").trim();
  return around.length > AROUND_CHARACTERS || THINKING.test(around) || QUOTED.test(around) ? undefined : command;
}
