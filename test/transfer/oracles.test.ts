import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSchedule, nextAfter } from "../../src/policy/time/index.ts";
import { Mistake } from "../../src/transfer/candidate.ts";
import { readCrontab } from "../../src/transfer/readers/crontab/index.ts";
import { readCalendar } from "../../src/transfer/readers/systemd/calendar.ts";
import { FACTS } from "../helpers/facts.ts";

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).error === undefined;
const forms = (text: string): string[] => text.trim().split(/\s*\|\s*/);
const ITERATIONS = 6;
const BASE = "2026-06-01 00:00:00 UTC";

/** Expressions of systemd's manual, of units that are met, and of both sides of each rule of the grammar. */
const CALENDARS = forms(`
  minutely | hourly | daily | weekly | monthly | quarterly | semiannually | annually | yearly | bi-annually |
  biannually | half-yearly | anually | Daily | DAILY | *:0/15 | *-*-* *:0/15 | *:5/20:00 | *:0/15:00 |
  *-*-* 8..17/2:00 | Mon..Fri 09:00 | Mon,Wednesday,fri 09:00 | Sat,Sun,Mon 10:00 | Mon..Wed *-*-* 09:00 |
  Mon..Sun 10:00 | Mon 10:00 | Monday 10:00 | MON 10:00 | mon..tue,fri 1:00 | Wed, 17:48 | Mon,Tue, 10:00 |
  Wed 17:48 | Fri..Mon 10:00 | tues 1:00 | Mo 1:00 | Mon- 1:00 | Mon..Foo 1:00 | Sun..Mon 1:00 | Mon..Mon 1:00 |
  ,Mon 1:00 | *-*-* 04:30:00 | 04:30 | 4:3 | 04:30:00 | *-*-* 06,18:00:00 | *-*-* 06,18:00 | 00:00:30 |
  *:*:0/10 | *:*:30 | *:*:* | 23/2:00 | 22/2:00 | *:59/5 | *:55/5 | *:*/15 | */6:00:00 | 0/6:00:00 | 5..2:00 |
  25:00 | 24:00 | 10:60 | 10:61 | 10:59:60 | 10:00:00:00 | 10 | :10 | 10: | *: | 1/0:00 | *-*-1,15 00:00:00 |
  *-02-28 | 03-01 | 2-3 | *-*-1/10 00:00:00 | Mon *-*-1..7 00:00:00 | *-*-31 | *-1,7-1 | *-13-1 | *-0-1 |
  *-*-0 | *-*-32 | *-*~1 10:00 | *-02~03 | *-*~1..3 | *-*~32 | Mon *-05~07/1 | 2027-3-1 4:05 UTC | 2027-03-01 |
  2026..2028-*-* 00:00 | 27-3-1 | 1999-1-1 | daily UTC | daily Europe/Berlin | 07:00 GMT | 07:00 CET |
  07:00 EST5EDT | 07:00 Japan | *-*-1 utc | 00:00 europe/berlin | 07:00 Mars/Olympus | 07:00 America/New_York |
  12:00 Etc/GMT-2 | daily weekly | a b c d | Foo 10:00 | 2026-06-01T10:00:00 | @1234 | now | tomorrow |
  10:00 UTC UTC
`);

interface Verdict {
  refused: boolean;
  instants: string[];
}

/** One process for all it takes; what it refuses, it says on stderr. */
function askSystemd(expressions: readonly string[]): Map<string, Verdict> {
  const { stdout } = spawnSync(
    "systemd-analyze",
    ["calendar", `--iterations=${ITERATIONS}`, `--base-time=${BASE}`, ...expressions],
    { env: { ...process.env, TZ: "UTC", LC_ALL: "C" }, encoding: "utf8" },
  );
  const verdicts = new Map<string, Verdict>(expressions.map((form) => [form, { refused: true, instants: [] }]));
  for (const block of stdout.split(/\n\s*\n/)) {
    const form = /Original form: (.*)/.exec(block)?.[1] ?? /Normalized form: (.*)/.exec(block)?.[1] ?? "";
    const verdict = verdicts.get(form.trim());
    if (verdict === undefined) continue;
    verdict.refused = false;
    // Of a form with a zone of its own the line in UTC is the one that compares.
    const lines = block.split("\n");
    for (const [index, line] of lines.entries()) {
      const own = /^\s*(?:Next elapse|Iter\. #\d+): (.*)$/.exec(line)?.[1];
      if (own === undefined || own === "never") continue;
      const utc = /^\s*\(in UTC\): (.*)$/.exec(lines[index + 1] ?? "")?.[1] ?? own;
      verdict.instants.push(
        new Date(
          utc
            .replace(/^\w{3} /, "")
            .replace(" ", "T")
            .replace(/ UTC$/, "Z"),
        ).toISOString(),
      );
    }
  }
  return verdicts;
}

function ask(expression: string): Verdict | { noCounterpart: true } {
  try {
    const schedule = readCalendar(expression);
    const baseMs = Date.parse("2026-06-01T00:00:00Z");
    const compiled = compileSchedule(schedule, { jobId: "j", hostTz: "UTC", anchorDefaultMs: baseMs });
    const instants: string[] = [];
    // What is due at the base itself is not after it, neither here nor there.
    for (let atMs: number | undefined = baseMs; instants.length < ITERATIONS; ) {
      atMs = nextAfter(compiled, atMs);
      if (atMs === undefined) break;
      instants.push(new Date(atMs).toISOString());
    }
    return { refused: false, instants };
  } catch (error) {
    return error instanceof Mistake ? { refused: true, instants: [] } : { noCounterpart: true };
  }
}

describe.skipIf(!has("systemd-analyze", "--version"))("OnCalendar= beside systemd-analyze", () => {
  let verdicts: Map<string, Verdict>;
  beforeAll(() => {
    verdicts = askSystemd(CALENDARS);
  });

  it("is refused where systemd refuses it, and has the same instants where it does not", () => {
    const different: unknown[] = [];
    let compared = 0;
    for (const expression of CALENDARS) {
      const theirs = verdicts.get(expression);
      const ours = ask(expression);
      if ("noCounterpart" in ours) {
        if (theirs?.refused === true) different.push({ expression, ours, theirs });
      } else if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.push({ expression, ours, theirs });
      else compared += 1;
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(90);
  });
});

/** Lines that say a time, and nothing that cron would refuse for another reason. */
const TIMES = forms(`
  * * * * * | */5 * * * * | 0-59/10 * * * * | 0 0 1 JAN * | 0 0 * * MON-FRI | 0 0 * * 7 | 0 0 * * 0-7 |
  1,2,3 * * * * | 0 22-2 * * * | 0 12 * * fri-sun | 60 * * * * | * 24 * * * | 0 0 0 * * | 0 0 32 * * |
  0 0 * 13 * | 0 0 * 0 * | 0 0 * * 8 | */0 * * * * | 5/10 * * * * | *-5 * * * * | 1- * * * * | *5 * * * * |
  5:3 * * * * | 1-5:3 * * * * | */5:3 * * * * | a * * * * | 0 0 * foo * | 0 0 * * foo | 1,,2 * * * * |
  */100 * * * * | 1-5/100 * * * * | @daily | @hourly | @reboot | @weekly | @monthly | @yearly | @annually |
  @midnight | @fortnightly | @
`);
const dir = mkdtempSync(join(tmpdir(), "cc-oracle-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, "crontab");

/** Whether this host's cron takes a crontab, which it only looks at; Debian's and cronie name that differently. */
function takes(flag: string, crontab: string): boolean {
  writeFileSync(file, crontab);
  const { status, error } = spawnSync("crontab", [flag, file]);
  return error === undefined && status === 0;
}
const DRY_RUN = ["-n", "-T"].find(
  (flag) => takes(flag, "0 3 * * * /bin/true\n") && !takes(flag, "0 25 * * * /bin/true\n"),
);

describe.skipIf(DRY_RUN === undefined)("a crontab beside this host's own cron", () => {
  it("has a mistake where cron refuses it, and none where cron takes it", () => {
    const different: unknown[] = [];
    for (const time of TIMES) {
      const crontab = `${time} /bin/true\n`;
      const taken = takes(DRY_RUN ?? "", crontab);
      const [candidate] = readCrontab(crontab, FACTS);
      if (taken !== (candidate?.mistake !== true)) different.push({ time, taken, notes: candidate?.notes });
    }
    expect(different).toEqual([]);
  });
});
