interface Neighbour {
  name: string;
  /** What gives its lines away. Only asked of lines that cron refuses. */
  line: RegExp;
  advice: string;
}

const FIVE = "a crontab has five fields, without seconds and years";

/** Formats that are pasted as crontabs; the first whose mark a line bears is named. */
const NEIGHBOURS: readonly Neighbour[] = [
  { name: "a systemd unit", line: /^\[(Unit|Timer|Service|Install)\]/, advice: "use `--format systemd`" },
  { name: "JSON", line: /^[{[]/, advice: "name the format of the system that wrote it" },
  {
    name: "an AWS schedule",
    line: /^(cron|rate|at)\(|^\S+\s+\S+\s+(\?\s+\S+\s+\S+|\S+\s+\S+\s+\?)\s+(\*|\d{4})(\s|$)/i,
    advice: `${FIVE}; AWS puts the year last and counts Sunday as 1`,
  },
  {
    name: "a Quartz schedule",
    line: /^(\S+\s+){3}(\?|\S+\s+\S+\s+\?)(\s|$)|^(\S+\s+){2,5}(\d*L|LW|\d+W|\S*#\d)(\s|$)/,
    advice: `${FIVE}; Quartz puts seconds first and counts Sunday as 1`,
  },
  {
    name: "a Jenkins schedule",
    line: /^(\S+\s+){0,4}H([/,(]\S*)?(\s|$)/,
    advice: "`H` is a time that Jenkins picks: choose one",
  },
  { name: "a schedule of Go's cron", line: /^@every\s/, advice: "create the job with `create --every`" },
  {
    name: "an anacrontab",
    line: /^(\d+|@\w+)\s+\d+\s+[A-Za-z][\w.-]*\s+\S/,
    advice: "its lines are a period in days, a delay and a name: write a time of day for each",
  },
  {
    name: "an fcrontab",
    line: /^([&!%]|@([a-z]+\([^)]*\)|\s*\d))/i,
    advice: "its intervals and options have no words in a crontab: create the jobs with `create --every`",
  },
  { name: "an incrontab", line: /^\/\S*\s+IN_/, advice: "it starts on changes of files, not at times" },
  { name: "a dcron line", line: /^@noauto\b/, advice: "such a job is only started by others" },
];

/** The other scheduler a line is written for, and what to do about it; undefined when it looks like none of them. */
export function neighbourOf(line: string): string | undefined {
  const found = NEIGHBOURS.find((neighbour) => neighbour.line.test(line.trim()));
  return found === undefined ? undefined : `this is a line of ${found.name}, not of a crontab: ${found.advice}`;
}

/** Commands that cron would run, and that are options of a neighbour: who has them. */
const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^(FREQ|AFTER|WAIT)=\S/, "dcron's `FREQ=`, `AFTER=` or `WAIT=`"],
  [/^-[nqs]\s/, "the flags of FreeBSD's and OpenBSD's cron"],
];

/** A neighbour's word that stands where the command should begin. */
export const optionOf = (command: string): string | undefined => OPTIONS.find(([form]) => form.test(command))?.[1];

/** What a time field looks like, and no command does. */
const TIME_FIELD = /^(\*|[\d*][\d*,/-]*|\?|\d*L|LW|\d+W|[A-Z]{3}([,-][A-Z]{3})*|[a-z]{3}([,-][a-z]{3})+)$/;

/**
 * How many time fields a line has when more than five; cron takes the sixth for a command, or refuses it where it is a
 * star. `rest` is what stands after five fields.
 */
export function moreFields(rest: string): string | undefined {
  const [sixth = "", seventh, eighth] = rest.split(/\s+/);
  if (!TIME_FIELD.test(sixth) || (seventh === undefined && !sixth.startsWith("*"))) return undefined;
  const seven = TIME_FIELD.test(seventh ?? "") && eighth !== undefined;
  return `the line has ${seven ? "seven" : "six"} time fields: ${FIVE}`;
}
