import { resolve } from "node:path";
import { formatBytes } from "../../../kernel/durations.ts";
import { cleanLine, renderFacts } from "../../render/index.ts";
import { type CliCommand, LONG_TIMEOUT_MS } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../failure.ts";

const backup: CliCommand = {
  name: "backup",
  timeoutMs: LONG_TIMEOUT_MS,
  arguments: [["[file]", "New file on the gateway host (default: one in the state directory's backups)"]],
  says: "Copy the whole ledger into one file while everything runs",
  examples: [["command-cron backup /var/backups/cron.sqlite", "A verified copy that `restore` takes"]],
  async action(context) {
    const [file] = context.args;
    const params = file === undefined ? {} : { file: resolve(file) };
    const result = await context.call<{ file: string; bytes: number }>("backup", params);
    context.show(result, () => `Wrote ${formatBytes(result.bytes)} to ${cleanLine(result.file)}.`);
  },
};

const check: CliCommand = {
  name: "check",
  timeoutMs: LONG_TIMEOUT_MS,
  says: "Check the ledger's integrity; exit 1 when something is wrong",
  examples: [["command-cron check", "The database's own check and ours"]],
  async action(context) {
    const result = await context.call<{ problems: string[] }>("check");
    context.list(result, result.problems, "The ledger is sound.", (problems) => problems.map(cleanLine).join("\n"));
    return result.problems.length === 0 ? EXIT_OK : EXIT_FAILED;
  },
};

const restore: CliCommand = {
  name: "restore",
  arguments: [["<file>", "A copy that `backup` wrote"]],
  says: "Put a backup in the ledger's place, with the gateway stopped",
  examples: [["command-cron restore /var/backups/cron.sqlite", "Checks it first; keeps the ledger it replaces"]],
  notes: ["Works on this machine's state directory (OPENCLAW_STATE_DIR) and is refused while a gateway runs on it."],
  async action(context) {
    const result = await context.io.restore(resolve(context.args[0] ?? ""));
    const facts = [["restored", result.restored] as const, ["kept", result.replaced] as const];
    context.show(result, () => renderFacts(facts, context.style));
  },
};

export const care: readonly CliCommand[] = [backup, restore, check];
