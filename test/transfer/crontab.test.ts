import { describe, expect, it } from "vitest";
import { compileSchedule, occurrencesBetween } from "../../src/policy/time/index.ts";
import { validateJob } from "../../src/rpc/index.ts";
import { readCrontab as read } from "../../src/transfer/readers/crontab/index.ts";
import { FACTS } from "../helpers/facts.ts";

const readCrontab = (text: string) => read(text, FACTS);

const only = (text: string) => {
  const [candidate, ...others] = readCrontab(text);
  expect(others).toEqual([]);
  if (candidate?.job === undefined) throw new Error(`not carried: ${candidate?.notes.join("; ")}`);
  return { ...validateJob(candidate.job), notes: candidate.notes };
};
const reasonFor = (line: string): string => {
  const [candidate] = readCrontab(line);
  expect(candidate?.job).toBeUndefined();
  return candidate?.notes.join("; ") ?? "";
};
const exprOf = (text: string): string => {
  const { schedule } = only(text);
  return schedule.kind === "cron" ? schedule.expr : schedule.kind;
};

describe("a crontab", () => {
  it("becomes one job a line, run by the shell as cron would", () => {
    const job = only("*/15 9-17 * * MON-FRI /usr/bin/probe --fast | tee /tmp/x\n");
    expect(job).toMatchObject({
      name: "/usr/bin/probe --fast | tee /tmp/x",
      schedule: { kind: "cron", expr: "*/15 9-17 * * MON-FRI" },
      payload: { kind: "command", argv: ["/bin/sh", "-c", "/usr/bin/probe --fast | tee /tmp/x"], timeoutSeconds: 0 },
      delivery: { mode: "none" },
      policy: { misfire: { mode: "skip" } },
    });
  });

  it.each([
    ["@hourly x", "0 * * * *"],
    ["@daily x", "0 0 * * *"],
    ["@midnight x", "0 0 * * *"],
    ["@weekly x", "0 0 * * 0"],
    ["@monthly x", "0 0 1 * *"],
    ["@yearly x", "0 0 1 1 *"],
    ["@annually x", "0 0 1 1 *"],
    ["  0\t5  1,15 * *   x", "0 5 1,15 * *"],
    ["0 0 1 JAN * x", "0 0 1 JAN *"],
    ["0 3 1 jul,dec * x", "0 3 1 jul,dec *"],
    ["0 0 * * 7 x", "0 0 * * 7"],
    ["0-59/10 * * * * x", "0-59/10 * * * *"],
  ])("reads the schedule of %j", (line, expr) => {
    expect(exprOf(line)).toBe(expr);
  });

  it("fires on either of day and weekday, as cron does, and on both where one begins with a star", () => {
    const days = (line: string) => {
      const { schedule } = only(line);
      const from = Date.UTC(2026, 5, 1);
      const compiled = compileSchedule(schedule, { jobId: "j", hostTz: "UTC", anchorDefaultMs: from });
      const instants = occurrencesBetween(compiled, from - 1, Date.UTC(2026, 6, 1) - 1, 100).instants;
      return instants.map((instant) => new Date(instant).getUTCDate());
    };
    expect(days("0 12 15 * 1 x")).toEqual([1, 8, 15, 22, 29]);
    expect(days("0 12 16 * 1 x")).toEqual([1, 8, 15, 16, 22, 29]);
    expect(days("0 12 */2 * 1 x")).toEqual([1, 15, 29]);
  });

  it("applies assignments to the lines below them only", () => {
    const [before, after] = readCrontab(
      [
        "@daily first",
        "SHELL=/bin/bash",
        "HOME = /srv",
        `GREETING="hello there"`,
        "PATH=/opt/bin:/bin",
        "@daily second",
      ].join("\n"),
    );
    expect(before?.job).toMatchObject({ payload: { argv: ["/bin/sh", "-c", "first"] } });
    expect(before?.job?.["payload"]).toMatchObject({ cwd: "/home/ann" });
    expect(before?.job?.["payload"]).not.toHaveProperty("env");
    expect(after?.job).toMatchObject({
      payload: {
        argv: ["/bin/bash", "-c", "second"],
        cwd: "/srv",
        env: { GREETING: "hello there", PATH: "/opt/bin:/bin", HOME: "/srv", SHELL: "/bin/bash" },
      },
    });
  });

  it("schedules in CRON_TZ and leaves TZ to the command", () => {
    const job = only("CRON_TZ=Europe/Berlin\nTZ=America/New_York\n30 2 * * * x");
    expect(job.schedule).toEqual({ kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" });
    expect(job.payload.env).toEqual({ CRON_TZ: "Europe/Berlin", TZ: "America/New_York" });
  });

  it("says where the output used to go", () => {
    expect(only("MAILTO=ops@example.org\n@daily x").notes.join()).toContain("MAILTO=: output was mailed");
    expect(only("@daily x").notes.join()).toContain("mailed to the user");
    expect(only('MAILTO=""\n@daily x').notes.join()).not.toContain("mail");
  });

  it("passes what follows a percent sign as standard input, line by line", () => {
    expect(only("@daily mail -s hi bob%Dear Bob,%all is well.").payload).toMatchObject({
      argv: ["/bin/sh", "-c", "mail -s hi bob"],
      input: "Dear Bob,\nall is well.\n",
    });
    expect(only("@daily date +\\%F-\\%H >> log").payload).toMatchObject({
      argv: ["/bin/sh", "-c", "date +%F-%H >> log"],
    });
    expect(only("@daily date +\\%F").payload.input).toBeUndefined();
    expect(only("@daily grep 'a\\.b' f").payload.argv[2]).toBe("grep 'a\\.b' f");
  });

  it.each([
    ["cat%", undefined],
    ["cat%foo", "foo\n"],
    ["cat%foo%", "foo\n"],
    ["cat%foo%%", "foo\n\n"],
    ["cat%%", "\n"],
  ])("ends the standard input of %j with one line end, as cron does", (command, input) => {
    expect(only(`@daily ${command}`).payload.input).toBe(input);
  });

  it.each([
    ["@reboot /usr/bin/daemon", "@reboot"],
    ["@fortnightly x", "@fortnightly"],
    ["0~30 5 * * * x", "random times"],
    ["*/5 * * * *", "five fields"],
    ["nonsense", "five fields"],
    ["@daily %only input", "no command"],
  ])("refuses %j by name", (line, reason) => {
    expect(reasonFor(line)).toContain(reason);
  });

  it("skips comments, blank lines and line ends of other systems", () => {
    expect(readCrontab("# head\r\n\r\n   # indented\r\n@daily x\r\n").map(({ at }) => at)).toEqual(["line 4"]);
  });

  it("finds a line again by its key, and tells equal lines apart", () => {
    const key = (text: string) => readCrontab(text).map(({ job }) => job?.["declarationKey"]);
    const [first] = key("@daily x");
    expect(key("# moved\nMAILTO=a@b\n@daily x")).toEqual([first]);
    expect(key("0 0 * * * x")).toEqual([first]);
    expect(key("@daily y")).not.toEqual([first]);
    const twins = key("@daily x\n@daily x");
    expect(twins[0]).toBe(first);
    expect(twins[1]).not.toBe(first);
  });
});
