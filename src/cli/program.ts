import type { Command } from "commander";
import {
  addApprovals,
  addCancel,
  addCare,
  addCompare,
  addCompletion,
  addCreate,
  addDeliveries,
  addEdit,
  addJobs,
  addLogs,
  addNext,
  addNodes,
  addPlan,
  addReport,
  addRun,
  addRuns,
  addShow,
  addState,
  addStats,
  addStatus,
  addSummary,
  addTimeline,
  addTransfer,
  addTree,
  callName,
  EXIT_OK,
  EXIT_USAGE,
  printFailure,
  SHORT_DOOR,
} from "./commands/index.ts";
import type { CliIo } from "./io.ts";
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

/** In the order `--help` shows them. */
const GROUPS: readonly ((root: Command, io: CliIo) => void)[] = [
  addCreate,
  addJobs,
  addShow,
  addEdit,
  addRun,
  addCancel,
  addRuns,
  addApprovals,
  addSummary,
  addTimeline,
  addStats,
  addCompare,
  addLogs,
  addNext,
  addState,
  addTree,
  addStatus,
  addNodes,
  addDeliveries,
  addReport,
  addPlan,
  addTransfer,
  addCare,
  addCompletion,
];

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
  if (only !== undefined) for (const add of GROUPS) add(root, { ...io, only });
  if (root.commands.length === 0) for (const add of GROUPS) add(root, io);
  return root;
}
