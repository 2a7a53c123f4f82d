import { createHash } from "node:crypto";
import { MINUTE_MS } from "../../../kernel/durations.ts";
import { CommandCronError } from "../../../kernel/errors.ts";
import { present } from "../../../kernel/present.ts";
import { type Candidate, candidateFor, type Ending, Mistake, NotCarried, nameOfLine } from "../../candidate.ts";
import type { HostFacts } from "../../facts.ts";
import { judge } from "../../keys.ts";
import { readFields, readWord } from "./fields.ts";
import { CRONTAB_KEYS } from "./keys.ts";
import { type CrontabLine, readLines, type Settings } from "./lines.ts";
import { moreFields, neighbourOf, optionOf } from "./neighbours.ts";

const DEFAULT_SHELL = "/bin/sh";
const FIELDS_LINE = /^((?:\S+\s+){5})(.*)$/;
const WORD_LINE = /^(@\S+)(?:\s+(.*))?$/;
/** A user's name, in the forms that cron's system table takes: with a group or a login class, too. */
const USER = /^([A-Za-z_][\w.-]*\$?)(?:[:/][\w.-]+)*$/;

/** What differs between a user's own crontab and the system's. */
interface Kind {
  format: "crontab" | "system-crontab";
  /** A user stands between the time and the command. */
  users: boolean;
  /** How its lines are ended there. */
  end: string;
}

const OWN: Kind = {
  format: "crontab",
  users: false,
  end: "`crontab -e`, and put a # before each of these lines",
};
const SYSTEM: Kind = {
  format: "system-crontab",
  users: true,
  end: "edit the file they came from (/etc/crontab, one of /etc/cron.d), and put a # before each of these lines",
};

interface Entry {
  expr: string;
  /** After the time, and after the user of a system's crontab. */
  rest: string;
  user?: string;
}

/**
 * Jobs of a user's crontab (`crontab -l`), as Vixie cron and its heirs read it. A job's key comes from its schedule and
 * command, so the same line is found again; a line that was changed is a new job. Raises FILE_INVALID for a system's
 * crontab.
 */
export function readCrontab(text: string, facts: HostFacts): Candidate[] {
  const lines = readLines(text);
  const user = userOfAll(lines, facts);
  if (user !== undefined) {
    throw new CommandCronError("FILE_INVALID", {
      field: "file",
      expected: "a user's crontab, as `crontab -l` prints it",
      got: `a system's crontab: the sixth field is a user of this host (${user}); say \`--format system-crontab\`, or write the path of a command that is called so`,
    });
  }
  return readAll(lines, OWN, facts);
}

/** Jobs of a system's crontab: /etc/crontab or a file of /etc/cron.d, with a user before each command. */
export const readSystemCrontab = (text: string, facts: HostFacts): Candidate[] =>
  readAll(readLines(text), SYSTEM, facts);

function readAll(lines: CrontabLine[], kind: Kind, facts: HostFacts): Candidate[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const at = `line ${line.number}`;
    return { at, ...candidateFor(nameOfLine(line.text), () => readLine(line, kind, facts, seen)) };
  });
}

/** The first of the users, when every line that can be read names one. */
function userOfAll(lines: readonly CrontabLine[], facts: HostFacts): string | undefined {
  const users = lines.map(({ text }) => userIn(text, facts));
  return users.includes(undefined) ? undefined : users[0];
}

/** The user of this host that stands before the command of a line, as in a system's crontab. */
function userIn(text: string, facts: HostFacts): string | undefined {
  const rest = (FIELDS_LINE.exec(text)?.[2] ?? WORD_LINE.exec(text)?.[2] ?? "").split(/\s+/);
  const [word = "", command = ""] = rest;
  const name = USER.exec(word)?.[1] ?? "";
  const known = name === "root" || facts.users.has(name);
  return known && command !== "" && !command.startsWith("-") ? name : undefined;
}

function readLine(line: CrontabLine, kind: Kind, facts: HostFacts, seen: Map<string, number>): Candidate {
  const { expr, rest, user } = splitLine(line.text, kind);
  const { command, input } = splitPercent(rest);
  if (command.trim() === "") throw new Mistake("there is no command");
  const option = optionOf(command);
  if (option !== undefined) throw new NotCarried(`the command begins with ${option}`);
  const { settings } = line;
  const home = settings["HOME"] ?? homeOf(user, facts);
  const name = line.comment ?? nameOfLine(command);
  const { notes, holds } = judge(CRONTAB_KEYS, Object.entries(settings));
  if (user !== undefined && user !== facts.user) holds.push(`it ran as ${user}: here as the gateway's user`);
  // Its other lines may name users of the host they come from.
  if (!kind.users && userIn(line.text, facts) === "root")
    holds.push("its first word is a user: of a system's crontab? then say `--format system-crontab`");
  const ends: Ending = { what: `line ${line.number}: ${line.text}`, how: kind.end };
  return {
    name,
    notes: [...notes, ...notesOf(command, settings, home)],
    holds,
    ends,
    job: {
      name,
      declarationKey: keyOf(kind, [expr, settings["CRON_TZ"] ?? "", rest], user, seen),
      schedule: present({ kind: "cron", expr, tz: settings["CRON_TZ"], staggerMs: staggerOf(settings) }),
      payload: present({
        kind: "command",
        argv: [settings["SHELL"] || DEFAULT_SHELL, "-c", command],
        cwd: home,
        env: environmentOf(settings),
        input,
        // Cron knows no time limit.
        timeoutSeconds: 0,
      }),
      delivery: { mode: "none" },
      // Cron never makes up for a missed time.
      policy: { misfire: { mode: "skip" } },
    },
  };
}

const homeOf = (user: string | undefined, facts: HostFacts): string | undefined =>
  user === undefined ? facts.home : facts.users.get(user);

function keyOf(kind: Kind, parts: string[], user: string | undefined, seen: Map<string, number>): string {
  const text = JSON.stringify(user === undefined ? parts : [...parts, user]);
  const base = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const copies = (seen.get(base) ?? 0) + 1;
  seen.set(base, copies);
  return `${kind.format}:${base}${copies > 1 ? `:${copies}` : ""}`;
}

/** Cron hands every setting to the command; the user's name it puts there itself. */
function environmentOf(settings: Settings): Record<string, string> | undefined {
  const { LOGNAME: _logname, USER: _user, ...env } = settings;
  return Object.keys(env).length === 0 ? undefined : env;
}

function staggerOf(settings: Settings): number | undefined {
  const minutes = /^\d{1,6}$/.exec(settings["RANDOM_DELAY"] ?? "")?.[0];
  return minutes === undefined || Number(minutes) === 0 ? undefined : Number(minutes) * MINUTE_MS;
}

function notesOf(command: string, settings: Settings, home: string | undefined): string[] {
  const notes: string[] = [];
  if (settings["MAILTO"] === undefined) notes.push("output was mailed to the user: give the job a delivery");
  if (settings["PATH"] === undefined)
    notes.push("PATH= is not set: cron's own (/usr/bin:/bin, or crond's) is the gateway's here");
  if (home === undefined)
    notes.push("cron starts in the home directory: set `--command-cwd` if the command relies on it");
  if (command.includes("\\\\"))
    notes.push("`\\\\` in a command: Debian's cron makes one backslash of two, cronie keeps both, as here");
  return notes;
}

/** Time, user and command of a line. Throws Mistake for what cron refuses, by the name of the format it is in, if any. */
function splitLine(line: string, kind: Kind): Entry {
  try {
    const word = WORD_LINE.exec(line);
    const fields = FIELDS_LINE.exec(line.replace(/^-(?=[\d*])/, ""));
    if (word === null && fields === null) throw new Mistake("the line has no five fields and a command");
    const rest = (word ?? fields)?.[2] ?? "";
    const neighbour = word === null ? moreFields(rest) : /^\d+\s/.test(rest) ? neighbourOf(line) : undefined;
    const expr = word === null ? readFields((fields?.[1] ?? "").trim().split(/\s+/)) : readWord(word[1] ?? "");
    if (neighbour !== undefined) throw new Mistake(neighbour);
    return kind.users ? { expr, ...splitUser(rest) } : { expr, rest };
  } catch (error) {
    const neighbour = error instanceof NotCarried ? neighbourOf(line) : undefined;
    if (neighbour === undefined) throw error;
    throw new Mistake(neighbour);
  }
}

function splitUser(rest: string): { rest: string; user: string } {
  const [, word = "", command = ""] = /^(\S*)\s*(.*)$/.exec(rest) ?? [];
  const user = USER.exec(word)?.[1];
  if (user === undefined) throw new Mistake(`the sixth field \`${word}\` is no user: is it a user's crontab?`);
  return { rest: command, user };
}

/**
 * Everything after the first unescaped `%` is standard input; further ones are line ends, and cron adds a last one where
 * it is missing. `\%` is a plain `%`.
 */
function splitPercent(text: string): { command: string; input?: string } {
  const parts = [""];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const last = parts.length - 1;
    if (char === "\\" && text[at + 1] === "%") {
      parts[last] += "%";
      at += 1;
    } else if (char === "\\" && at + 1 < text.length) {
      parts[last] += char + text.charAt(at + 1);
      at += 1;
    } else if (char === "%") parts.push("");
    else parts[last] += char;
  }
  const [command = "", ...lines] = parts;
  const input = lines.join("\n").replace(/[^\n]$/, "$&\n");
  return input === "" ? { command } : { command, input };
}
