import { createHash } from "node:crypto";
import { type Candidate, candidateFor, NotCarried, nameOfCommand, present } from "../candidate.ts";

/** Cron's words for a schedule. */
const WORDS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
  "@every_minute": "* * * * *",
};
const DEFAULT_SHELL = "/bin/sh";
const ENV_LINE = /^\s*(?:([A-Za-z_][A-Za-z0-9_]*)|"([^"]+)"|'([^']+)')\s*=\s*(.*?)\s*$/;
const FIELDS_LINE = /^\s*((?:[^\s%]+\s+){5})(\S.*)$/;
const WORD_LINE = /^\s*(@\w+)\s+(\S.*)$/;

/** Settings in force at a line: cron applies an assignment to the lines below it. */
type Settings = Record<string, string>;

/**
 * Jobs of a user's crontab (`crontab -l`), as Vixie cron and its heirs read it. A job's key comes from its schedule and
 * command, so the same line is found again; a line that was changed is a new job.
 */
export function readCrontab(text: string): Candidate[] {
  let settings: Settings = {};
  const seen = new Map<string, number>();
  const candidates: Candidate[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const assignment = ENV_LINE.exec(line);
    if (assignment !== null) {
      const name = assignment[1] ?? assignment[2] ?? assignment[3] ?? "";
      settings = { ...settings, [name]: unquote(assignment[4] ?? "") };
      continue;
    }
    candidates.push(candidateFor(`line ${index + 1}`, () => readLine(line, settings, seen)));
  }
  return candidates;
}

const unquote = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

function readLine(line: string, settings: Settings, seen: Map<string, number>): Candidate {
  const { expr, rest } = splitLine(line);
  const { CRON_TZ: tz, MAILTO: mailto, MAILFROM: _from, SHELL: shell, HOME: home, ...env } = settings;
  const { command, input } = splitPercent(rest);
  if (command.trim() === "") throw new NotCarried("there is no command");
  const notes: string[] = [];
  if (mailto !== undefined && mailto !== "") {
    notes.push(`output was mailed to ${mailto}: give the job a delivery`);
  } else if (mailto === undefined) {
    notes.push("output was mailed to the user: give the job a delivery");
  }
  if (home === undefined)
    notes.push("cron starts in the home directory: set `--command-cwd` if the command relies on it");
  const base = createHash("sha256")
    .update(JSON.stringify([expr, tz ?? "", rest]))
    .digest("hex")
    .slice(0, 16);
  const copies = (seen.get(base) ?? 0) + 1;
  seen.set(base, copies);
  const name = nameOfCommand(command);
  return {
    name,
    notes,
    job: {
      name,
      declarationKey: `crontab:${base}${copies > 1 ? `:${copies}` : ""}`,
      schedule: present({ kind: "cron", expr, tz }),
      payload: present({
        kind: "command",
        argv: [shell || DEFAULT_SHELL, "-c", command],
        cwd: home,
        env: Object.keys(env).length === 0 && home === undefined ? undefined : present({ ...env, HOME: home }),
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

function splitLine(line: string): { expr: string; rest: string } {
  const word = WORD_LINE.exec(line);
  if (word !== null) {
    const [, name = "", rest = ""] = word;
    if (name === "@reboot") throw new NotCarried("`@reboot` runs at boot and names no time: start it as a service");
    const expr = WORDS[name];
    if (expr === undefined) throw new NotCarried(`the schedule \`${name}\` is unknown here`);
    return { expr, rest };
  }
  const fields = FIELDS_LINE.exec(line);
  if (fields === null) throw new NotCarried("the line has no five fields and a command");
  return { expr: meaning((fields[1] ?? "").trim().split(/\s+/).join(" ")), rest: fields[2] ?? "" };
}

/**
 * The expression as it is meant. To cron, day of month and day of week both count when one of them begins with a star
 * (a step over all), and either is enough otherwise; here only `+` says both.
 */
function meaning(expr: string): string {
  if (!/^[\d*,/A-Za-z\s-]+$/.test(expr)) {
    throw new NotCarried(
      expr.includes("~")
        ? "random times (`~`) cannot be carried: choose one"
        : `the schedule \`${expr}\` cannot be read`,
    );
  }
  const [minute, hour, dayOfMonth = "*", month, dayOfWeek = "*"] = expr.split(" ");
  const both = dayOfMonth !== "*" && dayOfWeek !== "*" && (dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*"));
  return both ? `${minute} ${hour} ${dayOfMonth} ${month} +${dayOfWeek}` : expr;
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
