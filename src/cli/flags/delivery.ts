import type { Delivery, DeliveryPatch, FailureAlert } from "../../../schema/wire/delivery.ts";
import { present } from "../../kernel/present.ts";
import { createAsked } from "./ask.ts";
import {
  atMostOne,
  choiceFlag,
  countFlag,
  durationFlag,
  eitherFlag,
  given,
  type Options,
  onOffFlag,
  textFlag,
  usage,
} from "./parse.ts";

type Target = Pick<Delivery, "channel" | "to" | "accountId" | "threadId">;

function targetOf(options: Options): Target {
  const thread = textFlag(options, "--thread-id");
  return present({
    channel: textFlag(options, "--channel")?.toLowerCase(),
    to: textFlag(options, "--to"),
    accountId: textFlag(options, "--account"),
    threadId: thread !== undefined && /^\d{1,15}$/.test(thread) ? Number(thread) : thread,
  });
}

function modeOf(options: Options): Delivery["mode"] | undefined {
  const webhook = textFlag(options, "--webhook");
  const announce = given(options, "--announce") || given(options, "--deliver");
  const none = given(options, "--no-deliver");
  atMostOne([
    ["--announce", announce],
    ["--no-deliver", none],
    ["--webhook", webhook !== undefined],
  ]);
  if (webhook !== undefined) return "webhook";
  return announce ? "announce" : none ? "none" : undefined;
}

/** A webhook or a chat. Raises USAGE for both. */
export function placeOf(options: Options): { webhook: string | undefined; target: Target } {
  const [webhook, target] = [textFlag(options, "--webhook"), targetOf(options)];
  if (webhook !== undefined && Object.keys(target).length > 0) {
    throw usage("--webhook", "no --channel, --to, --account or --thread-id beside it", "both");
  }
  return { webhook, target };
}

/** Where a new job's output goes; undefined when no flag says so. */
export function createDelivery(options: Options): Delivery | undefined {
  const mode = modeOf(options);
  const { webhook, target } = placeOf(options);
  const asked = createAsked(options);
  const named = { ...target, ...asked, ...present({ mode }) };
  if (Object.keys(named).length === 0 && !given(options, "--best-effort-deliver")) return undefined;
  return {
    mode: mode ?? "announce",
    ...target,
    ...present({ to: webhook }),
    ...(given(options, "--best-effort-deliver") ? { bestEffort: true } : {}),
    ...asked,
  };
}

const CLEARABLE = [
  ["--clear-channel", "channel"],
  ["--clear-to", "to"],
  ["--clear-account", "accountId"],
  ["--clear-thread-id", "threadId"],
] as const;

/** What the flags change about the delivery; undefined when they change nothing. */
export function editDelivery(options: Options): DeliveryPatch | undefined {
  const mode = modeOf(options);
  const { webhook, target } = placeOf(options);
  const patch: DeliveryPatch = {
    ...present({ mode, bestEffort: onOffFlag(options, "--best-effort-deliver") }),
    ...target,
  };
  if (webhook !== undefined) patch.to = webhook;
  for (const [flag, field] of CLEARABLE) {
    if (!given(options, flag)) continue;
    if (patch[field] !== undefined) throw usage(flag, "no new value for the same field", "both");
    patch[field] = null;
  }
  // The gateway's own CLI adds `announce` here: a webhook would lose its address, a silent job would start to talk.
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function alertFields(options: Options): FailureAlert {
  return present({
    after: countFlag(options, "--failure-alert-after", 1),
    cooldownMs: durationFlag(options, "--failure-alert-cooldown"),
    channel: textFlag(options, "--failure-alert-channel")?.toLowerCase(),
    to: textFlag(options, "--failure-alert-to"),
    accountId: textFlag(options, "--failure-alert-account-id"),
    mode: choiceFlag(options, "--failure-alert-mode", ["announce", "webhook"] as const),
    includeSkipped: eitherFlag(options, "--failure-alert-include-skipped", "--failure-alert-exclude-skipped"),
  });
}

/** The failure-alert setting the flags ask for; false: off; undefined: not mentioned. */
export function alertFromFlags(options: Options): FailureAlert | false | undefined {
  const fields = alertFields(options);
  const named = Object.keys(fields).length > 0;
  if (given(options, "--no-failure-alert")) {
    if (named) throw usage("--no-failure-alert", "no other --failure-alert flag beside it", "both");
    return false;
  }
  return named || given(options, "--failure-alert") ? fields : undefined;
}
