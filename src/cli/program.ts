import type { Command } from "commander";
import {
  addCancel,
  addCare,
  addCreate,
  addDeliveries,
  addEdit,
  addJobs,
  addLogs,
  addNext,
  addPlan,
  addReport,
  addRun,
  addRuns,
  addShow,
  addStatus,
  addTransfer,
  EXIT_OK,
  EXIT_USAGE,
} from "./commands/index.ts";
import type { CliIo } from "./io.ts";
import { cleanLine } from "./render/index.ts";

export const DESCRIPTION = "Run commands on a schedule on the gateway host";

/** In the order `--help` shows them. */
const GROUPS: readonly ((root: Command, io: CliIo) => void)[] = [
  addCreate,
  addJobs,
  addShow,
  addEdit,
  addRun,
  addCancel,
  addRuns,
  addLogs,
  addNext,
  addStatus,
  addDeliveries,
  addReport,
  addPlan,
  addTransfer,
  addCare,
];

/**
 * Adds every command to `root`, which is the program itself in the package's own bin and a subcommand in the gateway's
 * CLI. What the command line gets wrong ends with exit code 2.
 */
export function buildProgram(root: Command, io: CliIo): Command {
  root.description(DESCRIPTION);
  root.exitOverride((error) => io.exit(error.exitCode === 0 ? EXIT_OK : EXIT_USAGE));
  root.configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    // It quotes the command line as it came.
    outputError: (text, write) => write(`${cleanLine(text.trimEnd())}\n`),
  });
  root.configureHelp({ sortSubcommands: false });
  root.showHelpAfterError("See --help.");
  for (const add of GROUPS) add(root, io);
  return root;
}
