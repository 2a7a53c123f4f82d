import type { Command } from "commander";
import { quoted } from "../../kernel/shell.ts";
import { usage } from "../flags/index.ts";
import type { CliCommand } from "./command.ts";

interface Entry {
  /** `list`, or `deliveries list`; "" for the program itself. */
  path: string;
  words: { word: string; says: string }[];
}

/** Every command with what may follow it: subcommands, or flags. */
function entriesOf(command: Command, path = ""): Entry[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const names = children.flatMap((child) =>
    [child.name(), ...child.aliases()].map((word) => ({ word, says: child.description() })),
  );
  const flags = help
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long === undefined ? [] : [{ word: long, says: description }]));
  const below = children.flatMap((child) =>
    [child.name(), ...child.aliases()].flatMap((name) => entriesOf(child, path === "" ? name : `${path} ${name}`)),
  );
  return [{ path, words: [...names, ...flags] }, ...below];
}

const groupsOf = (entries: readonly Entry[]): string[] => [
  ...new Set(
    entries.map(({ path }) => path.split(" ")).flatMap(([group = "", verb]) => (verb === undefined ? [] : [group])),
  ),
];

/** The same words under one label. */
function cases(entries: readonly Entry[], line: (words: Entry["words"]) => string): string {
  return entries.map(({ path, words }) => `    "${path}") ${line(words)} ;;`).join("\n");
}

/** Finds the command among the words before the cursor; the same text in bash and zsh. */
const findPath = (groups: readonly string[]): string => `  local path="" word
  for word in "\${before[@]}"; do
    case "$word" in -*) continue ;; esac
    case "$path" in
      "") path="$word" ;;
      ${groups.join("|")}) path="$path $word" ;;
    esac
  done`;

function bash(entries: readonly Entry[]): string {
  const words = (list: Entry["words"]): string => `words="${list.map(({ word }) => word).join(" ")}"`;
  return `# bash completion for command-cron
_command_cron() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=""
  local before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${findPath(groupsOf(entries))}
  case "$path" in
${cases(entries, words)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _command_cron command-cron
`;
}

function zsh(entries: readonly Entry[]): string {
  const words = (list: Entry["words"]): string =>
    `options=(${list.map(({ word, says }) => quoted(`${word}:${says.replaceAll("\n", " ")}`)).join(" ")})`;
  return `#compdef command-cron
_command_cron() {
  local -a options before
  before=("\${(@)words[2,CURRENT-1]}")
${findPath(groupsOf(entries))}
  case "$path" in
${cases(entries, words)}
  esac
  _describe 'command-cron' options
  _files
}
compdef _command_cron command-cron
`;
}

function fish(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, words }) =>
    words.map(({ word, says }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      const when = quoted(`test (__command_cron_path) = "${path}"`);
      return `complete -c command-cron -n ${when} ${what} -d ${quoted(says.replaceAll("\n", " "))}`;
    }),
  );
  return `# fish completion for command-cron
function __command_cron_path
  set -l path ""
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    if test -z "$path"
      set path $word
    else if contains -- $path ${groupsOf(entries).join(" ")}
      set path "$path $word"
    end
  end
  echo "$path"
end
${lines.join("\n")}
`;
}

const SHELLS: Record<string, (entries: readonly Entry[]) => string> = { bash, zsh, fish };

const shells = Object.keys(SHELLS);

export const completion: CliCommand = {
  name: "completion",
  arguments: [["<shell>", shells.join(", ")]],
  says: "Print what makes a shell complete commands and flags",
  examples: [
    ['eval "$(command-cron completion bash)"', "In ~/.bashrc; the same with zsh in ~/.zshrc, after compinit"],
    ["command-cron completion fish > ~/.config/fish/completions/command-cron.fish", "For fish"],
  ],
  action(context, command) {
    const [shell = ""] = context.args;
    const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (write === undefined)
      throw usage("shell", shells.map((name) => `\`${name}\``).join(", "), JSON.stringify(shell));
    const script = write(entriesOf(command.parent ?? command));
    context.show({ shell, script }, () => script);
    return undefined;
  },
};
