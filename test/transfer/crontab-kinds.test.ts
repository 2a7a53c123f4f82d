import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/transfer/candidate.ts";
import { readCrontab, readSystemCrontab } from "../../src/transfer/readers/crontab/index.ts";
import { FACTS } from "../helpers/facts.ts";

const read = (text: string): Candidate[] => readCrontab(text, FACTS);
const of = (line: string): Candidate => {
  const [candidate, ...others] = read(line);
  if (candidate === undefined || others.length > 0) throw new Error(`${others.length + 1} entries`);
  return candidate;
};
const commandOf = ({ job }: Candidate): unknown => (job?.["payload"] as { argv: string[] } | undefined)?.argv[2];

const SYSTEM = [
  "SHELL=/bin/sh",
  "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly",
  "25 6 * * *  backup  /usr/bin/save",
  "@daily ann /usr/bin/own",
].join("\n");

describe("a system's crontab", () => {
  it("is refused as a user's, by name, with the format to say", () => {
    expect(() => read(SYSTEM)).toThrow(
      expect.objectContaining({
        code: "FILE_INVALID",
        message: expect.stringMatching(/sixth field is a user of this host \(root\); say `--format system-crontab`/),
      }),
    );
    expect(() => read("17 * * * * root cd / && run-parts /etc/cron.hourly")).toThrow(/system-crontab/);
  });

  it("has users before its commands, whose homes they start in; another's job comes in off", () => {
    const [hourly, save, own] = readSystemCrontab(SYSTEM, FACTS);
    expect([hourly, save, own].map((each) => each && commandOf(each))).toEqual([
      "cd / && run-parts --report /etc/cron.hourly",
      "/usr/bin/save",
      "/usr/bin/own",
    ]);
    expect(hourly?.holds).toEqual(["it ran as root: here as the gateway's user"]);
    expect(save?.job).toMatchObject({ payload: { cwd: "/var/backups" } });
    expect(own?.holds).toEqual([]);
    expect(own?.job?.["declarationKey"]).toMatch(/^system-crontab:/);
    expect(readSystemCrontab("1 2 * * * /usr/bin/x", FACTS)[0]).toMatchObject({
      mistake: true,
      notes: ["the sixth field `/usr/bin/x` is no user: is it a user's crontab?"],
    });
  });

  it("is not seen in a user's, where a command is called as a user is, or only some lines name one", () => {
    expect(commandOf(of("0 1 * * * mail -s hi ann"))).toBe("mail -s hi ann");
    const [root, other] = read("0 1 * * * root cd /\n0 2 * * * elsewhere /usr/bin/x");
    expect([root, other].map((each) => each && commandOf(each))).toEqual(["root cd /", "elsewhere /usr/bin/x"]);
    expect(root?.holds).toEqual([expect.stringContaining("say `--format system-crontab`")]);
    expect(other?.holds).toEqual([]);
  });
});

describe("a line of another scheduler", () => {
  it.each([
    ["*/5 * * * * * * /usr/bin/seven", "seven time fields"],
    ["0 */5 * * * * /usr/bin/six", "six time fields"],
    ["0 10 * * ? *", "AWS"],
    ["15 12 1 * ? * x", "AWS"],
    ["0 0 12 * * ? x", "Quartz"],
    ["H H * * * x", "Jenkins"],
    ["@every 5m x", "Go's cron"],
    ["7 5 weekly run-parts /etc/cron.weekly", "anacrontab"],
    ["[Timer]", "systemd"],
    ["cron(0 10 * * ? *)", "AWS"],
  ])("is a mistake, by name: %s", (line, name) => {
    const candidate = of(line);
    expect(candidate).toMatchObject({ mistake: true, at: "line 1" });
    expect(candidate.notes.join()).toContain(name);
  });
});

it("a range that runs backwards is refused: cron takes it and never runs it", () => {
  for (const [line, list] of [
    ["0 12 * * fri-sun x", "5,6,7,0"],
    ["0 12 * * sat-mon x", "6,7,0,1"],
    ["0 22-2 * * * x", "22,23,0,1,2"],
  ] as const) {
    const candidate = of(line);
    expect(candidate.job).toBeUndefined();
    expect(candidate.mistake).toBeUndefined();
    expect(candidate.notes.join()).toContain("never runs it");
    expect(candidate.notes.join()).toContain(list);
  }
});

it("a field of which cron reads only the beginning is refused, and the other lines come along", () => {
  const [odd, good] = read("*-5 * * * * x\n0 3 * * * y");
  expect(odd).toMatchObject({ notes: [expect.stringContaining("cron reads the beginning")] });
  expect(odd?.mistake).toBeUndefined();
  expect(good?.job).toMatchObject({ schedule: { expr: "0 3 * * *" } });
  expect(of("0 9 * * MON#2 x")).toMatchObject({ mistake: true, notes: [expect.stringContaining("Quartz")] });
});

describe("where Debian's cron and cronie differ", () => {
  it("the plan says so", () => {
    const zone = of("CRON_TZ=Europe/Berlin\n0 3 * * * x").notes.join();
    expect(zone).toContain("Debian's cron ignores it");
    const slashes = of(String.raw`0 3 * * * sed 's/\\./X/g' f`).notes.join();
    expect(slashes).toContain("Debian's cron makes one backslash of two, cronie keeps both");
    expect(of("0 3 * * * sed 's/\\./X/g' f").notes.join()).not.toContain("backslash");
  });
});

it("a line starts in the home directory, and is called what the comment above it says", () => {
  const [named, plain, off] = read("# Nightly backup:\n0 3 * * * b\n\n0 4 * * * c\n#0 5 * * * old\n0 6 * * * d");
  expect([named, plain, off].map((each) => each?.name)).toEqual(["Nightly backup", "c", "d"]);
  expect(named?.job).toMatchObject({ name: "Nightly backup", payload: { cwd: "/home/ann" } });
  const [below] = read("#command-cron runs this# 0 1 * * * taken\n0 2 * * * next");
  expect(below?.name).toBe("next");
});
