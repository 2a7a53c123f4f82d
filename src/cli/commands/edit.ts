import type { FieldChange } from "../../../schema/wire/calls/shared.ts";
import type { DeliveryPatch } from "../../../schema/wire/delivery.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { Instant, Warning } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import {
  addJobFlags,
  alertFromFlags,
  applyPolicyFlags,
  editAsked,
  editDelivery,
  editSchedule,
  eitherFlag,
  given,
  listFlag,
  payloadFromFlags,
  rawFlag,
  readPolicyFlags,
  textFlag,
  usage,
} from "../flags/index.ts";
import {
  changeLine,
  cleanLine,
  jobStatus,
  limitsText,
  relative,
  renderFacts,
  renderInstants,
  scheduleText,
} from "../render/index.ts";
import { type CliCommand, type Context, LONG_TIMEOUT_MS } from "./command.ts";
import { keepFlag } from "./create.ts";
import { outcomeOf } from "./failure.ts";
import { actOnMany, addManyFlags, JOB_OR_FILTER, meansMany } from "./many.ts";

/** A value, null to clear it, or undefined to leave it. */
function settable({ options }: Context, flag: string): string | null | undefined {
  const value = textFlag(options, flag);
  const clear = flag.replace("--", "--clear-");
  if (!given(options, clear)) return value;
  if (value !== undefined) throw usage(`${flag}, ${clear}`, "at most one of them", "both");
  return null;
}

/** Reads the stored job at most once, and then guards the change with its revision. */
function reader(context: Context, id: string) {
  let job: Promise<Job> | undefined;
  return {
    read: () => (job ??= context.call<Job>("get", { id })),
    revision: async () => (job === undefined ? undefined : (await job).configRevision),
  };
}

/** Without a flag that concerns policies there is no need to read the job. */
async function policyPatch(context: Context, read: () => Promise<Job>): Promise<unknown> {
  const cleared = given(context.options, "--clear-policy");
  const flags = readPolicyFlags(context.options, process.platform);
  if (flags === undefined) return cleared ? null : undefined;
  const { policy: stored = {}, fromDefaults = [] } = await read();
  const own = Object.keys(stored).filter((name) => !fromDefaults.includes(`policy.${name}`));
  if (!cleared) {
    // What the config says and no flag is about goes on coming from there.
    const named = new Set([...own, ...Object.keys(flags.entries), ...flags.groups.map(([name]) => name)]);
    return Object.fromEntries(Object.entries(applyPolicyFlags(flags, stored)).filter(([name]) => named.has(name)));
  }
  const gone = own.map((name) => [name, null]);
  return { ...Object.fromEntries(gone), ...applyPolicyFlags(flags, undefined) };
}

async function deliveryPatch({ options }: Context, read: () => Promise<Job>): Promise<DeliveryPatch | undefined> {
  const asked = await editAsked(options, async () => (await read()).delivery);
  const named = editDelivery(options);
  return asked === undefined ? named : { ...named, ...asked };
}

async function alertPatch(context: Context, read: () => Promise<Job>): Promise<unknown> {
  const wanted = alertFromFlags(context.options);
  const cleared = given(context.options, "--clear-failure-alert");
  if (cleared && wanted !== undefined) throw usage("--clear-failure-alert", "no other --failure-alert flag", "both");
  if (cleared) return null;
  if (wanted === undefined || wanted === false || Object.keys(wanted).length === 0) return wanted;
  const stored = (await read()).failureAlert;
  return stored ? { ...stored, ...wanted } : wanted;
}

/** The tags after the edit; null where none is left. */
async function tagsPatch({ options }: Context, read: () => Promise<Job>): Promise<string[] | null | undefined> {
  const added = listFlag(options, "--add-tag") ?? [];
  const removed = listFlag(options, "--remove-tag") ?? [];
  const cleared = given(options, "--clear-tags");
  if (added.length === 0 && removed.length === 0 && !cleared) return undefined;
  const stored = cleared ? [] : ((await read()).tags ?? []);
  const tags = [...stored, ...added].filter((tag) => !removed.includes(tag));
  return tags.length === 0 ? null : tags;
}

async function patchOf(context: Context, read: () => Promise<Job>): Promise<Record<string, unknown>> {
  const { options, io } = context;
  const payload = payloadFromFlags(options, process.platform);
  const patch = present({
    name: textFlag(options, "--name"),
    displayName: settable(context, "--display-name"),
    description: rawFlag(options, "--description")?.trim(),
    enabled: eitherFlag(options, "--enable", "--disable"),
    deleteAfterRun: keepFlag(context),
    agentId: settable(context, "--agent"),
    sessionKey: settable(context, "--session-key"),
    sessionTarget: textFlag(options, "--session"),
    wakeMode: textFlag(options, "--wake"),
    schedule: await editSchedule(options, io.nowMs(), async () => (await read()).schedule),
    payload: Object.keys(payload).length === 0 ? undefined : { kind: "command", ...payload },
    delivery: await deliveryPatch(context, read),
    failureAlert: await alertPatch(context, read),
    policy: await policyPatch(context, read),
    tags: await tagsPatch(context, read),
  });
  if (Object.keys(patch).length === 0) throw usage("edit", "at least one flag that changes something", "none");
  return patch;
}

export function renderChanged(context: Context, job: Job, verb: string): string {
  const status = jobStatus(job);
  const isFollower = job.schedule.kind === "after";
  const due = isFollower ? scheduleText(job) : relative(job.state.nextRunAtMs, context.io.nowMs());
  const next = job.enabled ? due : "-";
  return renderFacts(
    [
      [verb, job.displayName ?? job.name, "bold"],
      ["id", job.id],
      ["schedule", scheduleText(job)],
      ["limits", limitsText(job)],
      ["status", status],
      ["next", next],
    ],
    context.style,
  );
}

type Changed = Job & { warnings?: Warning[]; next?: Instant[]; changes?: FieldChange[] };

function renderPreview(context: Context, { changes = [], next = [], ...job }: Changed): string {
  const head = `${changes.length === 0 ? "Nothing would change in" : "Would change"} ${cleanLine(job.name)}`;
  const lines = [`${head}:`, ...changes.map(changeLine)];
  const nowMs = context.io.nowMs();
  return [...lines, next.length === 0 ? "next: none" : `next:\n${renderInstants(next, nowMs, context.style)}`].join(
    "\n",
  );
}

/** These flags say what becomes of the jobs, not which ones are meant. */
const OWN_FLAGS = ["command", "to", "dryRun"];

/** Each job's changes are its own plan; a job that somebody changes meanwhile is refused. */
async function editMany(context: Context): Promise<number> {
  const [name] = ["name", "displayName"].filter((option) => context.options[option] !== undefined);
  if (name !== undefined) throw usage(name, "one job", "a filter");
  const stop = given(context.options, "--stop") ? { stop: true } : {};
  const params = async (job: Job) => ({
    id: job.id,
    patch: await patchOf(context, async () => job),
    expectedConfigRevision: job.configRevision,
  });
  return actOnMany(
    context,
    {
      verb: "edit",
      done: "Changed",
      async plan(job) {
        const asked = { ...(await params(job)), dryRun: true };
        try {
          const { changes = [] } = await context.call<Changed>("update", asked);
          const detail = changes.map((change) => changeLine(change).trim()).join("; ");
          return changes.length === 0 ? { action: "unchanged" } : { action: "do", detail };
        } catch (error) {
          return { action: "refused", detail: outcomeOf(error).message };
        }
      },
      async act(job) {
        await context.call("update", { ...(await params(job)), ...stop });
        return undefined;
      },
    },
    OWN_FLAGS,
  );
}

export const edit: CliCommand = {
  name: "edit",
  timeoutMs: LONG_TIMEOUT_MS,
  arguments: [JOB_OR_FILTER],
  says: "Change a job; only what is named changes",
  flags(command) {
    addJobFlags(command, "edit");
    addManyFlags(command, OWN_FLAGS);
  },
  examples: [
    ["command-cron edit 3f2a81c0 --timeout-seconds 120", "A new time limit; command and schedule stay"],
    ['command-cron edit Backup --cron "0 4 * * *"', "A new expression; the time zone stays"],
    ["command-cron edit Backup --retry-max 3 --retry-delay 1m", "Up to three attempts"],
    ['command-cron edit Backup --clear-thread-id --to "#ops"', "Another destination"],
    ["command-cron edit --tag nightly --timeout-seconds 1h --dry-run", "What would change in every job with a tag"],
    ["command-cron edit Backup --every 6h --dry-run", "What would change, and the next instants"],
  ],
  async action(context) {
    if (meansMany(context, OWN_FLAGS)) return editMany(context);
    const id = context.args[0] ?? "";
    const { read, revision } = reader(context, id);
    const patch = await patchOf(context, read);
    const expectedConfigRevision = await revision();
    const dryRun = given(context.options, "--dry-run") || undefined;
    const stop = given(context.options, "--stop") || undefined;
    const job = await context.call<Changed>("update", present({ id, patch, expectedConfigRevision, stop, dryRun }));
    context.show(job, () => (dryRun ? renderPreview(context, job) : renderChanged(context, job, "Changed")));
    context.warn(job.warnings);
    return undefined;
  },
};
