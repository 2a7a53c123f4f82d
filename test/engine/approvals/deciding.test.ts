import { beforeEach, describe, expect, it } from "vitest";
import { CALLER } from "../../helpers/engine.ts";
import { ANNA, asked, gated, pass, settle, standing, startTestEngine, type TestEngine, waiting } from "./gated.ts";

const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;
const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;

let test: TestEngine;
beforeEach(async () => {
  const quietHours = [{ start: "00:00", end: "23:59", tz: "UTC" }];
  test = await startTestEngine({ config: { alerts: { destination: OPS }, delivery: { quietHours } } });
});

async function request(change: Parameters<typeof gated>[0] = {}) {
  const id = await test.add(gated({ schedule: never, ...change }));
  await test.engine.runJob(id, CALLER, {});
  return { id, ...(await asked(test)) };
}
const starts = (): string[] => test.runner.started.map(({ attemptKey }) => attemptKey);

describe("an approval", () => {
  it("starts its run, once, and is on record with who and when", async () => {
    const { runId, hash } = await request();
    const approved = await test.engine.approve(runId.slice(0, 8), { hash: hash?.slice(0, 12) ?? "" }, ANNA);
    expect(approved).toMatchObject({
      state: "approved",
      decidedBy: "anna",
      door: "api",
      decidedAtMs: test.clock.nowMs(),
    });
    await settle(10);
    expect(starts()).toEqual([`${runId}.1`]);
    expect(test.runner.started[0]?.approved?.parts).toMatchObject({ arguments: expect.any(String) });
    test.runner.end(`${runId}.1`);
    await settle(10);
    expect(standing(test)).toEqual(["succeeded"]);
    expect(waiting(test)).toEqual([]);
  });

  it("stays on record with what was approved, whatever the job has become since", async () => {
    const policy = { approval: { required: true as const, reason: "it restarts" }, risk: "write_local" as const };
    const { id, runId } = await request({ payload: { kind: "command", argv: ["deploy", "shop"] }, policy });
    await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    test.runner.end(`${runId}.1`);
    await settle(10);
    const record = () => test.engine.approvals({ runId, limit: 1, offset: 0 }).approvals[0];
    const approved = { command: "deploy shop", risk: "write_local", why: "it restarts" };
    await test.engine.updateJob(id, { payload: { kind: "command", argv: ["harmless"] } }, CALLER);
    expect(record()).toMatchObject(approved);
    await test.engine.removeJob(id, CALLER);
    expect(record()).toMatchObject(approved);
  });

  it("is given once: not twice, not by two people at once, not for a run that is gone, not with an old hash", async () => {
    const { runId } = await request();
    await expect(test.engine.approve(runId, { hash: "00000000" }, ANNA)).rejects.toMatchObject({
      code: "APPROVAL_OUTDATED",
    });
    const both = await Promise.allSettled([
      test.engine.approve(runId, {}, ANNA),
      test.engine.reject(runId, { reason: "no" }, { label: "bert" }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(test.engine.approve(runId, {}, ANNA)).rejects.toMatchObject({
      code: "APPROVAL_DECIDED",
      message: expect.stringContaining("approved by anna"),
    });
    await settle(10);
    expect(starts()).toHaveLength(1);
    await expect(test.engine.approve("no-such-run", {}, ANNA)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    const list = () => test.engine.approvals({ runId: "no-such-run", limit: 1, offset: 0 });
    expect(list).toThrow(expect.objectContaining({ code: "RUN_NOT_FOUND" }));
    const plain = await test.add({ name: "plain", schedule: never });
    const { runId: other = "" } = await test.engine.runJob(plain, CALLER, {});
    await expect(test.engine.approve(other, {}, ANNA)).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
  });

  it("of a run that was claimed and given back, since the gateway stopped, still counts after the restart", async () => {
    const { runId } = await request();
    const { ledger } = test.engine.inside;
    await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    // As if the runner had never heard of it.
    test.runner.running.clear();
    ledger.runs.putBack(runId, test.clock.nowMs());
    await test.restart();
    await settle(10);
    expect(waiting(test)).toEqual([]);
    expect(starts()).toEqual([`${runId}.1`, `${runId}.1`]);
    test.runner.end(`${runId}.1`);
    await settle(10);
    expect(standing(test)).toEqual(["succeeded"]);
  });

  it("waits for the plan, whose words it binds; a plan that fails leaves nothing to approve", async () => {
    const plan = { argv: ["sh", "-c", "list"] };
    const id = await test.add(gated({ schedule: never, policy: { approval: { required: true, plan } } }));
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    const [planned] = test.runner.started;
    expect(planned).toMatchObject({ argv: plan.argv, env: { OPENCLAW_STEP: "plan" }, timeoutMs: 60_000 });
    const [before] = waiting(test);
    expect(before).toMatchObject({ state: "preparing" });
    await expect(test.engine.approve(before?.runId ?? "", {}, ANNA)).rejects.toMatchObject({
      code: "APPROVAL_PREPARING",
    });
    test.runner.end(planned?.attemptKey ?? "", { out: "would remove 3 files\n" });
    const first = await asked(test);
    expect(first).toMatchObject({ state: "waiting", plan: "would remove 3 files" });
    expect(test.sent.at(-1)?.text).toContain("Plan:\nwould remove 3 files");
    await test.engine.reject(first.runId, { reason: "not now" }, ANNA);

    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", { err: "no such host\n", exitCode: 2 });
    await settle(10);
    const [, failed] = test.engine.runs({ limit: 5, offset: 0, sortDir: "asc" }).entries;
    expect(failed).toMatchObject({
      runStatus: "failed",
      error: expect.stringContaining("its plan failed (exit code 2): no such host"),
    });
    expect(waiting(test)).toEqual([]);
  });

  it("is asked for once more by a gateway that was away while the plan ran", async () => {
    const plan = { argv: ["list"] };
    const id = await test.add(gated({ schedule: never, policy: { approval: { required: true, plan } } }));
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    await test.restart();
    await settle(10);
    test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", { out: "3" });
    expect(await asked(test)).toMatchObject({ plan: "3" });
    expect(test.runner.started.every(({ argv }) => argv[0] === "list")).toBe(true);
  });

  it("binds every attempt by itself", async () => {
    const retry = { maxAttempts: 2, delaySeconds: 1 };
    const { runId } = await request({ policy: { approval: { required: true }, retry } });
    await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    test.runner.end(`${runId}.1`, { exitCode: 1 });
    await pass(test, 1_000);
    expect(await asked(test)).toMatchObject({ runId, attempt: 2 });
    await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    expect(starts()).toEqual([`${runId}.1`, `${runId}.2`]);
  });
});

describe("an attempt that has failed", () => {
  const policy = {
    approval: { required: true as const, expiresSeconds: 600 },
    retry: { maxAttempts: 2, delaySeconds: 1 },
  };

  /** The first attempt has failed, and the second is asked for. */
  async function failedOnce() {
    const made = await request({ policy, failureAlert: { after: 1, mode: "announce", channel: "irc", to: "#ops" } });
    await test.add({ name: "follower", schedule: { kind: "after", job: made.id, on: "failure" } });
    await test.engine.approve(made.runId, {}, ANNA);
    await settle(10);
    test.runner.end(`${made.runId}.1`, { exitCode: 7, err: "disk is full\n" });
    await pass(test, 1_000);
    await asked(test);
    return made;
  }
  const NEXT: Record<string, (made: { id: string; runId: string }) => Promise<unknown>> = {
    approval_expired: () => pass(test, 600_000),
    approval_rejected: ({ runId }) => test.engine.reject(runId, { reason: "enough" }, ANNA),
    approval_voided: ({ id }) => test.engine.updateJob(id, { description: "new" }, CALLER),
    async changed_after_approval({ runId }) {
      await test.engine.approve(runId, {}, ANNA);
      await settle(10);
      const error = { code: "CHANGED_AFTER_APPROVAL" as const, message: "it is not what was approved: file x" };
      test.runner.end(`${runId}.2`, { outcome: "spawn_failed", exitCode: null, error });
    },
  };

  it.each(Object.keys(NEXT))(
    "stays a failure, is told and followed as one, when the next ends as %s",
    async (reason) => {
      const made = await failedOnce();
      await NEXT[reason]?.(made);
      await pass(test, 1_000);
      expect(standing(test)[0]).toBe(`failed: ${reason}`);
      expect(test.engine.getRun(made.runId)).toMatchObject({
        exitCode: 7,
        error: expect.stringMatching(/^command exited with code 7; not tried again: /),
      });
      expect(test.engine.getJob(made.id).state).toMatchObject({ lastStatus: "error", consecutiveErrors: 1 });
      expect(test.sent.map(({ text }) => text)).toContainEqual(expect.stringMatching(/exit 7[\s\S]+disk is full/));
      expect(standing(test)[1]).toBe("running");
      expect((await test.engine.checkLedger()).problems).toEqual([]);
    },
  );
});

describe("a rejection", () => {
  it("ends the run as skipped, with the reason, and nothing follows it", async () => {
    const { id, runId } = await request();
    await test.add({ name: "follower", schedule: { kind: "after", job: id, on: "complete" } });
    await test.engine.reject(runId, { reason: "not before the backup" }, ANNA);
    await settle(10);
    expect(standing(test)).toEqual(["skipped: approval_rejected"]);
    expect(test.engine.getRun(runId)).toMatchObject({
      status: "skipped",
      error: expect.stringContaining("not before the backup"),
      attempts: [],
    });
    expect(starts()).toEqual([]);
    const [entry] = test.engine.approvals({ limit: 1, offset: 0 }).approvals;
    expect(entry).toMatchObject({ state: "rejected", decidedBy: "anna", reason: "not before the backup" });
  });
});

describe("what is asked", () => {
  it("goes out in quiet hours, with job, command, risk, reason and hash, and secrets masked", async () => {
    const { hash = "", runId } = await request({
      name: "Deploy",
      payload: { kind: "command", argv: ["deploy", "--password=hunter2hunter2", "prod"] },
      policy: { risk: "write_local", approval: { required: true, reason: "it restarts the shop" } },
    });
    const text = test.sent.at(-1)?.text ?? "";
    expect(text).toContain("Deploy asks to be approved (risk: write_local)\nit restarts the shop\nCommand: deploy ");
    expect(text).not.toContain("hunter2");
    expect(text).toContain(`command-cron approve ${runId} --hash ${hash.slice(0, 12)}`);
  });

  it("is a hash over everything that is to run; values of secrets are no part of it, and no value can be found from it", async () => {
    const seen = new Set<string>();
    let asks = 0;
    const change = async (payload: object, policy: object = {}) => {
      asks += 1;
      const secrets = { TOKEN: { source: "env" as const, provider: "p", id: "t" } };
      const { hash = "", runId } = await request({
        name: `job ${asks}`,
        payload: { kind: "command", argv: ["true"], env: { A: "1" }, ...payload },
        policy: { env: { secrets }, approval: { required: true }, ...policy },
      });
      seen.add(hash);
      const parts = test.engine.inside.ledger.approvals.latest(runId)?.parts ?? {};
      await test.engine.reject(runId, { reason: "next" }, ANNA);
      return parts;
    };
    const parts = await change({});
    await change({ argv: ["true", "x"] });
    await change({ env: { A: "2" } });
    await change({ env: { A: "1", B: "" } });
    await change({ input: "text" });
    await change({ cwd: "/" });
    await change({}, { verify: { argv: ["true"] } });
    expect(seen.size).toBe(7);
    expect(Object.keys(parts)).toEqual(
      expect.arrayContaining(["variable A", "variable TOKEN", "variable PATH", "arguments", "directory"]),
    );
    expect(JSON.stringify(parts)).not.toMatch(/secret-of|"1"/);
  });
});

describe("an attempt that is not what was approved any more", () => {
  it("is skipped, says what has changed, and is not tried again", async () => {
    const retry = { maxAttempts: 3, delaySeconds: 0 };
    const { runId } = await request({ policy: { approval: { required: true }, retry } });
    await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    const error = { code: "CHANGED_AFTER_APPROVAL" as const, message: "it is not what was approved: file deploy.sh" };
    test.runner.end(`${runId}.1`, { outcome: "spawn_failed", exitCode: null, error });
    await pass(test, 5_000);
    expect(standing(test)).toEqual(["skipped: changed_after_approval"]);
    expect(test.engine.getRun(runId).error).toContain("file deploy.sh");
    expect(starts()).toHaveLength(1);
  });
});
