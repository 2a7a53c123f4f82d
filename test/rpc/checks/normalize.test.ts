import { describe, expect, it } from "vitest";
import { validateJob, validatePatch } from "../../../src/rpc/index.ts";

const BASE = { schedule: { kind: "cron", expr: "0 * * * *" }, payload: { kind: "command", argv: ["df", "-h"] } };

describe("what the gateway fills in for a command job, we fill in", () => {
  it("names, targets and wakes a bare job as the gateway does; where it speaks is for the config", () => {
    expect(validateJob(BASE)).toEqual({
      ...BASE,
      name: "df -h",
      sessionTarget: "isolated",
      wakeMode: "now",
    });
  });

  it("leaves `enabled` open, so that repeating a declaration keeps it", () => {
    expect(validateJob(BASE)).not.toHaveProperty("enabled");
  });

  it("deletes a one-shot after its run unless told otherwise", () => {
    const at = { ...BASE, schedule: { kind: "at", at: "2030-01-01T00:00:00Z" } };
    expect(validateJob(at).deleteAfterRun).toBe(true);
    expect(validateJob({ ...at, deleteAfterRun: false }).deleteAfterRun).toBe(false);
    expect(validateJob(BASE)).not.toHaveProperty("deleteAfterRun");
  });

  it("takes tags in any order, letters and number for the same, and refuses what is none", () => {
    const tags = (given: unknown) => validateJob({ ...BASE, tags: given }).tags;
    expect(tags([" DB", "nightly", "db"])).toEqual(["db", "nightly"]);
    expect(validatePatch({ tags: ["B", "a"] })).toEqual({ tags: ["a", "b"] });
    expect(validatePatch({ tags: null })).toEqual({ tags: null });
    for (const bad of [
      [""],
      ["a b"],
      ["a,b"],
      ["-a"],
      ["ü"],
      ["x".repeat(51)],
      [1],
      "db",
      Array.from({ length: 21 }, (_, n) => `t${n}`),
    ]) {
      expect(() => tags(bad)).toThrow(/^tags/);
    }
  });

  it("adds no spread to expressions at the top of the hour", () => {
    expect(validateJob(BASE).schedule).toEqual(BASE.schedule);
  });

  it("takes `current` without a session key for `isolated`", () => {
    expect(validateJob({ ...BASE, sessionTarget: "current" }).sessionTarget).toBe("isolated");
    expect(validateJob({ ...BASE, sessionTarget: "current", sessionKey: "agent:main:x" }).sessionTarget).toBe(
      "current",
    );
  });

  it.each([
    [["sh", "-lc", "\n\n  echo hello\nexit 1"], "sh -lc"],
    [["x".repeat(80)], `${"x".repeat(59)}…`],
  ])("infers the name from the first line of the command", (argv, name) => {
    expect(validateJob({ ...BASE, payload: { kind: "command", argv } }).name).toBe(name);
  });

  it("completes a patch by nothing", () => {
    expect(validatePatch({ description: "x" })).toEqual({ description: "x" });
  });
});

describe("spellings the gateway accepts", () => {
  const spelled = (fields: Record<string, unknown>) => validateJob({ ...BASE, ...fields });

  it("takes words in any case and with padding", () => {
    const job = spelled({
      sessionTarget: " Isolated ",
      wakeMode: "NOW",
      payload: { kind: " Command ", argv: ["a"], cwd: " /tmp " },
      schedule: { kind: "CRON", expr: " 0 * * * * ", tz: " UTC " },
      delivery: { mode: " Announce", channel: " IRC ", to: " #ops " },
      name: "  Disk ",
    });
    expect(job).toMatchObject({
      name: "Disk",
      sessionTarget: "isolated",
      wakeMode: "now",
      payload: { kind: "command", cwd: "/tmp" },
      schedule: { kind: "cron", expr: "0 * * * *", tz: "UTC" },
      delivery: { mode: "announce", channel: "irc", to: "#ops" },
    });
  });

  it("keeps the key of a named session as it is written", () => {
    expect(spelled({ sessionTarget: " Session: Agent:Main " }).sessionTarget).toBe("session:Agent:Main");
  });

  it("takes `deliver` for `announce`", () => {
    expect(spelled({ delivery: { mode: "deliver" } }).delivery).toEqual({ mode: "announce" });
  });

  it("takes numbers and booleans as text", () => {
    expect(spelled({ enabled: "False", schedule: { kind: "every", everyMs: "1000.9", anchorMs: "5" } })).toMatchObject({
      enabled: false,
      schedule: { kind: "every", everyMs: 1_000, anchorMs: 5 },
    });
  });

  it("takes epoch milliseconds as `at`", () => {
    expect(spelled({ schedule: { kind: "at", at: "1893456000000" } }).schedule).toEqual({
      kind: "at",
      at: "2030-01-01T00:00:00.000Z",
    });
  });

  it("leaves an `at` alone that no date can hold", () => {
    expect(spelled({ schedule: { kind: "at", at: "9999999999999999" } }).schedule).toMatchObject({
      at: "9999999999999999",
    });
  });

  it("drops a blank time zone and trims variable names", () => {
    expect(spelled({ schedule: { kind: "cron", expr: "* * * * *", tz: " " } }).schedule).toEqual({
      kind: "cron",
      expr: "* * * * *",
    });
    expect(spelled({ payload: { kind: "command", argv: ["a"], env: { " A ": " x " } } }).payload.env).toEqual({
      A: " x ",
    });
  });

  it("cuts a fraction off a byte count", () => {
    expect(spelled({ payload: { kind: "command", argv: ["a"], outputMaxBytes: 10.7 } }).payload.outputMaxBytes).toBe(
      10,
    );
  });
});
