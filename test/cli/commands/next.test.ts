import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../../src/engine/api.ts";
import { command, NOW } from "../terminal.ts";

describe("next", () => {
  const instants = [
    { atMs: NOW, utc: "", local: "2027-03-28 03:00:00", offset: "+02:00", change: "gap" },
    { atMs: NOW + 60_000, utc: "", local: "2027-03-28 03:01:00", offset: "+02:00" },
  ];
  const answers: Partial<EngineApi> = { next: () => ({ instants, timeZone: "Europe/Berlin" }) };

  it("marks clock changes and names the zone", async () => {
    const { stdout, stderr } = await command(["next", "Disk"], { answers });
    expect(stdout.split("\n")).toEqual([
      "  2027-03-28 03:00:00 +02:00  2027-01-15 12:00:00Z  now       the clock has gone forward",
      "  2027-03-28 03:01:00 +02:00  2027-01-15 12:01:00Z  in 1 min",
      "",
    ]);
    expect(stderr).toBe("time zone: Europe/Berlin\n");
  });

  it.each([
    ["*/5 * * * *", { schedule: { kind: "cron", expr: "*/5 * * * *" } }],
    ["0 0 3 * * MON", { schedule: { kind: "cron", expr: "0 0 3 * * MON" } }],
    ["every 10m", { schedule: { kind: "every", everyMs: 600_000 } }],
    ["20m", { schedule: { kind: "at", at: new Date(NOW + 1_200_000).toISOString() } }],
    ["1h30m", { schedule: { kind: "at", at: new Date(NOW + 5_400_000).toISOString() } }],
    ["5 minutes", { schedule: { kind: "at", at: new Date(NOW + 300_000).toISOString() } }],
    ["12345678", { id: "12345678" }],
    ["2027-02-01T09:00:00Z", { schedule: { kind: "at", at: "2027-02-01T09:00:00Z" } }],
    ["Disk", { id: "Disk" }],
    ["5b1c0f6e", { id: "5b1c0f6e" }],
    ["Check all of the disks", { id: "Check all of the disks" }],
    ["every day", { id: "every day" }],
  ])("tells that %j is %j", async (text, params) => {
    expect((await command(["next", text])).asked).toEqual([["next", params]]);
  });

  it("takes count and zone", async () => {
    const { asked } = await command(["next", "30 2 * * *", "--tz", "Europe/Berlin", "--count", "3"]);
    expect(asked).toEqual([
      ["next", { schedule: { kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" }, count: 3 }],
    ]);
  });

  it.each([
    ["Backup", "a job, which has its own"],
    ["every 10m", '"every 10m"'],
  ])("refuses a zone that %s would not be read in", async (text, got) => {
    const { code, stderr, asked } = await command(["next", text, "--tz", "Mars/Base"]);
    expect(stderr).toMatch(/^error: --tz: the command line cannot be read\. Expected /);
    expect(stderr).toContain(`Got ${got}.`);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  });

  it("says when nothing comes any more", async () => {
    const none: Partial<EngineApi> = { next: () => ({ instants: [], timeZone: "UTC" }) };
    expect((await command(["next", "Disk"], { answers: none })).stdout).toBe("Never again.\n");
    expect(JSON.parse((await command(["next", "Disk", "--json"], { answers: none })).stdout)).toEqual({
      instants: [],
      timeZone: "UTC",
    });
  });
});
