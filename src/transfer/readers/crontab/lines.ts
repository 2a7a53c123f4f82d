import { TAKEN } from "../../../kernel/taken-lines.ts";
import { nameOfLine } from "../../candidate.ts";

/** Settings in force at a line: cron applies an assignment to the lines below it. */
export type Settings = Readonly<Record<string, string>>;

export interface CrontabLine {
  number: number;
  /** The line itself, without blanks around it. */
  text: string;
  settings: Settings;
  /** What the comment right above it says: the name that somebody gave it. */
  comment: string | undefined;
}

const ASSIGNMENT = /^(?:"([^"]+)"|'([^']+)'|([^\s=*'"]+))\s*=\s*(.*)$/;
/** Comments that name nothing: rulers, heads of columns, lines that were switched off. */
const NAMELESS: readonly RegExp[] = [
  /^[^\p{L}]*$/u,
  /\bdom\b.*\bdow\b/i,
  /\bmin(ute)?s?\b.*\bhours?\b/i,
  /^[^\p{L}]*(minute|hour|day of (the )?(month|week)|month)\b/iu,
  /^([\d*][\d*,/-]*\s+){2}\S+\s+\S+\s+\S+\s+\S/,
  /^@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)\s/,
  /^\w+=/,
];

/** The lines of a crontab that start something, each with the settings above it and the comment that names it. */
export function readLines(text: string): CrontabLine[] {
  const lines: CrontabLine[] = [];
  let settings: Settings = {};
  let comments: string[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line.startsWith("#") && !raw.startsWith(TAKEN)) {
      comments.push(line.replace(/^#+\s*/, "").trim());
      continue;
    }
    const assignment = ASSIGNMENT.exec(line);
    if (assignment !== null) {
      const [, double, single, bare, value = ""] = assignment;
      settings = { ...settings, [double ?? single ?? bare ?? ""]: unquote(value) };
    } else if (line !== "" && !line.startsWith("#")) {
      lines.push({ number: index + 1, text: raw.trimStart(), settings, comment: nameOfComments(comments) });
    }
    comments = [];
  }
  return lines;
}

const unquote = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

/** The first line of the last paragraph of comments; what stands before a ruler or a head of columns names nothing. */
function nameOfComments(comments: readonly string[]): string | undefined {
  const end = comments.findLastIndex((comment) => NAMELESS.some((form) => form.test(comment)));
  const name = comments[end + 1]?.replace(/[\s:.-]+$/, "");
  return name === undefined || name === "" ? undefined : nameOfLine(name);
}
