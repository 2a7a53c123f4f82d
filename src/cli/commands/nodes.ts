import type { NodesResult } from "../../../schema/wire/target.ts";
import { choiceFlag, countFlag, textFlag } from "../flags/index.ts";
import { cleanLine, nodesLine, nodeWord, renderNodes } from "../render/index.ts";
import type { CliCommand } from "./command.ts";

const STATES = ["connected", "offline", "unserving", "busy"] as const;
const LIMIT = 50;

type Entry = NodesResult["nodes"][number];

/** Those with a problem first, then those with runs; names as people count. */
const inOrder = (one: Entry, other: Entry): number =>
  Number(nodeWord(one) === "connected") - Number(nodeWord(other) === "connected") ||
  other.running - one.running ||
  one.name.localeCompare(other.name, "en", { numeric: true });

/** Why nodes do not serve, with those that it holds for. */
function notServing(nodes: readonly Entry[]): [why: string, names: string][] {
  const unserving = Object.groupBy(nodes, ({ notServing: why = "" }) => why);
  return Object.entries(unserving).flatMap(([why, those = []]) =>
    why === "" ? [] : [[why, those.map(({ id, name }) => name || id).join(", ")]],
  );
}

export const nodes: CliCommand = {
  name: "nodes",
  arguments: [["[node]", "Part of a name or id"]],
  says: "The gateway's paired nodes: connected, last seen, runs, version of this plugin there, clock difference",
  flags: (command) =>
    command
      .option("--tag <tag>", "Only those with this tag (setting `nodes`)")
      .option("--state <state>", `Only these: ${STATES.join(", ")}`)
      .option("--limit <n>", `Rows (default ${LIMIT}), those that are not connected first; with --json all`),
  examples: [
    ["command-cron nodes", "Which of them a job may name with --node"],
    ["command-cron nodes --tag db --state offline", "Those of a tag that cannot be reached"],
  ],
  async action(context) {
    const { options, args } = context;
    const [text, tag] = [args[0]?.toLowerCase(), textFlag(options, "--tag")];
    const state = choiceFlag(options, "--state", STATES);
    const limit = countFlag(options, "--limit", 1);
    const answer = await context.call<NodesResult>("nodes", {});
    const nodes = answer.nodes
      .filter(({ id, name }) => text === undefined || [id, name].some((word) => word.toLowerCase().includes(text)))
      .filter(({ tags }) => tag === undefined || tags.includes(tag))
      .filter((node) => state === undefined || (state === "busy" ? node.running > 0 : nodeWord(node) === state))
      .sort(inOrder);
    if (context.json) {
      context.printJson({ ...answer, nodes: limit === undefined ? nodes : nodes.slice(0, limit) });
      return;
    }
    const shown = nodes.slice(0, limit ?? LIMIT);
    context.print(
      answer.nodes.length > 0 && nodes.length === 0
        ? "No such node."
        : renderNodes({ ...answer, nodes: shown }, context.io.nowMs(), context.style),
    );
    for (const [why, names] of notServing(shown)) context.note(`${cleanLine(names)} does not serve: ${cleanLine(why)}`);
    if (answer.nodes.length > 1) context.note(nodesLine(answer.nodes));
    if (shown.length < nodes.length) context.note(`${shown.length} of ${nodes.length}; more with --limit`);
  },
};
