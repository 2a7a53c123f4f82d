import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { systemIo } from "../src/cli/io.ts";
import { buildProgram } from "../src/cli/program.ts";
import { METHODS } from "../src/rpc/index.ts";
import { FATES, type KeyTable } from "../src/transfer/keys.ts";
import { KEY_TABLES } from "../src/transfer/readers/index.ts";

/** Fills the generated parts of docs/rpc.md, docs/cli.md and docs/migration.md from the methods, the commands and the importers: `npm run reference`. */

interface Schema {
  type?: string;
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const row = (...cells: string[]): string => `| ${cells.map(cell).join(" | ")} |`;

/** A shape in a few words; objects are named by their keys, for their own tables would not fit a cell. */
function typeText(schema: Schema): string {
  if ("const" in schema) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(", ");
  if (schema.type === "array") return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type !== "object") return schema.type ?? "any JSON";
  const keys = Object.keys(schema.properties ?? {});
  return keys.length === 0 ? "object" : `{${keys.join(", ")}}`;
}

function limits({ minimum, maximum, maxLength, maxItems }: Schema): string {
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${minimum} to ${maximum}`
      : minimum !== undefined
        ? `at least ${minimum}`
        : "";
  const length = maxLength === undefined ? "" : `at most ${maxLength} characters`;
  const items = maxItems === undefined ? "" : `at most ${maxItems}`;
  return [range, length, items].filter((text) => text !== "").join("; ");
}

function methodSection(method: (typeof METHODS)[number]): string {
  const params = method.params as Schema;
  const required = new Set(params.required);
  const rows = Object.entries(params.properties ?? {}).map(([name, schema]) => {
    const notes = [required.has(name) ? "required" : "", limits(schema), schema.description ?? ""].filter(
      (text) => text !== "",
    );
    return row(`\`${name}\``, typeText(schema), notes.join("; "));
  });
  const table = rows.length === 0 ? "No parameters." : ["| parameter | type | |", "|---|---|---|", ...rows].join("\n");
  const result = typeText(method.result as Schema).replaceAll("}, {", "}, or {");
  return `### \`${method.name}\`\n\nNeeds \`${method.scope}\`. Answers: ${method.says}\n\n${table}\n\nResult: \`${result}\``;
}

function methodsPart(): string {
  const index = METHODS.map((method) => row(`\`${method.name}\``, `\`${method.scope}\``, method.says));
  return [["| method | scope | answers |", "|---|---|---|", ...index].join("\n"), ...METHODS.map(methodSection)].join(
    "\n\n",
  );
}

/** Flags that every command has; documented once. */
export const COMMON_FLAGS = ["--json", "--url", "--port", "--token", "--password", "--timeout"];

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

/** Every command that does something, in the order of `--help`. */
export function allCommands(
  command: Command = buildProgram(new Command("command-cron"), { ...systemIo(async () => undefined), argv: [] }),
): Command[] {
  if (command.commands.length === 0) return [command];
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== "help")
    .flatMap((child) => allCommands(child));
  return command.parent !== null && command.options.length > 0 ? [command, ...below] : below;
}

const examplesOf = (command: Command): string => {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.slice(text.indexOf("Examples:\n") + "Examples:\n".length).trimEnd();
};

const rowsOf = (command: Command): string[] =>
  command.options
    .filter((option) => !option.hidden && !COMMON_FLAGS.includes(option.long ?? ""))
    .map((option) => row(`\`${option.flags}\``, option.description));

/** Flags that describe a job, which `create` and `edit` have in common; documented once. */
function jobFlags(commands: readonly Command[]): string[] {
  const [create = [], edit = []] = ["create", "edit"].map((name) =>
    commands.filter((command) => command.name() === name).flatMap(rowsOf),
  );
  return create.filter((flag) => edit.includes(flag));
}

const JOB_FLAGS_TITLE = "Flags of a job";

function commandSection(command: Command, shared: readonly string[]): string {
  const name = pathOf(command).replace("command-cron ", "");
  const aliases = command.aliases().length === 0 ? "" : ` Also: \`${command.aliases().join("`, `")}\`.`;
  const args = command.registeredArguments.map((argument) => {
    const shown = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
    return row(`\`${shown}\``, argument.description);
  });
  const all = rowsOf(command);
  const takesJobFlags = shared.every((flag) => all.includes(flag));
  const flags = takesJobFlags ? all.filter((flag) => !shared.includes(flag)) : all;
  const link = `and the [${JOB_FLAGS_TITLE.toLowerCase()}](#${JOB_FLAGS_TITLE.toLowerCase().replaceAll(" ", "-")})`;
  if (takesJobFlags) flags.push(row("…", link));
  const table = args.length + flags.length === 0 ? [] : [["| | |", "|---|---|", ...args, ...flags].join("\n")];
  const [shown = "", ...said] = examplesOf(command).split("\n\n");
  return [
    `### \`${name}\``,
    `${command.description()}.${aliases}`,
    ...table,
    ["```console", shown.replace(/^ {2}/gm, ""), "```"].join("\n"),
    ...said.map((note) => note.replaceAll("\n", " ")),
  ].join("\n\n");
}

function commandsPart(): string {
  const commands = allCommands();
  const shared = jobFlags(commands);
  const table = ["| | |", "|---|---|", ...shared].join("\n");
  const sections = commands.map((command) => commandSection(command, shared));
  const common = `### ${JOB_FLAGS_TITLE}\n\n\`create\` and \`edit\` take these beside their own.\n\n${table}`;
  return [...sections, common].join("\n\n");
}

const TITLES: Record<string, string> = {
  crontab: "Settings of a crontab",
  systemd: "Keys of timers and services",
  "ops-jobs": "Keys of `ops-jobs.json`",
  "openclaw-scheduler": "Fields of an openclaw-scheduler job",
};

/** `Service.User` as `User=` of `[Service]`; a star for all that are named nowhere else. */
function keysCell(table: KeyTable, keys: string): string {
  const names = keys.trim().split(/\s+/);
  if (names.length === 1 && names[0] === "*") return "any other";
  const [first = ""] = names;
  const section = table.format === "systemd" ? `[${first.split(".")[0]}] ` : "";
  return `${section}${names.map((name) => `\`${table.shown(name)}\``).join(", ")}`;
}

function keysSection(table: KeyTable): string {
  const open = table.groups.some(({ keys }) => keys.trim() === "*");
  const rows = table.groups.map(({ keys, fate, here }) => row(keysCell(table, keys), fate, here));
  const rest = open ? [] : [row("any other", "decisive", "unknown here")];
  return [
    `### ${TITLES[table.format] ?? table.format}`,
    ["| key | | here, or what it decided there |", "|---|---|---|", ...rows, ...rest].join("\n"),
  ].join("\n\n");
}

const keysPart = (): string =>
  [
    Object.entries(FATES)
      .map(([fate, meaning]) => `* **${fate}**: ${meaning}.`)
      .join("\n"),
    ...KEY_TABLES.map(keysSection),
  ].join("\n\n");

const BEGIN = "<!-- generated: npm run reference -->";
const END = "<!-- end of the generated part -->";

/** The page with its generated part replaced. */
export function refreshed(page: string, part: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error("the page has no place for its generated part");
  return `${page.slice(0, from + BEGIN.length)}\n\n${part}\n\n${page.slice(to)}`;
}

export const PAGES = [
  { file: resolve(import.meta.dirname, "../docs/rpc.md"), part: methodsPart },
  { file: resolve(import.meta.dirname, "../docs/cli.md"), part: commandsPart },
  { file: resolve(import.meta.dirname, "../docs/migration.md"), part: keysPart },
];

if (import.meta.main) {
  for (const { file, part } of PAGES) writeFileSync(file, refreshed(readFileSync(file, "utf8"), part()));
}
