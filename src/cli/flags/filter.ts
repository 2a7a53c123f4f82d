import type { Command } from "commander";
import { present } from "../../kernel/present.ts";
import { collect, countFlag, given, listFlag, type Options, textFlag } from "./parse.ts";

/** The flags that say which jobs are meant, beside a job's name: those that fit all of them. `without`: those that a command uses otherwise. */
export function addFilterFlags(command: Command, without: readonly string[] = []): Command {
  command
    .option("--tag <tag>", "Jobs with this tag (repeatable: with all of them)", collect)
    .option("--failing", "Jobs that failed since they last succeeded")
    .option("--slow", "Jobs that take longer of late than they used to")
    .option("--flaky", "Jobs that succeeded only after a retry of late")
    .option("--never-ran", "Jobs without a run that ended")
    .option("--owner <name>", "Jobs of this agent, or of files with this label");
  if (!without.includes("command"))
    command.option("--command <text>", "Jobs with this text in an argument of the command");
  if (!without.includes("to")) command.option("--to <target>", "Jobs whose results go to this target");
  return command;
}

/** What the flags say, as the methods take it. */
export const filterParams = (options: Options): Record<string, unknown> =>
  present({
    tags: listFlag(options, "--tag"),
    failing: given(options, "--failing") || undefined,
    slow: given(options, "--slow") || undefined,
    flaky: given(options, "--flaky") || undefined,
    neverRan: given(options, "--never-ran") || undefined,
    owner: textFlag(options, "--owner"),
    command: textFlag(options, "--command"),
    to: textFlag(options, "--to"),
  });

/** The flags that say which page of a list. */
export const addPageFlags = (command: Command): Command =>
  command
    .option("--limit <n>", "Rows, 1 to 200 (default 50)")
    .option("--offset <n>", "Rows to leave out first")
    .option("--cursor <cursor>", "Go on behind a page, as its note says; nothing is repeated or left out");

/** What they say, as the methods take it. */
export const pageParams = (options: Options): { limit?: number; offset?: number; cursor?: string } =>
  present({
    limit: countFlag(options, "--limit", 1),
    offset: countFlag(options, "--offset", 0),
    cursor: textFlag(options, "--cursor"),
  });
