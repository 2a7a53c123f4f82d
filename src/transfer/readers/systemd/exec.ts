import { NotCarried } from "../../candidate.ts";

const ESCAPES: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** A word of a command line and whether any part of it was quoted. */
interface Word {
  text: string;
  quoted: boolean;
}

/** Words by systemd's rules: blanks part them, either quote keeps them together, C escapes are read in and out of quotes. */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === "\\") {
      const escaped = readEscape(line.slice(at + 1));
      word = { text: (word?.text ?? "") + escaped.text, quoted: word?.quoted ?? escaped.text === ";" };
      at += escaped.length;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = { text: (word?.text ?? "") + char, quoted: true };
    } else if (char === '"' || char === "'") {
      quote = char;
      word = { text: word?.text ?? "", quoted: true };
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = { text: (word?.text ?? "") + char, quoted: word?.quoted ?? false };
  }
  if (quote !== "") throw new NotCarried(`a quote is not closed in \`${line}\``);
  return word === undefined ? words : [...words, word];
}

/** What follows a backslash: the text it stands for and how many characters it took. */
function readEscape(rest: string): { text: string; length: number } {
  const first = rest.charAt(0);
  const simple = ESCAPES[first];
  if (simple !== undefined) return { text: simple, length: 1 };
  const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(rest);
  if (code !== null) {
    const [all, hex, short, long, octal] = code;
    const point = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "", 16) : Number.parseInt(octal, 8);
    if (point > 0x10ffff || point === 0) throw new NotCarried(`\`\\${all}\` names no character`);
    return { text: String.fromCodePoint(point), length: all.length };
  }
  // `;` alone would part two commands. Anything else keeps its backslash.
  return first === ";" ? { text: ";", length: 1 } : { text: `\\${first}`, length: first.length };
}

/** `Environment=` assignments in order; later ones win. */
export function readEnvironment(lines: string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { text } of lines.flatMap(splitWords)) {
    const at = text.indexOf("=");
    if (at < 1) throw new NotCarried(`\`Environment=${text}\` is no assignment`);
    env[text.slice(0, at)] = text.slice(at + 1);
  }
  return env;
}

export interface Command {
  argv: string[];
  notes: string[];
}

/** The commands of `ExecStart=` lines, with variables and the unit's own specifiers filled in. */
export function readCommands(lines: string[], unit: string, env: Record<string, string>): Command[] {
  return lines.flatMap((line) => {
    const commands: Word[][] = [[]];
    for (const word of splitWords(line)) {
      if (word.text === ";" && !word.quoted) commands.push([]);
      else commands.at(-1)?.push(word);
    }
    return commands.filter((words) => words.length > 0).map((words) => readCommand(words, unit, env));
  });
}

function readCommand(words: Word[], unit: string, env: Record<string, string>): Command {
  const [program, ...rest] = words;
  const prefix = /^[-@:+!|]*/.exec(program?.text ?? "")?.[0] ?? "";
  const notes: string[] = [];
  if (prefix.includes("@") || prefix.includes("|"))
    throw new NotCarried(`the prefix \`${prefix}\` of ExecStart= has no counterpart`);
  if (prefix.includes("-")) notes.push("a failure was ignored (`-`): here it is a failure");
  if (/[+!]/.test(prefix)) notes.push("it ran with full privileges (`+`, `!`): here with the gateway's");
  const path = specify((program?.text ?? "").slice(prefix.length), unit);
  const expand = (word: Word): string[] => (prefix.includes(":") ? [word.text] : expandVariables(word, env));
  return { argv: [path, ...rest.flatMap((word) => expand({ ...word, text: specify(word.text, unit) }))], notes };
}

/**
 * `${NAME}` stands for its value; a word that begins with a bare `$`, quoted or not, for the words of the value it names;
 * `$$` for a dollar sign.
 */
function expandVariables(word: Word, env: Record<string, string>): string[] {
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

/** Fills in what a unit's name says; anything about the host or the user is not known here. */
export function specify(text: string, unit: string): string {
  const bare = unit.replace(/\.[^.]+$/, "");
  const [prefix = "", instance = ""] = bare.split("@");
  const known: Record<string, string> = { "%%": "%", "%n": unit, "%N": bare, "%p": prefix, "%i": instance };
  return text.replace(/%./g, (specifier) => {
    const value = known[specifier];
    if (value === undefined) throw new NotCarried(`the specifier \`${specifier}\` cannot be filled in here`);
    return value;
  });
}

/** Several commands, one after the other until one fails, as one shell line. */
export function sequence(commands: Command[]): string[] {
  const [only, ...more] = commands;
  if (only === undefined) throw new NotCarried("there is no ExecStart=");
  if (more.length === 0) return only.argv;
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return ["/bin/sh", "-c", commands.map(({ argv }) => argv.map(quoted).join(" ")).join(" && ")];
}
