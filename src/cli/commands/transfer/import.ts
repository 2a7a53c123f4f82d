import { present } from "../../../kernel/present.ts";
import type { ImportReport } from "../../../transfer/api.ts";
import { SYSTEMS } from "../../elsewhere/index.ts";
import { choiceFlag, given, textFlag, usage } from "../../flags/index.ts";
import { parseTolerantJson } from "../../gateway/index.ts";
import { cleanLine, renderImport } from "../../render/index.ts";
import { type CliCommand, type Context, LONG_TIMEOUT_MS } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../failure.ts";
import { giveBack, takeOver } from "./take-over.ts";
import { unitsIn } from "./units.ts";

const FORMATS = ["jobs", "crontab", "system-crontab", "systemd", "ops-jobs", "openclaw-scheduler"] as const;
const TEXT_FORMATS: readonly string[] = ["crontab", "system-crontab", "systemd"];

function printReport(context: Context, report: ImportReport, format: string): number {
  context.list(report, report.plan, "Nothing to do.", () => renderImport(report, context.style));
  const pending = report.plan.some(({ action }) => action === "create" || action === "update");
  if (report.problem !== undefined) context.note("Nothing was changed.");
  else if (!report.applied && pending) context.note("Nothing was changed; --apply does it.");
  const off = report.plan.some(({ action, enabled }) => action === "create" && enabled === false);
  if (report.applied && off && format !== "jobs") {
    const enabling = given(context.options, "--enable");
    const again = enabling ? "" : " or import again with --enable";
    context.note(`Jobs were created switched off: look at them, then \`enable\` them${again}.`);
    if (!enabling && ["crontab", "systemd"].includes(format))
      context.note("What is this user's own, `import --take-over` ends there and switches on here.");
  }
  return report.plan.some(({ action }) => action === "refused") ? EXIT_FAILED : EXIT_OK;
}

/** What of this user's crontab and timers moves here. */
async function moveIn(context: Context, systems: readonly (typeof SYSTEMS)[number][], apply: boolean): Promise<number> {
  const report = await takeOver(context, systems, apply);
  const { plan, copy, unfinished, problem } = report;
  const moving = plan.filter(({ moves }) => moves).length;
  const verb = report.applied ? "moved" : "to move";
  const count = `${moving} ${verb} here and switched on; ${plan.length - moving} stay where they are.`;
  context.list(report, plan, "Nothing to take over.", () => `${count}\n${renderImport(report, context.style)}`);
  if (copy !== undefined) context.note(`Copy of the crontab as it was: ${cleanLine(copy)}`);
  if (report.applied && moving > 0) context.note("`command-cron import --give-back` undoes it.");
  if (!report.applied && unfinished) context.note("A move was cut off; --apply brings it to its end.");
  else if (!report.applied && moving > 0 && problem === undefined)
    context.note("Nothing was changed; --apply does it.");
  return problem !== undefined || plan.some(({ action }) => action === "refused") ? EXIT_FAILED : EXIT_OK;
}

async function moveOut(context: Context, systems: readonly (typeof SYSTEMS)[number][]): Promise<number> {
  const report = await giveBack(context, systems);
  const lines = report.given.map(({ what, jobs }) => `Given back: ${what}; ${jobs.length} jobs are off here.`);
  if (report.same === true) lines.push("The crontab is what it was before, byte for byte.");
  context.show(report, () => (lines.length === 0 ? "Nothing was taken over." : lines.map(cleanLine).join("\n")));
  if (report.same === false)
    context.note(`The crontab was changed since it was taken over; as it was then: ${cleanLine(report.copy ?? "")}`);
  return EXIT_OK;
}

export const importFile: CliCommand = {
  name: "import",
  timeoutMs: LONG_TIMEOUT_MS,
  arguments: [["[file]", "File to read, - for standard input, or a directory of systemd units"]],
  says: "Show what a file of jobs would become; with --apply do it",
  flags: (command) =>
    command
      .option("--format <format>", `${FORMATS.join(", ")} (default jobs)`)
      .option("--apply", "Create and update the jobs; those of other systems are created switched off")
      .option("--enable", "Switch on what comes from another system, but for jobs that lack something decisive")
      .option("--instance <name>", "What templates of systemd are filled with (`backup@.timer`)")
      .option("--take-over", "Instead of a file: what this user's crontab and systemd timers start; ends it there")
      .option("--give-back", "Undo that at once: the jobs off here, the crontab as it was, the timers on"),
  examples: [
    ["command-cron import jobs.json", "The plan: what is created, updated, unchanged, refused"],
    ["command-cron import jobs.json --apply", "Carry it out"],
    ["crontab -l | command-cron import - --format crontab", "A user's crontab"],
    ["command-cron import ~/.config/systemd/user --format systemd", "Every timer of a directory"],
    ["command-cron import --take-over", "What would move here from this user's crontab and timers"],
    ["command-cron import --take-over --apply", "Comment it out there, then switch it on here"],
    ["command-cron import --give-back", "The way back"],
  ],
  notes: ["Jobs are matched by `declarationKey`, so importing the same file twice changes nothing the second time."],
  async action(context) {
    const [path] = context.args;
    const [takes, gives] = [given(context.options, "--take-over"), given(context.options, "--give-back")];
    if ([path !== undefined, takes, gives].filter(Boolean).length !== 1) {
      throw usage(
        "import",
        "a file, or --take-over, or --give-back",
        path === undefined && !takes ? "neither" : "both",
      );
    }
    if (path === undefined) {
      const system = choiceFlag(context.options, "--format", SYSTEMS);
      const systems = system === undefined ? SYSTEMS : [system];
      return takes ? moveIn(context, systems, given(context.options, "--apply")) : moveOut(context, systems);
    }
    const format = choiceFlag(context.options, "--format", FORMATS) ?? "jobs";
    const flag = (name: string): true | undefined => (given(context.options, name) ? true : undefined);
    const instance = textFlag(context.options, "--instance");
    const units = format === "systemd" ? await unitsIn(context.io, path) : undefined;
    const text = units === undefined ? await context.io.readFile(path) : "";
    const file = units ?? (TEXT_FORMATS.includes(format) ? text : await parseFile(text, path));
    const report = await context.call<ImportReport>(
      "import",
      present({ file, format, apply: flag("apply"), enable: flag("enable"), instance }),
    );
    return printReport(context, report, format);
  },
};

async function parseFile(text: string, path: string): Promise<unknown> {
  try {
    return await parseTolerantJson(text);
  } catch {
    throw usage("file", "JSON", `a file that is not: ${path}`);
  }
}
