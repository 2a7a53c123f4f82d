import type { Command } from "commander";
import type { ImportReport, ImportRow } from "../../../transfer/api.ts";
import { given, textFlag, usage } from "../../flags/index.ts";
import { changeLine, cleanLine, SIGNS, type Style } from "../../render/index.ts";
import { type CliCommand, type Context, LONG_TIMEOUT_MS } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../failure.ts";
import { formatted, jobsIn } from "./job-files.ts";

/** What `plan` ends with when something would change, as other tools of its kind do. */
const EXIT_PENDING = 2;
const DEFAULT_LABEL = "default";

function reportText({ plan, applied }: ImportReport, style: Style): string {
  const lines = plan
    .filter(({ action }) => action !== "unchanged")
    .flatMap(({ action, name, detail, changes = [] }) => {
      const [sign, tone] = SIGNS[action];
      const head = `${sign} ${cleanLine(name)}${detail === "" ? "" : `: ${cleanLine(detail)}`}`;
      return [style(tone, head), ...changes.map(changeLine)];
    });
  const said = (["create", "update", "remove", "unchanged", "refused"] as const).map(
    (action) => `${plan.filter((row) => row.action === action).length} ${action}`,
  );
  return [...lines, `${applied ? "Applied" : "Plan"}: ${said.join(", ")}.`].join("\n");
}

async function carryOut(context: Context, apply: boolean): Promise<number> {
  const [path = ""] = context.args;
  const managedBy = textFlag(context.options, "--label") ?? DEFAULT_LABEL;
  const { jobs, ignored } = await jobsIn(context.io, path);
  for (const name of ignored) context.note(`left out: ${cleanLine(name)} (no .yaml, .yml or .json)`);
  const prune = given(context.options, "--prune");
  if (jobs.length === 0 && !prune) throw usage("file", "at least one job", "none");
  const file = { version: 1, jobs };
  const report = await context.call<ImportReport>("import", { file, managedBy, ...(prune ? { prune } : {}), apply });
  context.show(report, () => reportText(report, context.style));
  const has = (action: ImportRow["action"]): boolean => report.plan.some((row) => row.action === action);
  if (has("refused")) {
    context.note("Nothing was changed: correct what is refused first.");
    return EXIT_FAILED;
  }
  return !apply && (has("create") || has("update") || has("remove")) ? EXIT_PENDING : EXIT_OK;
}

const flags = (command: Command): Command =>
  command
    .option("--label <label>", `Whose jobs these are (default "${DEFAULT_LABEL}"); only jobs of this label are touched`)
    .option("--prune", "Remove jobs of this label that the files no longer name");

const FILES = ["<path>", "A YAML or JSON file of jobs, or a directory of such files"] as const;

/** Jobs as code: what files say is what is stored. */
export const plan: readonly CliCommand[] = [
  {
    name: "plan",
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [FILES],
    says: "Show what `apply` would change, field by field; exit code 2 when there is something",
    flags,
    examples: [
      ["command-cron plan jobs/", "Every .yaml, .yml and .json file in the directory"],
      ["command-cron plan jobs.yaml --prune", "What is no longer in the file would be removed"],
    ],
    notes: ["A job is known by its `declarationKey`, or by its name where it has none."],
    action: (context) => carryOut(context, false),
  },
  {
    name: "apply",
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [FILES],
    says: "Make the stored jobs what the files say: all of it, or nothing when an entry is refused",
    flags,
    examples: [["command-cron apply jobs/ --prune", "Create, update and remove; what is unchanged stays untouched"]],
    notes: ["Secrets are named in `policy.secrets`, never written into the files."],
    action: (context) => carryOut(context, true),
  },
  {
    name: "fmt",
    arguments: [["<file>", "A YAML file of jobs"]],
    says: "Lay out a YAML file of jobs in one way; comments stay",
    flags: (command) => command.option("--check", "Change nothing; exit code 1 when the layout differs"),
    examples: [["command-cron fmt jobs.yaml", "Rewrites the file"]],
    async action(context) {
      const [file = ""] = context.args;
      const text = await context.io.readFile(file);
      const laidOut = await formatted(file, text);
      const changed = laidOut !== text;
      const check = given(context.options, "--check");
      if (changed && !check) context.io.replaceFile(file, laidOut);
      if (context.json) context.printJson({ file, changed });
      else if (changed && check)
        context.note(`error: ${cleanLine(file)} is laid out in another way; fmt without --check rewrites it`);
      else context.print(changed ? `Rewrote ${cleanLine(file)}.` : "Nothing to change.");
      return changed && check ? EXIT_FAILED : EXIT_OK;
    },
  },
];
