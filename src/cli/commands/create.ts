import type { FieldChange } from "../../../schema/wire/calls/shared.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { Instant, RehearsalReport, Warning } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import { argvText } from "../../kernel/shell.ts";
import {
  addJobFlags,
  alertFromFlags,
  applyPolicyFlags,
  createDelivery,
  createSchedule,
  eitherFlag,
  given,
  hasScheduleFlag,
  listFlag,
  payloadFromFlags,
  readPolicyFlags,
  textFlag,
  usage,
} from "../flags/index.ts";
import {
  changeLine,
  deliveryText,
  limitsText,
  renderFacts,
  renderInstants,
  renderRehearsal,
  scheduleText,
} from "../render/index.ts";
import type { CliCommand, Context } from "./command.ts";
import { EXIT_FAILED, EXIT_OK } from "./failure.ts";

export const keepFlag = ({ options }: Context): boolean | undefined =>
  eitherFlag(options, "--delete-after-run", "--keep-after-run");

function nameOf(context: Context, positional: string | undefined): string {
  const flag = textFlag(context.options, "--name");
  const name = flag ?? positional?.trim();
  if (flag !== undefined && positional !== undefined && flag !== positional.trim()) {
    throw usage("--name", "the name once", `${JSON.stringify(flag)} and ${JSON.stringify(positional)}`);
  }
  if (name === undefined || name === "") throw usage("--name", "a job name", "nothing");
  return name;
}

async function paramsOf(context: Context, platform: NodeJS.Platform): Promise<Record<string, unknown>> {
  const { options, args, io } = context;
  const named = hasScheduleFlag(options);
  const payload = payloadFromFlags(options, platform);
  if (payload.argv === undefined) throw usage("--command, --command-argv", "exactly one of them", "neither");
  const declarationKey = textFlag(options, "--declaration-key");
  const disabled = given(options, "--disabled");
  const policies = readPolicyFlags(options, platform);
  return present({
    schedule: await createSchedule(options, named ? undefined : args[0], io.nowMs()),
    name: nameOf(context, named ? args[0] : undefined),
    declarationKey,
    displayName: textFlag(options, "--display-name"),
    description: textFlag(options, "--description"),
    // A repeated declaration keeps the state somebody gave the job since.
    enabled: disabled ? false : declarationKey === undefined ? true : undefined,
    deleteAfterRun: keepFlag(context),
    agentId: textFlag(options, "--agent"),
    sessionKey: textFlag(options, "--session-key"),
    sessionTarget: textFlag(options, "--session"),
    wakeMode: textFlag(options, "--wake"),
    payload: { kind: "command", ...payload },
    delivery: createDelivery(options),
    failureAlert: alertFromFlags(options),
    policy: policies === undefined ? undefined : applyPolicyFlags(policies, undefined),
    tags: listFlag(options, "--tag"),
  });
}

interface Said {
  next?: Instant[];
  warnings?: Warning[];
  dryRun?: true;
  changes?: FieldChange[];
}
type Added = (Job | { job: Job; created: boolean; updated: boolean }) & Said;

/** What became of the job, or would. */
function verbOf(added: Added): string {
  const [now, would] =
    !("job" in added) || added.created
      ? ["Created", "Would create"]
      : added.updated
        ? ["Updated", "Would update"]
        : ["Unchanged", "Unchanged"];
  return added.dryRun === true ? would : now;
}

/** What decides about a job without being asked for. */
const DECIDING = ["overlap", "missed", "retries", "failing"];

async function renderAdded(context: Context, added: Added): Promise<string> {
  // The policies' defaults live with the policies; the other commands need not load them.
  const { policyFacts } = await import("../render/policy.ts");
  const { style } = context;
  const job = "job" in added ? added.job : added;
  const facts = renderFacts(
    [
      [verbOf(added), `${job.displayName ?? job.name}${job.enabled ? "" : " (disabled)"}`, "bold"],
      // Of one that is not stored the id is not known yet.
      ["id", added.dryRun === true && !("job" in added && !added.created) ? undefined : job.id],
      ["schedule", scheduleText(job)],
      ["command", argvText(job.payload.argv)],
      ["limits", limitsText(job)],
      ...policyFacts(job).filter(([label]) => DECIDING.includes(label)),
      ["delivery", deliveryText(job)],
      ["next", added.next?.length ? "" : job.schedule.kind === "after" ? scheduleText(job) : "none"],
    ],
    style,
  );
  const instants =
    added.next === undefined ? "" : `\n${renderInstants(added.next.slice(0, 3), context.io.nowMs(), style)}`;
  const changes = (added.changes ?? []).map((change) => `\n${changeLine(change)}`).join("");
  return facts + instants + changes;
}

async function rehearse(context: Context, params: Record<string, unknown>): Promise<number> {
  const rehearsal = await context.call<RehearsalReport & { warnings: Warning[] }>("test", params);
  context.show(rehearsal, () => renderRehearsal(rehearsal, String(params["name"]), context.style));
  context.warn(rehearsal.warnings);
  return rehearsal.status === "ok" ? EXIT_OK : EXIT_FAILED;
}

export const create: CliCommand = {
  name: "create",
  longWith: "test",
  aliases: ["add"],
  arguments: [["[scheduleOrName]", "Schedule, or the job's name when --cron, --every, --at or --after is given"]],
  says: "Create a command job",
  flags: (command) => addJobFlags(command, "create"),
  examples: [
    [
      'command-cron create "*/15 * * * *" --name "Queue depth" --command "scripts/check-queue.sh" --webhook https://ops.example/hook',
      "Every quarter of an hour, the output to a webhook",
    ],
    [
      'command-cron create "every 10m" --name Disk --command-argv \'["df","-h"]\' --channel irc --to "#ops"',
      "Exact argv, no shell; the output to a chat channel",
    ],
    [
      'command-cron create "0 3 * * *" --tz Europe/Berlin --name Backup --command ./backup.sh --timeout-seconds 7200 --no-deliver',
      "Daily at 03:00 local time, at most two hours",
    ],
    [
      "command-cron create daily --name Backup --command ./backup.sh --no-deliver --test",
      "A rehearsal: what the command does, and what would be sent",
    ],
    [
      "command-cron create --after Backup --on failure --name Alarm --command ./alarm.sh --no-deliver",
      "Whenever Backup has failed for good",
    ],
    ['command-cron create 20m --name Once --command "echo hello" --no-deliver', "Once, twenty minutes from now"],
  ],
  notes: [
    "A positional schedule is a cron expression (5 or 6 fields) or its nickname (`daily`), `every <duration>`, an ISO time or a duration from now.",
    "Durations take ms, s, m, h, d, w and combine: 1h30m; or words: 5 minutes. Limits ending in -seconds take plain numbers as well.",
  ],
  async action(context) {
    const params = await paramsOf(context, process.platform);
    const test = eitherFlag(context.options, "--test", "--dry-run");
    if (test === true) return rehearse(context, params);
    const added = await context.call<Added>("add", test === false ? { ...params, dryRun: true } : params);
    if (context.json) context.printJson(added);
    else context.print(await renderAdded(context, added));
    context.warn(added.warnings);
    return undefined;
  },
};
