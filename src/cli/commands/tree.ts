import type { TreeResult } from "../../../schema/wire/calls/jobs.ts";
import { present } from "../../kernel/present.ts";
import { renderTree } from "../render/index.ts";
import type { CliCommand } from "./command.ts";

export const tree: CliCommand = {
  name: "tree",
  arguments: [["[id]", "Any job of the chain: id, the start of one, or an exact name; without one all chains"]],
  says: "Draw which jobs follow which, with their last results",
  examples: [
    ["command-cron tree", "All chains"],
    ["command-cron tree Backup", "The whole chain that Backup belongs to"],
  ],
  async action(context) {
    const tree = await context.call<TreeResult>("tree", present({ id: context.args[0] }));
    context.list(tree, tree.jobs, "No job follows another.", renderTree);
    if (tree.more) context.note(`Only the first ${tree.jobs.length} jobs are drawn; name a job to see its chain.`);
  },
};
