import { beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../schema/wire/delivery.ts";
import type { JobInput, JobPatch } from "../../schema/wire/job.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/kernel/durations.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher, validateJob } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
/** The gateway has lost its channels. */
let gone = false;
/** What a lookup of a target waits for. */
let lookup: Promise<void> | undefined;
beforeEach(async () => {
  gone = false;
  lookup = undefined;
  test = await startTestEngine({
    deps: {
      resolveTarget: async (destination) => {
        await lookup;
        if (gone) throw new CommandCronError("DELIVERY_TARGET_INVALID", { field: "delivery.channel" });
        return destination;
      },
    },
  });
});

const edit = (id: string, patch: JobPatch) => test.engine.updateJob(id, patch, CALLER);

async function endAll(exitCode: number): Promise<void> {
  for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode });
  await settle(10);
}

describe("a job that its failures have disabled", () => {
  async function disabledJob(trialSeconds = 600): Promise<string> {
    const id = await test.add({ policy: { backoff: false, autoDisable: { after: 2, trialSeconds } } });
    for (let i = 0; i < 2; i += 1) {
      await test.clock.advance(MINUTE_MS);
      await endAll(1);
    }
    expect(test.engine.getJob(id).enabled).toBe(false);
    return id;
  }

  const recorded = (jobId: string): number =>
    test.engine.runs({ jobId, limit: 1, offset: 0, runStatuses: ["skipped"] }).total;

  it.each<[string, JobPatch]>([
    ["of its command", { payload: { argv: ["fixed"] } }],
    ["of its schedule", { schedule: { kind: "every", everyMs: 2 * MINUTE_MS } }],
  ])("still gets its trial after an edit %s", async (_, patch) => {
    const id = await disabledJob();
    expect((await edit(id, patch)).state.nextRunAtMs).toBeGreaterThan(test.clock.nowMs());
    await test.clock.advance(5 * MINUTE_MS);
    expect(recorded(id)).toBeGreaterThan(1);
    await test.clock.advance(7 * MINUTE_MS);
    expect(test.runner.running.size).toBe(1);
    await endAll(0);
    expect(test.engine.getJob(id).enabled).toBe(true);
  });

  it.each([0, 1])("stays disabled by hand, however its trial ends: exit %i", async (exitCode) => {
    const id = await disabledJob();
    await test.clock.advance(11 * MINUTE_MS);
    expect(test.runner.running.size).toBe(1);
    const edited = await edit(id, { enabled: false });
    expect([edited.state.autoDisabled, edited.state.nextRunAtMs]).toEqual([undefined, undefined]);
    await endAll(exitCode);
    await test.clock.advance(2 * HOUR_MS);
    expect(test.runner.running.size).toBe(0);
    expect(test.engine.getJob(id)).toMatchObject({ enabled: false, state: { consecutiveErrors: exitCode * 3 } });
    expect(test.engine.getJob(id).state.autoDisabled).toBeUndefined();
  });

  it("stays so when the failure came while an edit was being checked", async () => {
    const autoDisable = { after: 1, trialSeconds: 600 };
    const id = await test.add({ policy: { autoDisable }, delivery: { mode: "announce", channel: "irc", to: "#ops" } });
    await test.clock.advance(MINUTE_MS);
    let found = (): void => {};
    lookup = new Promise((resolve) => {
      found = resolve;
    });
    const edited = edit(id, { delivery: { to: "#dev" } });
    await settle();
    await endAll(1);
    found();
    expect(await edited).toMatchObject({ enabled: false, delivery: { to: "#dev" }, state: { consecutiveErrors: 1 } });
    await test.clock.advance(11 * MINUTE_MS);
    expect(test.runner.running.size).toBe(1);
  });

  it("gets none when it is declared off: with the same words, or with others", async () => {
    for (const argv of [["fixed"], ["true"]]) {
      const id = await disabledJob();
      const { name, schedule, payload, policy, delivery } = test.engine.getJob(id);
      const job = { name, schedule, payload: { ...payload, argv }, enabled: false };
      const more = { ...(policy === undefined ? {} : { policy }), ...(delivery === undefined ? {} : { delivery }) };
      await test.engine.addJob({ ...job, ...more } as JobInput, CALLER, { id });
      await test.clock.advance(11 * MINUTE_MS);
      expect(test.runner.running.size).toBe(0);
      expect(test.engine.getJob(id)).toMatchObject({ enabled: false });
      await test.engine.removeJob(id, CALLER);
    }
  });

  it("still gets its trial when an import finds it disabled and changes its command", async () => {
    const id = await disabledJob();
    const [entry] = test.engine.exportJobs().jobs as JobInput[];
    const file = { version: 1, jobs: [{ ...entry, payload: { kind: "command", argv: ["fixed"] } }] };
    const { plan } = await test.engine.importJobs(file, { format: "jobs", apply: true, validate: validateJob }, CALLER);
    expect(plan.map(({ action }) => action)).toEqual(["update"]);
    expect(test.engine.getJob(id).payload.argv).toEqual(["fixed"]);
    await test.clock.advance(11 * MINUTE_MS);
    expect(test.runner.running.size).toBe(1);
  });

  it("has a row for each instant without a trial too, and no gap after a success by hand", async () => {
    const id = await disabledJob(0);
    await test.clock.advance(30 * MINUTE_MS);
    expect([recorded(id), test.runner.running.size]).toEqual([30, 0]);
    test.runner.auto = true;
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    expect(test.engine.getJob(id).enabled).toBe(true);
    await test.clock.advance(30 * MINUTE_MS);
    expect(test.engine.status().notices.map(({ code }) => code)).not.toContain("OCCURRENCE_GAP");
  });
});

describe("an edit", () => {
  const chat: Delivery = { mode: "announce", channel: "irc", to: "#ops" };

  it("is not refused for a channel that is gone, unless it is about the delivery", async () => {
    const id = await test.add({ delivery: chat });
    gone = true;
    expect((await edit(id, { payload: { timeoutSeconds: 5 } })).payload.timeoutSeconds).toBe(5);
    for (const patch of [{ delivery: { to: "#dev" } }, { agentId: "ops" }, { sessionKey: "main" }]) {
      await expect(edit(id, patch)).rejects.toMatchObject({ code: "DELIVERY_TARGET_INVALID" });
    }
    expect(await edit(id, { enabled: false })).toMatchObject({ enabled: false, delivery: chat });
  });

  it("is not refused for a pool that is gone, unless it is about the policy", async () => {
    await test.stop();
    test = await startTestEngine({ config: { pools: { slow: 1 } } });
    const id = await test.add({ policy: { pool: "slow" } });
    await test.restart({ config: {} });
    expect((await edit(id, { name: "renamed" })).name).toBe("renamed");
    await expect(edit(id, { policy: { pool: "slow" } })).rejects.toMatchObject({ code: "POOL_UNKNOWN" });
    await expect(edit(id, { policy: { pool: "constructor" } })).rejects.toMatchObject({ code: "POOL_UNKNOWN" });
    expect((await edit(id, { enabled: false })).enabled).toBe(false);
    expect((await edit(id, { policy: { pool: null } })).policy).toEqual({});
  });

  it("of a disabled job's schedule is refused when it cannot be read", async () => {
    const id = await test.add({ enabled: false });
    await expect(edit(id, { schedule: { kind: "cron", expr: "0 25 * * *" } })).rejects.toMatchObject({
      code: "SCHEDULE_INVALID",
    });
  });
});

describe("a webhook address in an edit", () => {
  const HOOK = "https://ops.example.com/h";
  const hook: Delivery = { mode: "webhook", to: HOOK };
  const chat: Delivery = { mode: "announce", channel: "irc", to: "#ops" };

  it.each<[string, Delivery, JobPatch, string]>([
    ["a password", hook, { delivery: { to: "https://user:hunter2@evil/x" } }, "delivery.to"],
    ["a chat's target", hook, { delivery: { to: "#ops" } }, "delivery.to"],
    ["a file", hook, { delivery: { to: "file:///etc/passwd" } }, "delivery.to"],
    ["nothing", hook, { delivery: { to: null } }, "delivery.to"],
    ["a chat's address", chat, { delivery: { mode: "webhook" } }, "delivery.to"],
    ["another further one", hook, { delivery: { also: [{ mode: "webhook", to: "#ops" }] } }, "delivery.also[0].to"],
    ["a failure's nothing", hook, { delivery: { failureDestination: { mode: "webhook" } } }, "failureDestination.to"],
    ["an alert's chat", hook, { failureAlert: { to: "#ops" } }, "failureAlert.to"],
  ])("is held to the rule for new jobs: %s", async (_, delivery, patch, field) => {
    const id = await test.add({ delivery, failureAlert: { mode: "webhook", to: HOOK } });
    const before = test.engine.getJob(id);
    const { dispatch } = createDispatcher(() => test.engine);
    const refused = await Promise.resolve()
      .then(() => dispatch("cron.command.update", { id, patch }, CALLER))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "WEBHOOK_URL_INVALID" });
    expect(String(refused)).toContain(`${field}: the webhook address cannot be used`);
    expect(String(refused)).not.toContain("hunter2");
    expect(test.engine.getJob(id)).toEqual(before);
  });

  it("may be another good one, and does not stand in the way of other edits", async () => {
    const id = await test.add({ delivery: hook });
    const to = "http://127.0.0.1:59/h";
    expect((await edit(id, { delivery: { to } })).delivery).toEqual({ mode: "webhook", to });
    expect((await edit(id, { delivery: { mode: "none" } })).delivery).toEqual({ mode: "none" });
  });
});
