import type { ListResult } from "../../../schema/wire/calls/jobs.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { EngineApi, Warning } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import { addFilterFlags, choiceFlag, filterParams, given, pageParams, textFlag } from "../flags/index.ts";
import { cleanLine, jobStatus, renderJobs } from "../render/index.ts";
import { type CliCommand, LONG_TIMEOUT_MS } from "./command.ts";
import { renderChanged } from "./edit.ts";
import { actOnMany, addManyFlags, asPlanned, chained, JOB_OR_FILTER, meansMany } from "./many.ts";
import { printSummary } from "./summary.ts";

export const JOB_ARGUMENT: readonly [string, string] = ["<id>", "Job id, the start of one, or an exact name"];
const STOP_FLAG: readonly [string, string] = ["--stop", "End a running run as well; otherwise it finishes"];

/** The gateway's own listing adds the one-word status to each job; so does ours. */
export const withStatus = (job: Job): Job & { status: string } => ({
  ...job,
  status: jobStatus(job).split(" ")[0] ?? "",
});

const list: CliCommand = {
  name: "list",
  aliases: ["ls"],
  says: "List command jobs",
  flags: (command) =>
    addFilterFlags(command)
      .option("--tags", "With a column of their tags")
      .option("--all", "Include disabled jobs")
      .option("--all-cron", "Everything that is scheduled here, the gateway's own jobs as well, as `summary` shows it")
      .option("--query <text>", "Only jobs with this text in id, name or description")
      .option("--status <status>", "Only jobs whose last run was ok, error, skipped or unknown")
      .option("--schedule-kind <kind>", "Only at, every, cron or after")
      .option("--sort <field>", "next (default), updated or name")
      .option("--desc", "Turn the order round"),
  paged: true,
  examples: [
    ["command-cron list", "Enabled jobs, the next due first"],
    ["command-cron list --all --status error", "Everything that failed last time"],
    ["command-cron list --tag nightly --failing", "Those with a tag that fail"],
    ["command-cron list --json --limit 200", "For programs"],
  ],
  async action(context) {
    const { options } = context;
    if (given(options, "--all-cron")) {
      await printSummary(context, present({ query: textFlag(options, "--query") }));
      return;
    }
    const sort = choiceFlag(options, "--sort", ["next", "updated", "name"]);
    const sortBy = { next: "nextRunAtMs", updated: "updatedAtMs", name: "name" } as const;
    const page = await context.call<ListResult>(
      "list",
      present({
        ...filterParams(options),
        includeDisabled: given(options, "--all") ? true : undefined,
        query: textFlag(options, "--query"),
        lastRunStatus: choiceFlag(options, "--status", ["all", "ok", "error", "skipped", "unknown"]),
        scheduleKind: choiceFlag(options, "--schedule-kind", ["all", "at", "every", "cron", "after"]),
        sortBy: sort === undefined ? undefined : sortBy[sort],
        sortDir: given(options, "--desc") ? "desc" : undefined,
        ...pageParams(options),
      }),
    );
    const tags = options["tags"] === true || options["tag"] !== undefined;
    const answer = { ...page, jobs: page.jobs.map(withStatus) };
    context.page(answer, page.jobs, "jobs", "No command jobs.", (...rows) => renderJobs(...rows, { tags }));
  },
};

const get: CliCommand = {
  name: "get",
  arguments: [JOB_ARGUMENT],
  says: "Print a job as JSON",
  examples: [["command-cron get 3f2a81c0", "The whole job"]],
  async action(context) {
    context.printJson(await context.call("get", { id: context.args[0] }));
  },
};

function toggle(name: "enable" | "disable"): CliCommand {
  const enabled = name === "enable";
  const done = enabled ? "Enabled" : "Disabled";
  return {
    name,
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [JOB_OR_FILTER],
    says: enabled ? "Enable a job; it fires from its next instant on" : "Disable a job; it fires no more",
    flags(command) {
      addManyFlags(command);
      if (!enabled) command.option(...STOP_FLAG);
    },
    examples: [
      [`command-cron ${name} Backup`, enabled ? "Fires again" : "A running run finishes"],
      [`command-cron ${name} --tag nightly`, "All jobs with a tag: shows the plan, and asks"],
      [`command-cron ${name} --tag nightly --yes`, "The same for scripts"],
    ],
    async action(context) {
      const stop = given(context.options, "--stop");
      const params = (id: string | undefined) => ({ id, patch: { enabled }, ...(stop ? { stop } : {}) });
      if (meansMany(context)) {
        return actOnMany(context, {
          verb: name,
          done,
          // What writes goes off before what checks it, and on after it.
          order: chained(enabled ? "followers" : "parents"),
          plan: (job) => ({ action: job.enabled === enabled ? "unchanged" : "do" }),
          async act({ id, configRevision }) {
            const job = await context.call<Job>("update", { ...params(id), expectedConfigRevision: configRevision });
            return !enabled && !stop && job.state.runningAtMs !== undefined ? "its running run finishes" : undefined;
          },
        });
      }
      const job = await context.call<Job & { warnings?: Warning[] }>("update", params(context.args[0]));
      context.show(job, () => renderChanged(context, job, done));
      context.warn(job.warnings);
      if (!enabled && !stop && job.state.runningAtMs !== undefined) {
        context.note("Its running run finishes; `--stop` would end it.");
      }
      return undefined;
    },
  };
}

type Removed = { ok: true } & Awaited<ReturnType<EngineApi["removeJob"]>>;

const remove: CliCommand = {
  name: "rm",
  timeoutMs: LONG_TIMEOUT_MS,
  aliases: ["remove", "delete"],
  arguments: [JOB_OR_FILTER],
  says: "Remove a job; its runs stay in the ledger",
  flags: (command) =>
    addManyFlags(command)
      .option(...STOP_FLAG)
      .option("--cascade", "Disable the jobs that follow it; otherwise they keep it"),
  examples: [
    ["command-cron rm Backup", "A running run finishes"],
    ["command-cron rm Backup --stop", "A running run is ended"],
    ["command-cron rm --tag old --never-ran", "All that fit: shows the plan, and asks"],
  ],
  async action(context) {
    const stop = given(context.options, "--stop");
    const cascade = given(context.options, "--cascade");
    const params = (id: string | undefined) => ({ id, ...(stop ? { stop } : {}), ...(cascade ? { cascade } : {}) });
    const goesOn = (runId: string) => `run ${runId} ${stop ? "was ended" : "finishes; `cancel` would end it"}`;
    if (meansMany(context)) {
      let leaving = new Set<string>();
      return actOnMany(context, {
        verb: "remove",
        done: "Removed",
        order(jobs) {
          leaving = new Set(jobs.map(({ id }) => id));
          return chained("followers")(jobs);
        },
        plan: () => ({ action: "do" }),
        async act(job) {
          await asPlanned(context, job);
          const parent = job.schedule.kind === "after" ? job.schedule.job : "";
          const together = leaving.has(parent) ? { together: [parent] } : {};
          const { runningRunId } = await context.call<Removed>("remove", { ...params(job.id), ...together });
          return runningRunId === undefined ? undefined : goesOn(runningRunId);
        },
      });
    }
    const removed = await context.call<Removed>("remove", params(context.args[0]));
    context.show(removed, () => `Removed ${cleanLine(context.args[0] ?? "")}.`);
    if (removed.disabled !== undefined) context.note(`Disabled what followed it: ${removed.disabled.join(", ")}`);
    if (removed.runningRunId !== undefined) {
      const text = goesOn(removed.runningRunId);
      context.note(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
    }
    return undefined;
  },
};

export const jobs: readonly CliCommand[] = [list, get, toggle("enable"), toggle("disable"), remove];
