import type { Command } from "commander";
import { addCancel } from "./commands/cancel.ts";
import { addCare } from "./commands/care.ts";
import { EXIT_OK, EXIT_USAGE } from "./commands/command.ts";
import { addCreate } from "./commands/create.ts";
import { addDeliveries } from "./commands/deliveries.ts";
import { addEdit } from "./commands/edit.ts";
import { addJobs } from "./commands/jobs.ts";
import { addLogs } from "./commands/logs.ts";
import { addNext } from "./commands/next.ts";
import { addReport } from "./commands/report.ts";
import { addRun } from "./commands/run.ts";
import { addRuns } from "./commands/runs.ts";
import { addShow } from "./commands/show.ts";
import { addStatus } from "./commands/status.ts";
import { addTransfer } from "./commands/transfer.ts";
import type { CliIo } from "./io.ts";
import { cleanLine } from "./render/text.ts";

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
