import type { Command } from "commander";
import { addCommand, COMMANDS, callName, EXIT_OK, EXIT_USAGE, printFailure, SHORT_DOOR } from "./commands/index.ts";
import type { GatewayCall } from "./gateway/index.ts";
import { type CliIo, systemIo } from "./io.ts";
import { cleanLine } from "./render/index.ts";

const DESCRIPTION = "Run commands on a schedule on the gateway host";

/** What other programs call it, or what it may mean here. Nothing that changes something is proposed for a word that is unknown. */
const MEANT = new Map(
  Object.entries({
    pause: "`disable` stops a job, `lanes pause` a destination",
    resume: "`enable` starts a job again, `lanes resume` a destination",
    start: "`run` starts a run now, `enable` lets a job fire again",
    stop: "`cancel` ends a run, `disable` stops a job",
    kill: "`cancel` ends a run with every process it started",
    tail: "`logs -f` follows a run",
  }),
);
const HARMLESS = [
  "list",
  "ls",
  "get",
  "show",
  "runs",
  "summary",
  "timeline",
  "stats",
  "compare",
  "logs",
  "next",
  "nodes",
  "tree",
  "approvals",
  "status",
  "doctor",
  "alerts",
  "check",
  "plan",
  "export",
];

/** What the argument parser says, which quotes the command line as it came. */
function saidBy(text: string): string {
  const said = cleanLine(text.trimEnd());
  const word = /^error: unknown command '([^']*)'/.exec(said)?.[1];
  if (word === undefined) return said;
  const hint = MEANT.get(word.toLowerCase());
  if (hint !== undefined) return `error: unknown command '${word}': ${hint}`;
  return said.replace(/ ?\(Did you mean (?:one of )?([^?)]*)\?\)/, (whole, names: string) =>
    names.split(", ").every((name) => HARMLESS.includes(name)) ? whole : "",
  );
}

/**
 * Adds every command to `root`, which is the program itself in the package's own bin and a subcommand in the gateway's
 * CLI. What the command line gets wrong ends with exit code 2.
 */
export function buildProgram(root: Command, io: CliIo): Command {
  root.description(DESCRIPTION);
  root.exitOverride((error) => {
    if (error.exitCode === 0) return io.exit(EXIT_OK);
    if (io.argv.includes("--json")) printFailure(io, "USAGE", saidBy(error.message).replace(/^error: /, ""));
    return io.exit(EXIT_USAGE);
  });
  root.configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    outputError: (text, write) => write(`${saidBy(text)}\n`),
  });
  root.configureHelp({ sortSubcommands: false });
  root.showHelpAfterError("See --help.");
  root.addHelpText("after", () => (callName(root) === root.name() ? "" : `\n${SHORT_DOOR}`));
  const [word] = io.argv;
  // Of the program itself only the command that is asked for is made, where there is one of that name.
  const only = root.parent === null && word !== undefined && word !== "completion" ? word : undefined;
  if (only !== undefined) for (const command of COMMANDS) addCommand(root, { ...io, only }, command);
  if (root.commands.length === 0) for (const command of COMMANDS) addCommand(root, io, command);
  return root;
}

/**
 * The door inside the gateway's own CLI: adds `command-cron` to its program. `call` is the gateway's own way of asking;
 * it gets the connection flags of the command line.
 */
export function registerCommandCronCli({ program, call }: { program: Command; call: GatewayCall }): void {
  buildProgram(program.command("command-cron"), systemIo(call));
}
