import { describe, expect, it } from "vitest";
import { page as listed, run } from "../entries.ts";
import { command } from "../terminal.ts";

const REQUEST = {
  runId: "7c1e0000-1111-4222-8333-444455556666",
  attempt: 1,
  jobId: "j",
  jobName: "Deploy",
  state: "waiting" as const,
  risk: "write_external" as const,
  why: "it restarts the shop",
  command: "./deploy.sh prod",
  hash: "3f9a0c12be77aaaa",
  plan: "would change\n3 files\n",
  requestedAtMs: 0,
  expiresAtMs: 3_600_000,
};
const page = (approvals: object[]) => ({
  approvals: () =>
    ({ approvals, total: approvals.length, offset: 0, limit: 50, hasMore: false, nextOffset: null }) as never,
});

describe("run --wait", () => {
  it("says once for each attempt that it waits for a person", async () => {
    const { attempts: _a, status: _s, ...entry } = run();
    const held = { ...entry, runId: REQUEST.runId, runStatus: "awaiting_approval" as const };
    const looks = [
      { ...held, attempts: [] },
      { ...held, attempts: [] },
      { ...held, attempts: [{ attempt: 1 }] },
      run({ runId: REQUEST.runId }),
    ];
    const call = async (method: string) =>
      method.endsWith(".run")
        ? { ok: true, enqueued: true, runId: REQUEST.runId }
        : { ...listed, entries: [looks.shift()] };
    const { stderr, code } = await command(["run", "Deploy", "--wait"], { call: call as never });
    const line = "It waits for approval: command-cron approvals 7c1e0000\n";
    expect([code, stderr]).toEqual([0, line + line]);
  });
});

describe("approvals", () => {
  it("lists what waits; of one run all that a person decides by", async () => {
    const listed = await command(["approvals"], { answers: page([REQUEST]) });
    expect(listed.asked).toEqual([["approvals", {}]]);
    expect(listed.stdout).toMatch(/7c1e0000 .*Deploy .*write_external .*waiting .*3f9a0c12be77/);
    const one = await command(["approvals", "7c1e"], { answers: page([REQUEST]) });
    expect(one.asked).toEqual([["approvals", { runId: "7c1e", all: true }]]);
    for (const said of [
      "it restarts the shop",
      "./deploy.sh prod",
      "  would change\n  3 files",
      "approve 7c1e0000 --hash 3f9a0c12be77",
    ]) {
      expect(one.stdout).toContain(said);
    }
    expect((await command(["approvals"], { answers: page([]) })).stdout).toBe("Nothing waits.\n");
    const decided = { ...REQUEST, state: "approved", decidedBy: "anna", decidedAtMs: 1_000, door: "gateway" };
    const all = await command(["approvals", "7c1e"], { answers: page([decided]) });
    expect(all.stdout).toContain("by anna through the gateway's approvals");
    expect(all.stdout).not.toContain("--hash");
  });
});

describe("a decision", () => {
  it("names the run, and what was looked at", async () => {
    const answers = { approve: async () => ({ ...REQUEST, state: "approved" as const }) };
    const { asked } = await command(["approve", "7c1e", "--hash", "3F9A0C12"], { answers });
    expect(asked).toEqual([["approve", { runId: "7c1e", hash: "3f9a0c12" }]]);
  });

  it("against it needs a reason", async () => {
    const without = await command(["reject", "7c1e"]);
    expect(without).toMatchObject({ code: 2, asked: [] });
    expect(without.stderr).toContain("--reason: ");
    const answers = { reject: async () => ({ ...REQUEST, state: "rejected" as const }) };
    const { asked } = await command(["reject", "7c1e", "--reason", "not now"], { answers });
    expect(asked).toEqual([["reject", { runId: "7c1e", reason: "not now" }]]);
  });
});
