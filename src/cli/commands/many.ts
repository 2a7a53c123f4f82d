import type { Command } from "commander";
import type { ListResult } from "../../../schema/wire/calls/jobs.ts";
import type { Job } from "../../../schema/wire/job.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { addFilterFlags, filterParams, given, textFlag, usage } from "../flags/index.ts";
import { type Cell, type Column, cleanLine, idCell, renderTable, scheduleText, shortId } from "../render/index.ts";
import type { Context } from "./command.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, outcomeOf } from "./failure.ts";

export const JOB_OR_FILTER: readonly [string, string] = [
  "[id]",
  "Job id, the start of one, or an exact name; or a filter for many",
];

/** Jobs a page when all that fit are asked for. */
const PAGE_JOBS = 200;

/** What would happen to a job: nothing, or what `detail` says; or why it would be refused. */
interface Planned {
  action: "do" | "unchanged" | "refused";
  detail?: string;
}

/** What is done to each of many jobs. */
interface Deed {
  /** `disable`, for the plan. */
  verb: string;
  /** `Disabled`, for what is done. */
  done: string;
  plan(job: Job): Planned | Promise<Planned>;
  /** Answers what is to be said beside the job. */
  act(job: Job): Promise<string | undefined>;
  /** In which order; as listed when not said. */
  order?(jobs: Job[]): Job[];
}

interface Row {
  job: Job;
  planned: Planned;
}

interface Result {
  id: string;
  name: string;
  result: "done" | "unchanged" | "refused" | "not tried";
  detail?: string;
  code?: string;
}

/** The flags for many jobs at once. `only`: where the command has flags of these names that mean something else. */
export function addManyFlags(command: Command, without: readonly string[] = []): Command {
  addFilterFlags(command, without).option("--query <text>", "Jobs with this text in id, name or description");
  if (!without.includes("dryRun")) command.option("--dry-run", "With a filter: print the plan and do nothing");
  return command.option("--yes", "With a filter: do it without asking");
}

const filterOf = ({ options }: Context, without: readonly string[]): Record<string, unknown> => {
  const filter = filterParams(Object.fromEntries(Object.entries(options).filter(([name]) => !without.includes(name))));
  const query = textFlag(options, "--query");
  return query === undefined ? filter : { ...filter, query };
};

/** Whether a filter says which jobs are meant. Refuses a command line with both a job and a filter, or neither. */
export function meansMany(context: Context, without: readonly string[] = []): boolean {
  const [id] = context.args;
  const [filter] = Object.keys(filterOf(context, without));
  if (id === undefined && filter === undefined) throw usage("id", "a job, or a filter such as `--tag`", "neither");
  if (id !== undefined && filter !== undefined) throw usage("id", "a job or a filter, not both", `both, \`${filter}\``);
  const lone = ["yes", "dryRun"].find((name) => !without.includes(name) && given(context.options, name));
  if (filter === undefined && lone !== undefined) {
    throw usage(lone === "yes" ? "--yes" : "--dry-run", "a filter such as `--tag`", "a job");
  }
  return filter !== undefined;
}

/** For deeds that say no revision themselves. Raises REVISION_CONFLICT for a job that was changed since the plan. */
export async function asPlanned(context: Context, { id, configRevision: got }: Job): Promise<void> {
  const { configRevision: expected } = await context.call<Job>("get", { id });
  if (expected !== got) throw new CommandCronError("REVISION_CONFLICT", { expected, got });
}

async function jobsThatFit(context: Context, filter: Record<string, unknown>): Promise<Job[]> {
  const jobs: Job[] = [];
  let cursor: string | undefined;
  do {
    const asked = { ...filter, includeDisabled: true, sortBy: "name", limit: PAGE_JOBS, cursor };
    const page = await context.call<ListResult>("list", present(asked));
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return jobs;
}

/** `first` before the others of their chains, so that nothing is refused for the sake of a job that goes as well. */
export const chained =
  (first: "followers" | "parents") =>
  (jobs: Job[]): Job[] => {
    const sign = first === "followers" ? -1 : 1;
    const byId = new Map(jobs.map((job) => [job.id, job]));
    const depth = (job: Job | undefined, seen: number): number => {
      if (job?.schedule.kind !== "after" || seen > jobs.length) return 0;
      return 1 + depth(byId.get(job.schedule.job), seen + 1);
    };
    return jobs
      .map((job) => ({ job, depth: depth(job, 0) }))
      .sort((a, b) => sign * (a.depth - b.depth))
      .map(({ job }) => job);
  };

const counted = (rows: readonly Row[], action: Planned["action"]): number =>
  rows.filter(({ planned }) => planned.action === action).length;

function renderPlan(context: Context, deed: Deed, rows: readonly Row[]): string {
  const words = { do: deed.verb, unchanged: "unchanged", refused: "refused" };
  const tones = { do: "plain", unchanged: "dim", refused: "bad" } as const;
  const planCell = ({ planned: { action, detail } }: Row): Cell => ({
    text: detail === undefined ? words[action] : `${words[action]}: ${detail}`,
    tone: tones[action],
  });
  const columns: Column<Row>[] = [
    { title: "ID", cell: ({ job }) => idCell(job.id) },
    { title: "Name", wraps: true, cell: ({ job }) => job.displayName ?? job.name },
    { title: "Schedule", wraps: true, drop: 1, cell: ({ job }) => scheduleText(job) },
    { title: "Plan", wraps: true, cell: planCell },
  ];
  const tail = `Plan: ${counted(rows, "do")} to ${deed.verb}, ${counted(rows, "unchanged")} unchanged, ${counted(rows, "refused")} refused.`;
  return `${renderTable(rows, columns, context.style)}\n${tail}`;
}

const planJson = (rows: readonly Row[]): unknown[] =>
  rows.map(({ job, planned }) => ({ id: job.id, name: job.name, ...planned }));

/** Whether it may be done: by the flag, or by who sits at the terminal. Undefined where there is nobody to ask. */
async function agreed(context: Context, count: number, verb: string): Promise<boolean | undefined> {
  if (given(context.options, "--yes")) return true;
  if (context.json) return undefined;
  const answer = await context.io.ask(`${verb} ${count} jobs? [y/N] `);
  return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
}

/**
 * Shows what would be done to every job that fits the filter, and does it once it is agreed to, one job after the other. A
 * job's refusal is named and the rest goes on; when the gateway is gone, what was not tried is named. Exit code 0: all
 * that was planned is done; 1: something was refused or not tried; 2: nobody has agreed.
 */
export async function actOnMany(context: Context, deed: Deed, without: readonly string[] = []): Promise<number> {
  const fitting = await jobsThatFit(context, filterOf(context, without));
  const rows: Row[] = [];
  for (const job of deed.order?.(fitting) ?? fitting) rows.push({ job, planned: await deed.plan(job) });
  const count = counted(rows, "do");
  const refusedNow = counted(rows, "refused");
  if (!context.json) context.print(rows.length === 0 ? "No job fits." : renderPlan(context, deed, rows));
  if (given(context.options, "--dry-run") || count === 0) {
    if (context.json) context.printJson({ plan: planJson(rows), applied: false });
    if (refusedNow === 0) return EXIT_OK;
    sayError(context, `${refusedNow} of ${rows.length} jobs are refused, as the plan says; nothing was done`);
    return EXIT_FAILED;
  }
  const yes = await agreed(context, count, deed.verb);
  if (yes === undefined)
    throw usage("--yes", `\`--yes\` to ${deed.verb} ${count} jobs where nobody can be asked`, "nothing");
  if (!yes) {
    context.note("Nothing was done.");
    return EXIT_USAGE;
  }
  return carryOut(context, deed, rows);
}

const sayError = ({ io }: Context, text: string): void => void io.stderr.write(`error: ${text}\n`);

const titleOf = ({ name, id }: Pick<Job, "name" | "id">): string => `${cleanLine(name)} (${shortId(id)})`;

async function carryOut(context: Context, deed: Deed, rows: readonly Row[]): Promise<number> {
  const results: Result[] = [];
  let gone = false;
  for (const { job, planned } of rows) {
    const add = (result: Omit<Result, "id" | "name">) => results.push({ id: job.id, name: job.name, ...result });
    if (planned.action !== "do") add(present({ result: planned.action, detail: planned.detail }));
    else if (gone) add({ result: "not tried" });
    else {
      try {
        const detail = await deed.act(job);
        add(present({ result: "done" as const, detail }));
        if (!context.json)
          context.print(`${deed.done} ${titleOf(job)}${detail === undefined ? "" : `: ${cleanLine(detail)}`}`);
      } catch (error) {
        const { message, code } = outcomeOf(error);
        gone = ["GATEWAY_UNREACHABLE", "SERVICE_STOPPED"].includes(code);
        add({ result: "refused", detail: message, code });
        sayError(context, `${titleOf(job)}: ${cleanLine(message)}`);
      }
    }
  }
  const named = (result: Result["result"]): Result[] => results.filter((each) => each.result === result);
  const untried = named("not tried");
  if (untried.length > 0) sayError(context, `not tried: ${untried.map(titleOf).join(", ")}`);
  const totals = {
    done: named("done").length,
    unchanged: named("unchanged").length,
    refused: named("refused").length,
    notTried: untried.length,
  };
  const { done, unchanged, refused, notTried } = totals;
  context.show(
    { results, ...totals, applied: true },
    () => `${deed.done}: ${done}. Unchanged: ${unchanged}. Refused: ${refused}. Not tried: ${notTried}.`,
  );
  return refused + notTried === 0 ? EXIT_OK : EXIT_FAILED;
}
