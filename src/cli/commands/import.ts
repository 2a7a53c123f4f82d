import type { Command } from "commander";
import type { ImportReport } from "../../transfer/api.ts";
import { unitsIn } from "../files/index.ts";
import { choiceFlag, compact, given, textFlag, usage } from "../flags/index.ts";
import { parseTolerantJson } from "../gateway/index.ts";
import type { CliIo } from "../io.ts";
import { renderImport, styleOf } from "../render/index.ts";
import { addCommand, type Context, EXIT_FAILED, EXIT_OK, LONG_TIMEOUT_MS } from "./command.ts";

const FORMATS = ["jobs", "crontab", "system-crontab", "systemd", "ops-jobs", "openclaw-scheduler"] as const;
const TEXT_FORMATS: readonly string[] = ["crontab", "system-crontab", "systemd"];
/** Where the output is no terminal, lines are as long as they are. */
const UNLIMITED = Number.POSITIVE_INFINITY;

function printReport(context: Context, report: ImportReport, format: string): number {
  const { stdout } = context.io;
  const width = stdout.isTTY === true ? (stdout.columns ?? UNLIMITED) : UNLIMITED;
  if (context.json) context.printJson(report);
  else context.print(report.plan.length === 0 ? "Nothing to do." : renderImport(report, styleOf(context.io), width));
  const pending = report.plan.some(({ action }) => action === "create" || action === "update");
  if (report.problem !== undefined) context.note("Nothing was changed.");
  else if (!report.applied && pending) context.note("Nothing was changed; --apply does it.");
  const off = report.plan.some(({ action, enabled }) => action === "create" && enabled === false);
  if (report.applied && off && format !== "jobs") {
    context.note("Jobs were created switched off: look at them, then `enable` them or import again with --enable.");
  }
  return report.plan.some(({ action }) => action === "refused") ? EXIT_FAILED : EXIT_OK;
}

export function addImport(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "import",
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [["<file>", "File to read, - for standard input, or a directory of systemd units"]],
    says: "Show what a file of jobs would become; with --apply do it",
    flags: (command) =>
      command
        .option("--format <format>", `${FORMATS.join(", ")} (default jobs)`)
        .option("--apply", "Create and update the jobs; those of other systems are created switched off")
        .option("--enable", "Switch on what comes from another system, but for jobs that lack something decisive")
        .option("--instance <name>", "What templates of systemd are filled with (`backup@.timer`)"),
    examples: [
      ["command-cron import jobs.json", "The plan: what is created, updated, unchanged, refused"],
      ["command-cron import jobs.json --apply", "Carry it out"],
      ["crontab -l | command-cron import - --format crontab", "A user's crontab"],
      ["command-cron import ~/.config/systemd/user --format systemd", "Every timer of a directory"],
    ],
    notes: ["Jobs are matched by `declarationKey`, so importing the same file twice changes nothing the second time."],
    async action(context) {
      const [path = ""] = context.args;
      const format = choiceFlag(context.options, "format", "--format", FORMATS) ?? "jobs";
      const flag = (name: string): true | undefined => (given(context.options, name) ? true : undefined);
      const instance = textFlag(context.options, "instance", "--instance");
      const units = format === "systemd" ? await unitsIn(io, path) : undefined;
      const text = units === undefined ? await io.readFile(path) : "";
      const file = units ?? (TEXT_FORMATS.includes(format) ? text : await parseFile(text, path));
      const report = await context.call<ImportReport>(
        "import",
        compact({ file, format, apply: flag("apply"), enable: flag("enable"), instance }),
      );
      return printReport(context, report, format);
    },
  });
}

async function parseFile(text: string, path: string): Promise<unknown> {
  try {
    return await parseTolerantJson(text);
  } catch {
    throw usage("file", "JSON", `a file that is not: ${path}`);
  }
}
