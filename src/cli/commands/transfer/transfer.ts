import { MAX_LEVELS } from "../../../../schema/limits.ts";
import { present } from "../../../kernel/present.ts";
import type { MoveReport, TransferApi } from "../../../transfer/api.ts";
import { choiceFlag, given, textFlag, usage } from "../../flags/index.ts";
import { cleanLine, shortId, type Tone, tableOf } from "../../render/index.ts";
import { type CliCommand, type Context, LONG_TIMEOUT_MS } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../failure.ts";
import { toYaml } from "../plan/index.ts";
import { importFile } from "./import.ts";

const EXPORT_FORMATS = ["json", "yaml"] as const;

const toneOfAction = (action: string): Tone =>
  action === "refused" ? "bad" : action === "unchanged" || action === "done" ? "dim" : "good";

const renderMoves = tableOf<MoveReport["plan"][number]>(() => [
  { title: "Action", cell: ({ action }) => ({ text: action, tone: toneOfAction(action) }) },
  { title: "Job", wraps: true, cell: ({ id, name }) => `${shortId(id)} ${name}` },
  { title: "Detail", wraps: true, cell: ({ detail }) => detail || "-" },
]);

/** What a plan says, and that nothing happened yet when it was not applied. */
function printPlan(context: Context, report: MoveReport, repeat: string): number {
  const { plan } = report;
  context.list(report, plan, "Nothing to do.", renderMoves);
  if (!report.applied && plan.length > 0) context.note(`Nothing was changed; ${repeat} does it.`);
  return plan.some(({ action }) => action === "refused") ? EXIT_FAILED : EXIT_OK;
}

/** The whole export, put together from its parts: none of them holds up the gateway. */
async function allParts(context: Context): Promise<{ version: 1; jobs: unknown[] }> {
  const jobs: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const part: ReturnType<TransferApi["exportJobs"]> = await context.call("export", present({ cursor }));
    jobs.push(...part.jobs);
    cursor = part.nextCursor;
    if (cursor === undefined) return { version: 1, jobs: parentsFirst(jobs) };
  }
}

interface Entry {
  declarationKey?: string;
  schedule?: { kind?: string; job?: string };
}

/** For who reads the file: what follows stands behind what it follows, else the order stays. */
function parentsFirst(jobs: readonly unknown[]): unknown[] {
  const keys = new Map((jobs as Entry[]).map((job) => [job.declarationKey, job]));
  const ordered = new Set<Entry>();
  function place(job: Entry, levels: number): void {
    const parent = job.schedule?.kind === "after" ? keys.get(job.schedule.job) : undefined;
    if (parent !== undefined && levels > 0 && !ordered.has(parent)) place(parent, levels - 1);
    ordered.add(job);
  }
  for (const job of jobs as Entry[]) place(job, MAX_LEVELS);
  return [...ordered];
}

const exportAll: CliCommand = {
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
    const file = textFlag(context.options, "--output");
    const format = choiceFlag(context.options, "--format", EXPORT_FORMATS) ?? "json";
    const jobs = await allParts(context);
    const yaml = format === "yaml" && !(context.json && file === undefined) ? await toYaml(jobs.jobs) : undefined;
    if (file !== undefined) {
      context.io.writeNewFile(file, yaml ?? `${JSON.stringify(jobs, null, 2)}\n`);
      context.show({ file, jobs: jobs.jobs.length }, () => `Wrote ${jobs.jobs.length} jobs to ${cleanLine(file)}.`);
    } else if (yaml === undefined) context.printJson(jobs);
    else context.print(yaml);
  },
};

function move(name: "adopt" | "release"): CliCommand {
  const adopt = name === "adopt";
  return {
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
      const all = given(context.options, "--all") ? true : undefined;
      if ((id === undefined) === (all === undefined))
        throw usage(name, "a job id or `--all`", id === undefined ? "neither" : "both");
      const apply = !given(context.options, "--dry-run");
      const force = given(context.options, "--force") ? true : undefined;
      const report = await context.call<MoveReport>(name, present({ id, all, apply, force }));
      if (report.copy !== undefined)
        context.note(`Copy of the jobs as they were, on the gateway's host: ${cleanLine(report.copy)}`);
      return printPlan(context, report, "the same without --dry-run");
    },
  };
}

export const transfer: readonly CliCommand[] = [exportAll, importFile, move("adopt"), move("release")];
