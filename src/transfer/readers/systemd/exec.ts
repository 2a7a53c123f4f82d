import { quoted } from "../../../kernel/shell.ts";
import { NotCarried } from "../../candidate.ts";
import type { HostFacts } from "../../facts.ts";
import { specify } from "./specifiers.ts";
import { allOf, type Unit } from "./unit.ts";
import { splitWords, type Word } from "./words.ts";

type Environment = Record<string, string>;

/** The variables of a unit: `Environment=` in order, later ones win, less `UnsetEnvironment=`. */
export function readEnvironment(unit: Unit, facts: HostFacts, notes: string[]): Environment {
  const words = (key: string): string[] =>
    allOf(unit, key)
      .flatMap(splitWords)
      .map(({ text }) => specify(text, unit, facts));
  const env: Environment = {};
  for (const assignment of words("Service.Environment")) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) env[name] = value;
    else notes.push(`\`${assignment}\` in Environment= is no assignment; systemd leaves it out`);
  }
  for (const entry of words("Service.UnsetEnvironment")) {
    const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(entry) ?? [];
    if (value === undefined || env[name] === value) delete env[name];
  }
  return env;
}

export interface Command {
  argv: string[];
  /** The next command runs all the same when this one fails (`-`). */
  ignored: boolean;
  notes: string[];
}

/** The commands of `ExecStart=`, with variables and specifiers filled in. */
export function readCommands(unit: Unit, facts: HostFacts, env: Environment): Command[] {
  return allOf(unit, "Service.ExecStart").flatMap((line) => {
    const commands: Word[][] = [[]];
    for (const word of splitWords(line)) {
      if (word.text === ";" && !word.quoted) commands.push([]);
      else commands.at(-1)?.push(word);
    }
    return commands.filter((words) => words.length > 0).map((words) => readCommand(words, unit, facts, env));
  });
}

function readCommand(words: Word[], unit: Unit, facts: HostFacts, env: Environment): Command {
  const [program, ...rest] = words;
  const prefix = /^[-@:+!|]*/.exec(program?.text ?? "")?.[0] ?? "";
  const notes: string[] = [];
  if (prefix.includes("@") || prefix.includes("|"))
    throw new NotCarried(`the prefix \`${prefix}\` of ExecStart= has no counterpart`);
  if (/[+!]/.test(prefix)) notes.push("it ran with full privileges (`+`, `!`): here with the gateway's");
  const path = specify((program?.text ?? "").slice(prefix.length), unit, facts);
  const expand = (word: Word): string[] => (prefix.includes(":") ? [word.text] : expandVariables(word, env));
  const argv = [path, ...rest.flatMap((word) => expand({ ...word, text: specify(word.text, unit, facts) }))];
  return { argv, ignored: prefix.includes("-"), notes };
}

/**
 * `${NAME}` stands for its value; a word that begins with a bare `$`, quoted or not, for the words of the value it names;
 * `$$` for a dollar sign.
 */
function expandVariables(word: Word, env: Environment): string[] {
  const value = (name: string): string => {
    const known = env[name];
    if (known === undefined) throw new NotCarried(`the value of $${name} is not in the unit`);
    return known;
  };
  const alone = /^\$(?![{$])(.*)$/s.exec(word.text)?.[1];
  if (alone !== undefined) return splitWords(value(alone)).map(({ text }) => text);
  return [
    word.text.replace(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (all, name?: string) =>
      all === "$$" ? "$" : value(name ?? ""),
    ),
  ];
}

/** Several commands, one after the other until one fails whose failure counts, as one shell line. */
export function sequence(commands: readonly Command[]): string[] {
  const [only, ...more] = commands;
  if (only === undefined) throw new NotCarried("there is no ExecStart=");
  return more.length === 0 ? only.argv : ["/bin/sh", "-c", chain(commands)];
}

function chain([first, ...rest]: readonly Command[], inside = false): string {
  if (first === undefined) return "";
  const line = first.argv.map(quoted).join(" ");
  if (rest.length === 0) return line;
  if (!first.ignored) return `${line} && ${chain(rest, true)}`;
  return inside ? `{ ${line}; ${chain(rest)}; }` : `${line}; ${chain(rest)}`;
}
