import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../../src/engine/api.ts";
import { delivery, page } from "../entries.ts";
import { command } from "../terminal.ts";

describe("deliveries and lanes", () => {
  const answers: Partial<EngineApi> = {
    listDeliveries: () => ({ deliveries: [delivery(), delivery({ state: "sent", custody: "gateway" })], ...page }),
    getDelivery: () => delivery({ state: "sent", messageIds: ["m-1"], text: "disk full\u001b[2J\n" }),
    dropDelivery: () => delivery({ state: "dead" }),
    settleDelivery: () => delivery({ state: "sent" }),
  };

  it("list state, tries, age and reason", async () => {
    const flags = [
      "--job",
      "Disk",
      "--run-id",
      "7c",
      "--state",
      "open",
      "--to",
      "irc #ops",
      "--limit",
      "5",
      "--offset",
      "1",
    ];
    const { stdout, asked } = await command(["deliveries", "list", ...flags], { answers });
    expect(stdout).toMatch(
      /^91b0aa12 {2}result {2}pending {9}2 {6}2 min ago {2}in 30 s {3}7c1e54d0 {2}announce irc #ops {2}connection refused$/m,
    );
    expect(stdout).toContain("sent (gateway)");
    expect(asked).toEqual([
      ["deliveries", { id: "Disk", runId: "7c", state: "open", destination: "irc #ops", limit: 5, offset: 1 }],
    ]);
    expect((await command(["deliveries", "list"])).stdout).toBe("No deliveries.\n");
    const listDeliveries = () => ({ deliveries: [delivery({ state: "sending", nextAttemptAtMs: 1 })], ...page });
    expect((await command(["deliveries", "list"], { answers: { listDeliveries } })).stdout).toMatch(
      /ago {2}now {7,}7c1e/,
    );
  });

  it("show one with text and receipts, safe to print", async () => {
    const { stdout } = await command(["deliveries", "show", "91b0"], { answers });
    expect(stdout).toMatch(/^message ids: m-1$/m);
    expect(stdout).toContain("text:\n  disk full\n");
    expect(JSON.parse((await command(["deliveries", "show", "91b0", "--json"], { answers })).stdout)).toMatchObject({
      state: "sent",
    });
  });

  it("are retried one by one, by destination or all", async () => {
    expect(await command(["deliveries", "retry", "91b0"])).toMatchObject({
      stdout: "Trying 1 delivery now.\n",
      code: 0,
    });
    expect((await command(["deliveries", "retry", "--to", "irc #ops"])).asked).toEqual([
      ["deliveries.retry", { destination: "irc #ops" }],
    ]);
    expect((await command(["deliveries", "retry", "--all"])).asked).toEqual([["deliveries.retry", { all: true }]]);
    expect((await command(["deliveries", "retry"])).code).toBe(2);
    expect((await command(["deliveries", "retry", "91b0", "--all"])).code).toBe(2);
  });

  it("are dropped, and settled as sent or resend only", async () => {
    expect((await command(["deliveries", "drop", "91b0"], { answers })).stdout).toMatch(/^state: +dead$/m);
    const settled = await command(["deliveries", "settle", "91b0", "sent"], { answers });
    expect(settled.asked).toEqual([["deliveries.settle", { deliveryId: "91b0", as: "sent" }]]);
    const lost = await command(["deliveries", "settle", "91b0", "lost"], { answers });
    expect(lost).toMatchObject({ code: 2, asked: [] });
  });

  it.each(["deliveries", "lanes"])("%s pause and resume a destination", async (group) => {
    expect(await command([group, "pause", "irc #ops"])).toMatchObject({
      stdout: "Paused irc #ops.\n",
      asked: [["lanes.pause", { destination: "irc #ops" }]],
    });
    expect((await command([group, "resume", "irc #ops"])).stdout).toBe("Resumed irc #ops.\n");
    expect((await command([group, "pause", "irc #typo"])).stderr).toMatch(/^note: no job sends there/);
  });

  it("lanes are listed with their state", async () => {
    expect((await command(["lanes", "list"])).stdout).toMatch(/^irc #ops {2}open {3}0 /m);
  });
});

describe("report", () => {
  const WHO = ["--team", "core", "--worker", "w1", "--task-id", "T-17"];

  it("hands every field over byte for byte", async () => {
    const fields = [
      "--progress",
      "3 of 7",
      "--done",
      "完成 ✅ ",
      "--next",
      "النص",
      "--status",
      "blocked",
      "--source",
      "checkpoint-complete",
    ];
    const target = ["--channel", "IRC", "--to", "#ops", "--account", "a", "--thread-id", "5"];
    const { asked, stdout } = await command(["report", ...WHO, ...fields, ...target]);
    expect(asked).toEqual([
      [
        "report",
        {
          team: "core",
          worker: "w1",
          taskId: "T-17",
          progress: "3 of 7",
          done: "完成 ✅ ",
          next: "النص",
          status: "blocked",
          source: "checkpoint-complete",
          to: { mode: "announce", channel: "irc", to: "#ops", accountId: "a", threadId: "5" },
        },
      ],
    ]);
    expect(stdout).toBe("Queued delivery d-1.\n");
  });

  it("dry run prints the text and names what would go first", async () => {
    const answers: Partial<EngineApi> = { report: async () => ({ text: "the report", wouldSendFirst: "d-0" }) };
    const { stdout, stderr, asked } = await command(["report", ...WHO, "--dry-run"], { answers });
    expect(stdout).toBe("the report\n");
    expect(stderr).toBe("Would send first: d-0\n");
    expect(asked[0]?.[1]).toMatchObject({ dryRun: true, status: "normal", source: "manual-checkpoint" });
  });

  it("needs to know who reports, and one kind of destination", async () => {
    expect((await command(["report", "--team", "core"])).stderr).toContain("--worker: ");
    const both = await command(["report", ...WHO, "--webhook", "https://x", "--to", "#ops"]);
    expect(both).toMatchObject({ code: 2, asked: [] });
    expect((await command(["report", ...WHO, "--webhook", "https://x"])).asked[0]?.[1]).toMatchObject({
      to: { mode: "webhook", to: "https://x" },
    });
  });
});
