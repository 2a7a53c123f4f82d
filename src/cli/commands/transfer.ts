import type { Command } from "commander";
import type { MoveReport, TransferApi } from "../../transfer/api.ts";
import { choiceFlag, compact, given, textFlag, usage } from "../flags/index.ts";
import { parseTolerantJson } from "../gateway/index.ts";
import type { CliIo } from "../io.ts";
import { cleanLine, renderTable, shortId, styleOf, type Tone } from "../render/index.ts";
import { addCommand, type Context, EXIT_FAILED, EXIT_OK, LONG_TIMEOUT_MS } from "./command.ts";
import { toYaml } from "./job-files.ts";

const FORMATS = ["jobs", "crontab", "systemd", "ops-jobs", "openclaw-scheduler"] as const;
const EXPORT_FORMATS = ["json", "yaml"] as const;
const TEXT_FORMATS: readonly string[] = ["crontab", "systemd"];

type ImportReport = Awaited<ReturnType<TransferApi["importJobs"]>>;

const toneOfAction = (action: string): Tone =>
  action === "refused" ? "bad" : action === "unchanged" || action === "done" ? "dim" : "good";

/** What a plan says, and that nothing happened yet when it was not applied. */
function printPlan(context: Context, report: ImportReport | MoveReport, repeat: string): number {
  const rows = report.plan.map((entry) => [
    { text: entry.action, tone: toneOfAction(entry.action) },
    "id" in entry ? `${shortId(entry.id)} ${entry.name}` : entry.name || "-",
    entry.detail === "" ? "-" : entry.detail,
  ]);
  const columns = [{ title: "Action" }, { title: "Job", max: 60 }, { title: "Detail" }];
  if (context.json) context.printJson(report);
  else context.print(rows.length === 0 ? "Nothing to do." : renderTable(columns, rows, styleOf(context.io)));
  if (!report.applied && rows.length > 0) context.note(`Nothing was changed; ${repeat} does it.`);
  return report.plan.some(({ action }) => action === "refused") ? EXIT_FAILED : EXIT_OK;
}

/** The whole export, put together from its parts: none of them holds up the gateway. */
async function allParts(context: Context): Promise<{ version: 1; jobs: unknown[] }> {
  const jobs: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const part: ReturnType<TransferApi["exportJobs"]> = await context.call("export", compact({ cursor }));
    jobs.push(...part.jobs);
    cursor = part.nextCursor;
    if (cursor === undefined) return { version: 1, jobs };
  }
}

function addExport(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "export",
    timeoutMs: LONG_TIMEOUT_MS,
    says: "Write all jobs as a file that `import`, `plan` and `apply` take",
    flags: (command) =>
      command
        .option("--output <file>", "Write there instead of printing; refuses to replace a file")
        .option("--format <format>", `${EXPORT_FORMATS.join(" or ")} (default json)`),
    examples: [
      ["command-cron export --output jobs.json", "The file is readable by you alone: jobs hold variables and input"],
      ["command-cron export > jobs.json", "The same to standard output"],
    ],
    async action(context) {
      const file = textFlag(context.options, "output", "--output");
      const format = choiceFlag(context.options, "format", "--format", EXPORT_FORMATS) ?? "json";
      const jobs = await allParts(context);
      const yaml = format === "yaml" && !(context.json && file === undefined) ? await toYaml(jobs.jobs) : undefined;
      if (file === undefined) {
        if (yaml === undefined) context.printJson(jobs);
        else context.print(yaml);
        return undefined;
      }
      io.writeNewFile(file, yaml ?? `${JSON.stringify(jobs, null, 2)}\n`);
      if (context.json) context.printJson({ file, jobs: jobs.jobs.length });
      else context.print(`Wrote ${jobs.jobs.length} jobs to ${cleanLine(file)}.`);
      return undefined;
    },
  });
}

function addImport(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "import",
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [["<file>", "File to read, or - for standard input"]],
    says: "Show what a file of jobs would become; with --apply do it",
    flags: (command) =>
      command
        .option("--format <format>", `${FORMATS.join(", ")} (default jobs)`)
        .option("--apply", "Create and update the jobs"),
    examples: [
      ["command-cron import jobs.json", "The plan: what is created, updated, unchanged, refused"],
      ["command-cron import jobs.json --apply", "Carry it out"],
      ["crontab -l | command-cron import - --format crontab", "A user's crontab"],
    ],
    notes: ["Jobs are matched by `declarationKey`, so importing the same file twice changes nothing the second time."],
    async action(context) {
      const [path = ""] = context.args;
      const format = choiceFlag(context.options, "format", "--format", FORMATS) ?? "jobs";
      const text = await io.readFile(path);
      const apply = given(context.options, "apply") ? true : undefined;
      const file = TEXT_FORMATS.includes(format) ? text : await parseFile(text, path);
      const report = await context.call<ImportReport>("import", compact({ file, format, apply }));
      return printPlan(context, report, "--apply");
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

function addMove(root: Command, io: CliIo, name: "adopt" | "release"): void {
  const adopt = name === "adopt";
  addCommand(root, io, {
    name,
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [
      ["[id]", adopt ? "Id of a command job in the gateway's own cron" : "Job id, the start of one, or a name"],
    ],
    says: adopt
      ? "Take command jobs over from the gateway's own cron"
      : "Give jobs back to the gateway's own cron, for example before uninstalling",
    flags(command) {
      command.option("--all", "Every command job").option("--dry-run", "Show the plan only");
      if (!adopt) command.option("--force", "Also jobs that the gateway cannot run as they run here");
    },
    examples: [
      [`command-cron ${name} --all --dry-run`, "What would move, and what cannot"],
      [`command-cron ${name} --all`, "Each job is active in exactly one place, whatever happens meanwhile"],
    ],
    async action(context) {
      const [id] = context.args;
      const all = given(context.options, "all") ? true : undefined;
      if ((id === undefined) === (all === undefined))
        throw usage(name, "a job id or `--all`", id === undefined ? "neither" : "both");
      const apply = !given(context.options, "dryRun");
      const force = given(context.options, "force") ? true : undefined;
      const report = await context.call<MoveReport>(name, compact({ id, all, apply, force }));
      if (report.copy !== undefined)
        context.note(`Copy of the jobs as they were, on the gateway's host: ${cleanLine(report.copy)}`);
      return printPlan(context, report, "the same without --dry-run");
    },
  });
}

export function addTransfer(root: Command, io: CliIo): void {
  addExport(root, io);
  addImport(root, io);
  addMove(root, io, "adopt");
  addMove(root, io, "release");
}
