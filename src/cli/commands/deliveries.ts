import { DELIVERY_STATES } from "../../../schema/limits.ts";
import type { DeliveriesResult } from "../../../schema/wire/calls/told.ts";
import type { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { StatusReport } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import { choiceFlag, given, pageParams, textFlag, usage } from "../flags/index.ts";
import { cleanLine, renderDeliveries, renderDelivery, renderLanes } from "../render/index.ts";
import type { CliCommand, CliGroup, Context } from "./command.ts";

const DELIVERY_ARGUMENT = ["<deliveryId>", "Delivery id or the start of one"] as const;
const LANE_ARGUMENT = ["<lane>", "Destination, as `lanes list` names it"] as const;

function printOne(context: Context, entry: DeliveryEntry): void {
  context.show(entry, () => renderDelivery(entry, context.io.nowMs(), context.style));
}

const reads: readonly CliCommand[] = [
  {
    name: "list",
    says: "List deliveries, newest first",
    flags: (command) =>
      command
        .option("--job <id>", "Only of this job")
        .option("--run-id <runId>", "Only of this run")
        .option("--state <state>", `${DELIVERY_STATES.join(", ")}, or open for all that are not settled`)
        .option("--to <lane>", "Only to this destination, as `lanes list` names it"),
    paged: true,
    examples: [
      ["command-cron deliveries list --state open", "What still waits, and why"],
      ["command-cron deliveries list --state dead", "What was given up"],
    ],
    async action(context) {
      const { options } = context;
      const page = await context.call<DeliveriesResult>(
        "deliveries",
        present({
          id: textFlag(options, "--job"),
          runId: textFlag(options, "--run-id"),
          state: choiceFlag(options, "--state", [...DELIVERY_STATES, "open"]),
          destination: textFlag(options, "--to"),
          ...pageParams(options),
        }),
      );
      context.page(page, page.deliveries, "deliveries", "No deliveries.", renderDeliveries);
    },
  },
  {
    name: "show",
    arguments: [DELIVERY_ARGUMENT],
    says: "Show a delivery with its text and receipts",
    examples: [["command-cron deliveries show 91b0aa12", "State, attempts, reason, text"]],
    async action(context) {
      const page = await context.call<DeliveriesResult>("deliveries", { deliveryId: context.args[0] });
      const [entry] = page.deliveries;
      if (entry !== undefined) printOne(context, entry);
    },
  },
];

const changes: readonly CliCommand[] = [
  {
    name: "retry",
    arguments: [["[deliveryId]", "Delivery id or the start of one"]],
    says: "Try pending and dead deliveries now, in lane order",
    flags: (command) => command.option("--to <lane>", "Everything for this destination").option("--all", "Everything"),
    examples: [
      ["command-cron deliveries retry 91b0aa12", "One of them"],
      ["command-cron deliveries retry --all", "After the receiver is back"],
    ],
    async action(context) {
      const [deliveryId] = context.args;
      const destination = textFlag(context.options, "--to");
      const all = given(context.options, "--all") ? true : undefined;
      const params = present({ deliveryId, destination, all });
      if (Object.keys(params).length !== 1) throw usage("retry", "a delivery id, `--to <lane>` or `--all`");
      const result = await context.call<{ retried: number }>("deliveries.retry", params);
      context.show(result, () => `Trying ${result.retried} ${result.retried === 1 ? "delivery" : "deliveries"} now.`);
    },
  },
  {
    name: "drop",
    arguments: [DELIVERY_ARGUMENT],
    says: "Give a delivery up for good",
    examples: [["command-cron deliveries drop 91b0aa12", "Lets the ones behind it go"]],
    async action(context) {
      printOne(context, await context.call<DeliveryEntry>("deliveries.drop", { deliveryId: context.args[0] }));
    },
  },
  {
    name: "settle",
    arguments: [DELIVERY_ARGUMENT, ["<outcome>", "sent: it arrived; resend: it did not, send it again"]],
    says: "Decide about a delivery whose outcome is unknown",
    examples: [["command-cron deliveries settle 91b0aa12 sent", "After a look into the channel"]],
    async action(context) {
      const [deliveryId, outcome] = context.args;
      if (outcome !== "sent" && outcome !== "resend")
        throw usage("outcome", "`sent` or `resend`", JSON.stringify(outcome));
      printOne(context, await context.call<DeliveryEntry>("deliveries.settle", { deliveryId, as: outcome }));
    },
  },
];

function laneSwitch(name: "pause" | "resume", group: "deliveries" | "lanes"): CliCommand {
  const pause = name === "pause";
  return {
    name,
    hidden: group !== "lanes",
    arguments: [LANE_ARGUMENT],
    says: pause ? "Send nothing to a destination for now" : "Send to a destination again",
    examples: [[`command-cron ${group} ${name} announce/irc/#ops`, pause ? "Its deliveries wait" : "Oldest first"]],
    async action(context) {
      const result = await context.call<{ destination: string; unknown?: true }>(`lanes.${name}`, {
        destination: context.args[0],
      });
      context.show(result, () => `${pause ? "Paused" : "Resumed"} ${cleanLine(result.destination)}.`);
      if (result.unknown) context.note("note: no job sends there and nothing waits there; see `lanes list --all`");
    },
  };
}

export const deliveries: CliGroup = {
  name: "deliveries",
  says: "What is to be sent, was sent, or could not be",
  commands: [...reads, ...changes, laneSwitch("pause", "deliveries"), laneSwitch("resume", "deliveries")],
};

export const lanes: CliGroup = {
  name: "lanes",
  says: "Destinations: each has one ordered lane",
  commands: [
    {
      name: "list",
      says: "List destinations with what waits for them",
      flags: (command) => command.option("--all", "Also those for which nothing waits: of every job and setting"),
      examples: [
        ["command-cron lanes list", "Which are paused or disabled, and why"],
        ["command-cron lanes list --all", "What each destination is called, before it is needed"],
      ],
      async action(context) {
        const all = given(context.options, "--all");
        const result = await context.call<Pick<StatusReport, "lanes">>("lanes", all ? { all } : {});
        const none = all ? "No job sends anywhere." : "Nothing is waiting, paused or disabled.";
        context.list(result, result.lanes, none, renderLanes);
      },
    },
    laneSwitch("pause", "lanes"),
    laneSwitch("resume", "lanes"),
  ],
};
