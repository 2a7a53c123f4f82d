import type { Command } from "commander";
import type { Paged, Warning } from "../../engine/api.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { addPageFlags, type Options, parseCount, rawFlag, usage } from "../flags/index.ts";
import type { Connection } from "../gateway/index.ts";
import type { CliIo } from "../io.ts";
import { cleanLine, readyFor, type Style, styleOf } from "../render/index.ts";
import { EXIT_OK, fitted, outcomeOf, reportFailure, safeJson } from "./failure.ts";

/** What a table is made of. */
type Shown<T> = [rows: readonly T[], nowMs: number, style: Style];

/** What an action works with. */
export interface Context {
  io: CliIo;
  options: Options;
  args: (string | undefined)[];
  json: boolean;
  style: Style;
  /** Which gateway is asked, and where this machine's gateway keeps its state. */
  target(): ReturnType<CliIo["target"]>;
  /** Asks the gateway. While it does not answer, reads are answered from the ledger, and a remark says so. */
  call<T>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** The same for what goes on for long: rides out a restart of the gateway, until `untilMs` or for some minutes. */
  callThrough<T>(method: string, params: Record<string, unknown>, untilMs?: number): Promise<T>;
  /** One line, or several, on stdout. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** The answer as JSON where that is wanted, else as text. */
  show(answer: unknown, text: () => string): void;
  /** The answer as JSON, else its rows as text; `none` where there are none. */
  list<T>(answer: unknown, rows: readonly T[], none: string, text: (...shown: Shown<T>) => string): void;
  /** The same for a page of a list; a remark says what of all its `noun` is shown and how to see more. */
  page<T>(answer: Paged, rows: readonly T[], noun: string, none: string, text: (...shown: Shown<T>) => string): void;
  /** A remark beside the result, on stderr; not in JSON mode. */
  note(text: string): void;
  /** What the engine warns of, each a remark. */
  warn(warnings: readonly Warning[] | undefined): void;
}

/** Answers the exit code; nothing: 0. */
type Action = (context: Context, command: Command) => Promise<number | undefined> | Promise<void> | number | undefined;

/** A command, with the flags every command has: `--json` and which gateway to ask. */
export interface CliCommand {
  name: string;
  /** Works, and is not shown: an older name. */
  hidden?: boolean;
  aliases?: readonly string[];
  arguments?: readonly (readonly [flags: string, text: string])[];
  says: string;
  /** Each with what it does; printed below the options. */
  examples: readonly (readonly [command: string, effect: string])[];
  /** Lists in pages: has `--limit`, `--offset` and `--cursor`. */
  paged?: true;
  /** Further help text: units, rules. */
  notes?: readonly string[];
  /** For what may take longer than an answer usually does. */
  timeoutMs?: number;
  /** A flag with which it does. */
  longWith?: string;
  flags?(command: Command): void;
  action: Action;
  /** Commands below it. */
  commands?: readonly CliCommand[];
}

/** A command that only has commands of its own. */
export type CliGroup = Pick<CliCommand, "name" | "says"> & Required<Pick<CliCommand, "commands">>;

const DEFAULT_TIMEOUT_MS = 30_000;
/** For commands that wait until processes have ended or many jobs are written. */
export const LONG_TIMEOUT_MS = 600_000;

function connectionOf(options: Options, standardMs: number): Connection {
  const text = (name: string): string | undefined => rawFlag(options, name) || undefined;
  const timeout = text("timeout");
  return present({
    timeoutMs: timeout === undefined ? standardMs : parseCount(timeout, "--timeout", 1),
    ...{ url: text("url"), port: text("port"), token: text("token"), password: text("password") },
  });
}

/** Codes of a gateway that is away, or not yet back with all its plugins. */
const AWAY = ["GATEWAY_UNREACHABLE", "SERVICE_STOPPED", "PLUGIN_NOT_LOADED", "UNAVAILABLE"];
/** How long a gateway may be away under a command that goes on. */
const AWAY_MS = 600_000;
const RETRY_MS = 1_000;

function callsOf(io: CliIo, connection: Connection): Pick<Context, "call" | "callThrough"> {
  let answeredMs = io.nowMs();
  let told = false;
  const tell = (text: string): void => {
    // Also in JSON mode: the answer looks the same, and is not from the gateway.
    if (!told) io.stderr.write(`${fitted(io, text)}\n`);
    told = true;
  };
  async function ask(method: string, params: unknown): Promise<unknown> {
    const name = `cron.command.${method}`;
    try {
      const answer = await io.call(name, params, connection);
      answeredMs = io.nowMs();
      told = false;
      await readyFor(answer);
      return answer;
    } catch (error) {
      if (!["GATEWAY_UNREACHABLE", "SERVICE_STOPPED"].includes(outcomeOf(error).code)) throw error;
      const found = await io.askLedger(name, params, connection);
      if (found === undefined) throw error;
      await readyFor(found.result);
      tell(`note: the gateway does not answer; this is from the ledger, ${found.path}`);
      return found.result;
    }
  }
  return {
    call: async <T>(method: string, params: Record<string, unknown> = {}) => (await ask(method, params)) as T,
    async callThrough<T>(method: string, params: Record<string, unknown>, untilMs?: number) {
      for (;;) {
        const endMs = untilMs ?? answeredMs + AWAY_MS;
        try {
          const answer = (await ask(method, params)) as T;
          if (untilMs === undefined && io.nowMs() > endMs) throw new CommandCronError("GATEWAY_UNREACHABLE");
          return answer;
        } catch (error) {
          if (!AWAY.includes(outcomeOf(error).code) || io.nowMs() + RETRY_MS > endMs) throw error;
          tell("note: the gateway does not answer; trying again");
          await io.sleep(RETRY_MS);
        }
      }
    },
  };
}

/** Says what of a page is shown and how to see more. */
export function pageNote({ note }: Pick<Context, "note">, page: Paged, shown: number, noun: string): void {
  const least = page.partial === true ? "at least " : "";
  if (page.nextCursor !== undefined)
    note(`${shown} of ${least}${page.total} ${noun}; more with --cursor ${page.nextCursor}`);
  else if (page.hasMore) note(`${shown} of ${page.total} ${noun}; more with --offset ${page.nextOffset}`);
}

function contextOf(io: CliIo, options: Options, args: (string | undefined)[], standardMs: number): Context {
  const json = options["json"] === true;
  const style = styleOf(io);
  const connection = connectionOf(options, standardMs);
  const note = (text: string): void => void (json || io.stderr.write(`${fitted(io, text)}\n`));
  const print = (text: string): void => void io.stdout.write(text.endsWith("\n") || text === "" ? text : `${text}\n`);
  const show: Context["show"] = (answer, text) => (json ? printJson(answer) : print(text()));
  const list: Context["list"] = (answer, rows, none, text) =>
    show(answer, () => (rows.length === 0 ? none : text(rows, io.nowMs(), style)));
  const printJson = (value: unknown): void => void io.stdout.write(`${safeJson(value)}\n`);
  return {
    io,
    options,
    args,
    json,
    style,
    target: () => io.target(connection),
    ...callsOf(io, connection),
    print,
    printJson,
    show,
    list,
    page(answer, rows, noun, none, text) {
      list(answer, rows, none, text);
      pageNote({ note }, answer, rows.length, noun);
    },
    note,
    warn: (warnings = []) => {
      for (const { message } of warnings) note(`warning: ${cleanLine(message)}`);
    },
  };
}

const PROGRAM = "command-cron";
/** In the gateway's own CLI, which loads the gateway first. */
export const SHORT_DOOR = `\`${PROGRAM}\` alone is the same program and answers in a fraction of the time.`;

/** How the program is called in this door: `command-cron`, or `openclaw command-cron`. */
export function callName(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.slice(0, names.indexOf(PROGRAM) + 1).join(" ");
}

function helpAfter(spec: CliCommand, program: string): string {
  const lines = spec.examples.map(([line, effect]) => [line.replaceAll(PROGRAM, program), effect] as const);
  const width = Math.max(...lines.map(([command]) => command.length));
  const examples = lines.map(([command, effect]) =>
    width > 60 ? `  ${command}\n      ${effect}` : `  ${command.padEnd(width)}  ${effect}`,
  );
  const notes = spec.notes === undefined ? [] : ["", ...spec.notes];
  if (program !== PROGRAM) notes.push("", SHORT_DOOR);
  return ["", "Examples:", ...examples, ...notes].join("\n");
}

function refuseBlank(spec: CliCommand, args: readonly (string | undefined)[]): void {
  for (const [index, [name]] of (spec.arguments ?? []).entries()) {
    if (args[index]?.trim() === "") throw usage(name, "a text that is not blank", "a blank text");
  }
}

/** Older copies of the library, as a gateway may bring one, take a `--no-x` flag to mean that `x` is on by default. */
function withoutNegatedDefaults(command: Command): void {
  for (const option of command.options) if (option.negate) command.setOptionValue(option.attributeName(), undefined);
}

/** Fifty commands have three hundred flags; only those of the command that is asked for are needed. */
const isAsked = ({ name, aliases = [] }: CliCommand, argv: readonly string[]): boolean =>
  argv.length === 0 || [name, ...aliases, "completion"].some((word) => argv.includes(word));

/** Adds a command, unless it is one of the program's fifty that nobody asks for: making each of them takes a while. */
export function addCommand(parent: Command, io: CliIo, spec: CliCommand | CliGroup): void {
  const words = [spec.name, ...("aliases" in spec ? (spec.aliases ?? []) : [])];
  if (io.only !== undefined && parent.parent === null && !words.includes(io.only)) return;
  const command = parent
    .command(spec.name, { hidden: "hidden" in spec && spec.hidden === true })
    .description(spec.says);
  for (const below of spec.commands ?? []) addCommand(command, io, below);
  if ("action" in spec) fill(command, io, spec);
}

function fill(command: Command, io: CliIo, spec: CliCommand): void {
  const standardMs = spec.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  for (const alias of spec.aliases ?? []) command.alias(alias);
  for (const [flags, text] of spec.arguments ?? []) command.argument(flags, text);
  const asked = isAsked(spec, io.argv);
  if (asked) spec.flags?.(command);
  if (asked && spec.paged === true) addPageFlags(command);
  command.option("--json", "Print JSON");
  if (!asked) return;
  withoutNegatedDefaults(command);
  command
    .option("--url <url>", "Gateway WebSocket URL (default: this machine's gateway)")
    .option("--port <port>", "Local gateway port")
    .option("--token <token>", "Gateway token")
    .option("--password <password>", "Gateway password")
    .option("--timeout <ms>", `How long to wait for one answer, milliseconds (default ${standardMs})`)
    .addHelpText("after", () => helpAfter(spec, callName(command)));
  command.action(async (...received: unknown[]) => {
    const options = command.opts<Options>();
    const args = received.slice(0, spec.arguments?.length ?? 0) as (string | undefined)[];
    try {
      refuseBlank(spec, args);
      const isLong = spec.longWith !== undefined && options[spec.longWith] === true;
      const code = await spec.action(contextOf(io, options, args, isLong ? LONG_TIMEOUT_MS : standardMs), command);
      io.setExitCode(code ?? EXIT_OK);
    } catch (error) {
      reportFailure(io, options["json"] === true, error);
    }
  });
}
