import { describe, expect, it } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { command } from "../terminal.ts";

const COPY = { mode: "announce", channel: "irc", to: "#copy" } as const;

describe("edit", () => {
  const edit = async (args: string[], job: Partial<Job> = {}) => {
    const session = await command(["edit", "Disk", ...args], { answers: { getJob: () => ({ ...JOB, ...job }) } });
    return { ...session, sent: session.asked.at(-1)?.[1] as { patch?: unknown } & Record<string, unknown> };
  };

  it.each<[string[], Record<string, unknown>]>([
    [["--timeout-seconds", "120"], { payload: { kind: "command", timeoutSeconds: 120 } }],
    [["--command", "true"], { payload: { kind: "command", argv: ["sh", "-lc", "true"] } }],
    [["--webhook", "https://x"], { delivery: { mode: "webhook", to: "https://x" } }],
    [["--no-deliver"], { delivery: { mode: "none" } }],
    [["--best-effort-deliver"], { delivery: { bestEffort: true } }],
    [["--no-best-effort-deliver"], { delivery: { bestEffort: false } }],
    [
      ["--clear-channel", "--clear-to", "--clear-account", "--clear-thread-id"],
      { delivery: { channel: null, to: null, accountId: null, threadId: null } },
    ],
    [
      ["--clear-agent", "--clear-session-key", "--clear-display-name"],
      { agentId: null, sessionKey: null, displayName: null },
    ],
    [
      ["--name", "New", "--description", "", "--enable", "--keep-after-run"],
      { name: "New", description: "", enabled: true, deleteAfterRun: false },
    ],
    [["--timeout-seconds", "5m"], { payload: { kind: "command", timeoutSeconds: 300 } }],
    [["--at", "2027-02-01T09:00:00Z"], { schedule: { kind: "at", at: "2027-02-01T09:00:00Z" } }],
    [["--clear-tags", "--add-tag", "new"], { tags: ["new"] }],
    [["--no-failure-alert"], { failureAlert: false }],
    [["--failure-alert"], { failureAlert: {} }],
    [["--clear-failure-alert"], { failureAlert: null }],
    [["--clear-policy"], { policy: null }],
  ])("%j patches only what it names, without reading the job", async (args, patch) => {
    const { asked } = await edit(args);
    expect(asked).toEqual([["update", { id: "Disk", patch }]]);
  });

  it.each<[string[], string[] | null]>([
    [
      ["--add-tag", "new", "--remove-tag", "old"],
      ["kept", "new"],
    ],
    [["--remove-tag", "old", "--remove-tag", "kept"], null],
  ])("%j changes the tags it names, guarded by the revision it read", async (args, tags) => {
    const { sent } = await edit(args, { tags: ["kept", "old"] });
    expect(sent).toEqual({ id: "Disk", patch: { tags }, expectedConfigRevision: "r1" });
  });

  it.each<[string[], unknown]>([
    [
      ["--ask", "failure"],
      [COPY, { mode: "agent", when: "failure", message: "Why?", to: "@ops" }],
    ],
    [
      ["--ask-agent", "ops"],
      [COPY, { mode: "agent", when: "change", message: "Why?", to: "@ops", agentId: "ops" }],
    ],
    [["--no-ask"], [COPY]],
  ])("%j changes whom it asks, and leaves its other receivers", async (args, also) => {
    const asked = { mode: "agent", when: "change", message: "Why?", to: "@ops" } as const;
    const { sent } = await edit(args, { delivery: { mode: "none", also: [asked, COPY] } });
    expect(sent).toEqual({ id: "Disk", patch: { delivery: { also } }, expectedConfigRevision: "r1" });
  });

  it("keeps every field of the stored schedule that it does not name, guarded by the revision it read", async () => {
    const schedule = { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin", staggerMs: 5 } as const;
    const patched = async (args: string[]) => (await edit(args, { schedule })).sent.patch;
    expect((await edit(["--cron", "0 4 * * *"], { schedule })).sent).toEqual({
      id: "Disk",
      patch: { schedule: { ...schedule, expr: "0 4 * * *" } },
      expectedConfigRevision: "r1",
    });
    expect(await patched(["--cron", "0 4 * * *", "--tz", "UTC"])).toEqual({
      schedule: { ...schedule, expr: "0 4 * * *", tz: "UTC" },
    });
    expect(await patched(["--exact"])).toEqual({ schedule: { ...schedule, staggerMs: 0 } });
    expect(await patched(["--tz", "UTC"])).toEqual({ schedule: { ...schedule, tz: "UTC" } });
    expect(await patched(["--every", "5m"])).toEqual({ schedule: { kind: "every", everyMs: 300_000 } });
    const anchored = { kind: "every", everyMs: 60_000, anchorMs: 7 } as const;
    expect((await edit(["--every", "5 minutes"], { schedule: anchored })).sent.patch).toEqual({
      schedule: { ...anchored, everyMs: 300_000 },
    });
  });

  it("changes one field of a policy and leaves its others", async () => {
    const policy = { retry: { maxAttempts: 3, delaySeconds: 5 }, overlap: "skip" } as const;
    expect((await edit(["--retry-delay", "1m"], { policy })).sent.patch).toEqual({
      policy: { retry: { maxAttempts: 3, delaySeconds: 60 }, overlap: "skip" },
    });
    expect((await edit(["--clear-policy", "--overlap", "allow_all"], { policy })).sent.patch).toEqual({
      policy: { retry: null, overlap: "allow_all" },
    });
  });

  it("changes one field of the failure alert and leaves its others", async () => {
    const failureAlert = { after: 5, cooldownMs: 1 };
    expect((await edit(["--failure-alert-after", "2"], { failureAlert })).sent.patch).toEqual({
      failureAlert: { after: 2, cooldownMs: 1 },
    });
  });

  it.each([
    [[], "Expected at least one flag that changes something. Got none."],
    [["--enable", "--disable"], "--enable, --disable: "],
    [["--display-name", "x", "--clear-display-name"], "--display-name, --clear-display-name: "],
    [["--to", "x", "--clear-to"], "--clear-to: "],
    [["--exact"], 'Expected a job with a cron schedule. Got kind "every".'],
    [["--clear-failure-alert", "--failure-alert-after", "1"], "--clear-failure-alert: "],
  ])("%j is refused", async (args, message) => {
    const { stderr, code } = await edit(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
