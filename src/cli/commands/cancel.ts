import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addCommand, EXIT_FAILED, EXIT_OK, LONG_TIMEOUT_MS } from "./command.ts";

interface Canceled {
  canceled: { runId: string; left: number }[];
}

export function addCancel(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "cancel",
    timeoutMs: LONG_TIMEOUT_MS,
    arguments: [["<id>", "Run id, or a job for all its active runs"]],
    says: "End a run now, with every process it started",
    examples: [
      ["command-cron cancel 7c1e54d0", "Answers when the processes are gone"],
      ["command-cron cancel Backup", "Whatever the job has running or waiting"],
    ],
    async action(context) {
      const result = await context.call<Canceled>("cancel", { ref: context.args[0] });
      const left = result.canceled.reduce((sum, run) => sum + run.left, 0);
      if (context.json) context.printJson(result);
      else if (result.canceled.length === 0) context.print("Nothing was running or waiting.");
      else {
        for (const run of result.canceled) {
          context.print(
            `Ended run ${run.runId}: ${run.left === 0 ? "no process left" : `${run.left} processes left`}.`,
          );
        }
      }
      return left === 0 ? EXIT_OK : EXIT_FAILED;
    },
  });
}
