import type { Delivery, DeliveryPatch, FailureAlert } from "../../../schema/wire/delivery.ts";
import { present } from "../../kernel/present.ts";
import { atMostOne, choiceFlag, countFlag, durationFlag, given, type Options, textFlag, usage } from "./parse.ts";

interface Target {
  channel?: string;
  to?: string;
  accountId?: string;
  threadId?: string | number;
}

function targetOf(options: Options): Target {
  const thread = textFlag(options, "threadId", "--thread-id");
  return present({
    channel: textFlag(options, "channel", "--channel")?.toLowerCase(),
    to: textFlag(options, "to", "--to"),
    accountId: textFlag(options, "account", "--account"),
    threadId: thread !== undefined && /^\d{1,15}$/.test(thread) ? Number(thread) : thread,
  });
}

type Mode = Delivery["mode"];

function modeOf(options: Options): { mode?: Mode; webhook?: string } {
  const webhook = textFlag(options, "webhook", "--webhook");
  const announce = given(options, "announce") || options["deliver"] === true;
  const none = options["deliver"] === false;
  atMostOne([
    ["--announce", announce],
    ["--no-deliver", none],
    ["--webhook", webhook !== undefined],
  ]);
  if (webhook !== undefined) return { mode: "webhook", webhook };
  return announce ? { mode: "announce" } : none ? { mode: "none" } : {};
}

function refuseMixed(webhook: string | undefined, target: Target): void {
  if (webhook !== undefined && Object.keys(target).length > 0) {
    throw usage("--webhook", "no --channel, --to, --account or --thread-id beside it", "both");
  }
}

/** Where a new job's output goes; undefined when no flag says so. */
export function createDelivery(options: Options): Delivery | undefined {
  const { mode, webhook } = modeOf(options);
  const target = targetOf(options);
  refuseMixed(webhook, target);
  if (mode === undefined && Object.keys(target).length === 0 && options["bestEffortDeliver"] !== true) return undefined;
  return {
    mode: mode ?? "announce",
    ...target,
    ...present({ to: webhook }),
    ...(options["bestEffortDeliver"] === true ? { bestEffort: true } : {}),
  };
}

const CLEARABLE = [
  ["clearChannel", "--clear-channel", "channel"],
  ["clearTo", "--clear-to", "to"],
  ["clearAccount", "--clear-account", "accountId"],
  ["clearThreadId", "--clear-thread-id", "threadId"],
] as const;

/** What the flags change about the delivery; undefined when they change nothing. */
export function editDelivery(options: Options): DeliveryPatch | undefined {
  const { mode, webhook } = modeOf(options);
  const target = targetOf(options);
  refuseMixed(webhook, target);
  const patch: DeliveryPatch = { ...present({ mode }), ...target };
  if (webhook !== undefined) patch.to = webhook;
  for (const [option, flag, field] of CLEARABLE) {
    if (!given(options, option)) continue;
    if (patch[field] !== undefined) throw usage(flag, "no new value for the same field", "both");
    patch[field] = null;
  }
  // The gateway's own CLI adds `announce` here: a webhook would lose its address, a silent job would start to talk.
  if (typeof options["bestEffortDeliver"] === "boolean") patch.bestEffort = options["bestEffortDeliver"];
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function alertFields(options: Options): FailureAlert {
  const include = given(options, "failureAlertIncludeSkipped");
  const exclude = given(options, "failureAlertExcludeSkipped");
  atMostOne([
    ["--failure-alert-include-skipped", include],
    ["--failure-alert-exclude-skipped", exclude],
  ]);
  return present({
    after: countFlag(options, "failureAlertAfter", "--failure-alert-after", 1),
    cooldownMs: durationFlag(options, "failureAlertCooldown", "--failure-alert-cooldown"),
    channel: textFlag(options, "failureAlertChannel", "--failure-alert-channel")?.toLowerCase(),
    to: textFlag(options, "failureAlertTo", "--failure-alert-to"),
    accountId: textFlag(options, "failureAlertAccountId", "--failure-alert-account-id"),
    mode: choiceFlag(options, "failureAlertMode", "--failure-alert-mode", ["announce", "webhook"] as const),
    includeSkipped: include ? true : exclude ? false : undefined,
  });
}

/** The failure-alert setting the flags ask for; false: off; undefined: not mentioned. */
export function alertFromFlags(options: Options): FailureAlert | false | undefined {
  const fields = alertFields(options);
  const named = Object.keys(fields).length > 0;
  if (options["failureAlert"] === false) {
    if (named) throw usage("--no-failure-alert", "no other --failure-alert flag beside it", "both");
    return false;
  }
  return named || options["failureAlert"] === true ? fields : undefined;
}
