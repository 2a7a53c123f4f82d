import type { Command } from "commander";
import type { NodesResult } from "../../../../schema/wire/target.ts";
import type { CliIo } from "../../io.ts";
import { renderNodes, styleOf } from "../../render/index.ts";
import { addCommand } from "../command.ts";

export function addNodes(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "nodes",
    says: "The gateway's paired nodes: connected, last seen, runs, version of this plugin there, clock difference",
    examples: [["command-cron nodes", "Which of them a job may name with --node"]],
    async action(context) {
      const answer = await context.call<NodesResult>("nodes", {});
      context.show(answer, () => renderNodes(answer, io.nowMs(), styleOf(io)));
    },
  });
}
