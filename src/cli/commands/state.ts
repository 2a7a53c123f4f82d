import type { StateHistoryResult, StateResult } from "../../../schema/wire/calls/states.ts";
import { formatBytes } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import { countFlag, textFlag, usage } from "../flags/index.ts";
import { cleanBlock, relative, shortId, tableOf, utc } from "../render/index.ts";
import type { CliGroup, Context } from "./command.ts";
import { JOB_ARGUMENT } from "./jobs.ts";

/** The JSON of the argument, or of a file. */
async function contentOf({ args, io, options }: Context): Promise<string> {
  const file = textFlag(options, "--file");
  if ((args[1] === undefined) === (file === undefined)) throw usage("json, --file", "exactly one of them");
  return file === undefined ? (args[1] ?? "") : io.readFile(file);
}

const renderVersions = tableOf<StateHistoryResult["versions"][number]>((nowMs) => [
  { title: "Version", cell: ({ version }) => String(version) },
  { title: "Written", cell: ({ atMs }) => relative(atMs, nowMs) },
  { title: "At", drop: 1, cell: ({ atMs }) => utc(atMs) },
  { title: "Size", cell: ({ bytes }) => formatBytes(bytes) },
  { title: "By", cell: ({ runId, setBy }) => (runId === undefined ? setBy : `run ${shortId(runId)}`) },
]);

export const state: CliGroup = {
  name: "state",
  says: "What a job keeps between its runs",
  commands: [
    {
      name: "show",
      arguments: [JOB_ARGUMENT],
      says: "Print the JSON a job keeps",
      flags: (command) => command.option("--version-number <n>", "An older version, as `state history` numbers them"),
      examples: [["command-cron state show Feed | jq .seen", "What it saw last"]],
      async action(context) {
        const version = countFlag(context.options, "--version-number", 1);
        const shown = await context.call<StateResult>("state.get", present({ id: context.args[0], version }));
        context.show(shown, () => cleanBlock(shown.content).trimEnd());
      },
    },
    {
      name: "set",
      arguments: [JOB_ARGUMENT, ["[json]", "What the next run finds"]],
      says: "Replace what a job keeps; refused while it runs",
      flags: (command) => command.option("--file <path>", "Read the JSON from a file, or `-` for standard input"),
      examples: [["command-cron state set Feed '{\"seen\": 0}'", "From the beginning again"]],
      async action(context) {
        const content = await contentOf(context);
        const set = await context.call<{ version: number }>("state.set", { id: context.args[0], content });
        context.show(set, () => `Set as version ${set.version}.`);
      },
    },
    {
      name: "clear",
      arguments: [JOB_ARGUMENT],
      says: "Forget what a job keeps, older versions too; refused while it runs",
      examples: [["command-cron state clear Feed", "The next run finds {}"]],
      async action(context) {
        const cleared = await context.call("state.set", { id: context.args[0], content: null });
        context.show(cleared, () => "Forgotten.");
      },
    },
    {
      name: "history",
      arguments: [JOB_ARGUMENT],
      says: "List the versions that are kept, newest first",
      examples: [["command-cron state history Feed", "Which run wrote what when"]],
      async action(context) {
        const { versions, ...rest } = await context.call<StateHistoryResult>("state.history", { id: context.args[0] });
        context.list({ ...rest, versions }, versions, "Nothing is kept.", renderVersions);
      },
    },
  ],
};
