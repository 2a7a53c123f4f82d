import { describe, expect, it } from "vitest";
import { created, RUN, refused } from "./create-line.ts";
import { NOW } from "./terminal.ts";

describe("a schedule", () => {
  it.each([
    [["0 3 * * *", "--name", "x"], { kind: "cron", expr: "0 3 * * *" }],
    [["0 0 3 * * *", "--name", "x", "--exact"], { kind: "cron", expr: "0 0 3 * * *", staggerMs: 0 }],
    [["every 10m", "--name", "x"], { kind: "every", everyMs: 600_000 }],
    [["x", "--every", "1h30m"], { kind: "every", everyMs: 5_400_000 }],
    [["every 5 minutes", "--name", "x"], { kind: "every", everyMs: 300_000 }],
    [["every hour", "--name", "x"], { kind: "every", everyMs: 3_600_000 }],
    [["every 1 hour and 30 minutes", "--name", "x"], { kind: "every", everyMs: 5_400_000 }],
    [["@daily", "--name", "x"], { kind: "cron", expr: "@daily" }],
    [["Daily", "--name", "x", "--tz", "UTC"], { kind: "cron", expr: "@daily", tz: "UTC" }],
    [["in 20 minutes", "--name", "x"], { kind: "at", at: new Date(NOW + 1_200_000).toISOString() }],
    [["20m", "--name", "x"], { kind: "at", at: new Date(NOW + 1_200_000).toISOString() }],
    [["x", "--at", "+2d"], { kind: "at", at: new Date(NOW + 172_800_000).toISOString() }],
    [["2027-02-01T09:00:00Z", "--name", "x"], { kind: "at", at: "2027-02-01T09:00:00Z" }],
    [["x", "--at", "2027-02-01T09:00:00"], { kind: "at", at: "2027-02-01T09:00:00" }],
    [["x", "--at", "2027-02-01T09:00:00", "--tz", "Europe/Berlin"], { kind: "at", at: "2027-02-01T08:00:00.000Z" }],
    [["x", "--at", "2027-07-01", "--tz", "America/New_York"], { kind: "at", at: "2027-07-01T04:00:00.000Z" }],
    [
      ["x", "--at", "2027-02-01T09:00:00+05:00", "--tz", "Europe/Berlin"],
      { kind: "at", at: "2027-02-01T09:00:00+05:00" },
    ],
    [["x", "--at", "1801000000000"], { kind: "at", at: new Date(1_801_000_000_000).toISOString() }],
  ])("%j is read as the gateway reads it", async (args, schedule) => {
    expect((await created(...args, ...RUN))["schedule"]).toEqual(schedule);
  });

  it.each([
    [
      ["x", "--at", "2027-03-28T02:30:00", "--tz", "Europe/Berlin"],
      "2027-03-28T01:00:00.000Z",
      "left out: the end of the gap",
    ],
    [
      ["x", "--at", "2027-10-31T02:30:00", "--tz", "Europe/Berlin"],
      "2027-10-31T00:30:00.000Z",
      "doubled: its first passing",
    ],
  ])("inside a clock change is one instant", async (args, at) => {
    expect((await created(...args, ...RUN))["schedule"]).toEqual({ kind: "at", at });
  });

  it.each([
    [["--name", "x"], "Expected a schedule"],
    [
      ["x", "--every", "10m", "--cron", "* * * * *"],
      "--cron, --every: the command line cannot be read. Expected exactly one schedule. Got 2.",
    ],
    [
      ["tomorrow", "--name", "x"],
      'Expected an ISO time such as `2027-01-31T09:00:00Z`, or a duration such as `20m`. Got "tomorrow".',
    ],
    [["x", "--every", "10"], 'Expected a duration such as `500ms`, `30s`, `20m`, `1h30m` or `2d`. Got "10".'],
    [
      ["x", "--every", "0s"],
      "--every: the command line cannot be read. Expected a duration longer than nothing. Got 0.",
    ],
    [
      ["x", "--every", "10m", "--tz", "UTC"],
      "--tz: the command line cannot be read. Expected --cron, or an --at without a zone. Got --every.",
    ],
    [["every 10m", "--name", "x", "--tz", "UTC"], 'Expected --cron, or an --at without a zone. Got "every 10m".'],
    [["x", "--every", "10m", "--exact"], "Expected a cron schedule. Got --every."],
    [["20m", "--name", "x", "--stagger", "1m"], 'Expected a cron schedule. Got "20m".'],
    [["* * * * *", "--name", "x", "--stagger", "1m", "--exact"], "--stagger, --exact: "],
    [["x", "--at", "99999999999d"], 'or a duration such as `20m`. Got "99999999999d".'],
    [["x", "--at", "9999999999999999"], "--at: the command line cannot be read. Expected an ISO time"],
    [["x", "--at", " "], "--at: the command line cannot be read. Expected a text that is not blank."],
    [["x", "--at", "2027-02-28T09:00:00", "--tz", "Mars/Olympus"], "--tz: the time zone is unknown."],
    [["x", "--at", "2027-02-31T09:00:00", "--tz", "Europe/Berlin"], "--at: "],
  ])("%j is refused with exit 2 or 1 and a reason", async (args, message) => {
    const { code, stderr } = await refused(...args, ...RUN);
    expect(code).toBe(message.includes("time zone is unknown") ? 1 : 2);
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
  });
});
