import { expect, it } from "vitest";
import type { CronJob, Fields } from "../../../src/host/cron/service.ts";
import { CALLER } from "../../helpers/engine.ts";
import { agent, command, describeCommandJobs } from "./seam-bench.ts";

describeCommandJobs((bench) => {
  const { added, attach, ours } = bench;

  it("are kept by the plugin from their creation on, and run there", async () => {
    const { cron, fake, test } = bench;
    test.runner.auto = true;
    await attach();
    const job = await added(command());
    expect(fake.state.jobs).toEqual([]);
    expect(ours().map(({ id, name }) => [id, name])).toEqual([[job.id, "Probe"]]);
    expect(job).toMatchObject({
      name: "Probe",
      payload: { kind: "command", argv: ["sh", "-lc", "echo hi"] },
      description: "Command",
      state: { nextRunAtMs: expect.any(Number) },
    });
    expect(job).not.toHaveProperty("policy");
    expect(job).not.toHaveProperty("configRevision");
    expect(await cron.readJob(job.id)).toEqual(job);
    expect(cron.getJob(job.id)).toEqual(job);
    const run = await cron.enqueueRun(job.id, "force", {});
    expect(run).toEqual({ ok: true, enqueued: true, runId: expect.any(String) });
    await test.clock.advance(1);
    expect(test.engine.getRun(String(run["runId"])).runStatus).toBe("succeeded");
    expect((await cron.readJob(job.id))?.state).toMatchObject({ lastRunStatus: "ok", consecutiveErrors: 0 });
  });

  it("of every other kind pass through untouched", async () => {
    const { cron, fake } = bench;
    await attach();
    const kinds: Fields[] = [
      agent(),
      agent({ payload: { kind: "systemEvent", text: "x" }, sessionTarget: "main" }),
      command({ schedule: { kind: "on-exit", command: "x" } }),
      command({ trigger: { script: "json({fire:true})" } }),
      command({ pacing: { min: "5m" } }),
      command({ payload: { kind: "command", argv: ["x"], toolsAllow: ["read"] } }),
      command({ declarationKey: "openclaw-backup-scheduled" }),
    ];
    for (const input of kinds) await added(input);
    expect(fake.state.jobs).toHaveLength(kinds.length);
    expect(ours()).toEqual([]);
    const [job] = fake.state.jobs;
    await cron.updateWithPrecondition(String(job?.id), { enabled: false }, undefined, {});
    expect(await cron.enqueueRun(String(job?.id), "force", {})).toMatchObject({ runId: `manual:${job?.id}` });
    expect(await cron.readScratch(String(job?.id))).toEqual({ currentRevision: 3 });
    expect(await cron.remove(String(job?.id), {})).toEqual({ ok: true, removed: true });
    expect(fake.state.calls.filter((name) => name !== "add")).toEqual(["update", "enqueueRun", "remove"]);
  });

  it("are changed by the gateway's rules for what a patch leaves out", async () => {
    const { cron, test } = bench;
    await attach();
    const { id } = await added(
      command({
        delivery: { mode: "announce", channel: "irc", to: "#ops" },
        schedule: { kind: "every", everyMs: 60_000 },
      }),
    );
    const edit = (patch: Fields) => cron.updateWithPrecondition(id, patch, undefined, {});
    expect((await edit({ payload: { kind: "command", timeoutSeconds: 42 } })).payload).toEqual({
      kind: "command",
      argv: ["sh", "-lc", "echo hi"],
      timeoutSeconds: 42,
    });
    const anchor = ((await edit({ name: "Other" }))["schedule"] as Fields)["anchorMs"];
    expect(anchor).toBeTypeOf("number");
    await test.clock.advance(10_000);
    expect((await edit({ schedule: { kind: "every", everyMs: 60_000 } }))["schedule"]).toMatchObject({
      anchorMs: anchor,
    });
    expect((await edit({ schedule: { kind: "every", everyMs: 30_000 } }))["schedule"]).toMatchObject({
      anchorMs: test.clock.nowMs(),
    });
    expect((await edit({ delivery: { mode: "none" } }))["delivery"]).toMatchObject({ mode: "none" });
    expect((await edit({ delivery: { mode: "announce" } }))["delivery"]).toEqual({
      mode: "announce",
      channel: "irc",
      to: "#ops",
    });
    const at = new Date(test.clock.nowMs() + 3_600_000).toISOString();
    expect(await edit({ schedule: { kind: "at", at } })).toMatchObject({ deleteAfterRun: true });
    expect(await edit({ schedule: { kind: "cron", expr: "0 9 * * *" } })).toMatchObject({ deleteAfterRun: false });
    expect(ours()[0]).toMatchObject({ name: "Other", schedule: { expr: "0 9 * * *" } });
  });

  it("show their own description, and keep it when an edit sends it back", async () => {
    const { cron } = bench;
    await attach();
    const { id } = await added(command({ description: "how deep" }));
    const shown = await cron.readJob(id);
    expect(shown?.description).toBe("how deep");
    await cron.update(id, { description: shown?.description, name: "Again" }, {});
    expect(ours()[0]).toMatchObject({ name: "Again", description: "how deep" });
  });

  it("are refused in words the gateway shows to its caller", async () => {
    const { cron } = bench;
    await attach();
    await expect(added(command({ payload: { kind: "command", argv: ["a\0b"] } }))).rejects.toThrow(TypeError);
    const { id } = await added(command());
    const wrong = cron.updateWithPrecondition(id, { payload: { kind: "command", argv: [] } }, undefined, {});
    await expect(wrong).rejects.toThrow(/payload\.argv/);
    await expect(wrong).rejects.toBeInstanceOf(TypeError);
    await expect(cron.update(id, { trigger: { script: "x" } }, {})).rejects.toThrow(/trigger/);
    await expect(cron.enqueueRun("nobody", "force", {})).rejects.toThrow("unknown cron job id: nobody");
    expect(await cron.remove("nobody", {})).toEqual({ ok: true, removed: false });
    await expect(cron.writeScratch(id, { content: "x" })).rejects.toThrow(TypeError);
    expect(await cron.readScratch(id)).toEqual({ currentRevision: 0 });
    expect(ours()).toHaveLength(1);
  });

  it("are not created for an agent's session", async () => {
    await attach();
    await expect(added(command({ owner: { agentId: "main", sessionKey: "agent:main:main" } }))).rejects.toThrow(
      /agents/i,
    );
    expect(ours()).toEqual([]);
  });

  it("change only while the caller still has the right and the job is as it was looked at", async () => {
    const { cron, test } = bench;
    await attach();
    const revoked = () => {
      throw new TypeError("no longer active");
    };
    await expect(cron.add(command(), { commitGuard: revoked })).rejects.toThrow("no longer active");
    const { id } = await added(command());
    await expect(cron.update(id, { name: "x" }, { commitGuard: revoked })).rejects.toThrow("no longer active");
    await expect(cron.remove(id, { commitGuard: revoked })).rejects.toThrow("no longer active");
    await expect(cron.enqueueRun(id, "force", { commitGuard: revoked })).rejects.toThrow("no longer active");
    class Stale extends Error {}
    const stale = cron.updateWithPrecondition(id, { name: "x" }, () => Promise.reject(new Stale()), {});
    await expect(stale).rejects.toBeInstanceOf(Stale);
    let looks = 0;
    const job = await cron.updateWithPrecondition(
      id,
      { name: "mine" },
      async () => {
        looks += 1;
        if (looks === 1) await test.engine.updateJob(id, { description: "theirs" }, CALLER);
      },
      {},
    );
    expect(looks).toBe(2);
    expect(job).toMatchObject({ name: "mine", description: "theirs" });
  });

  it("end their run when they are disabled or removed, as the gateway does", async () => {
    const { cron, test } = bench;
    await attach();
    for (const end of [(id: string) => cron.update(id, { enabled: false }, {}), (id: string) => cron.remove(id, {})]) {
      const { id } = await added(command());
      const { runId } = await cron.enqueueRun(id, "force", {});
      await test.clock.advance(1);
      expect(test.engine.getRun(String(runId)).runStatus).toBe("running");
      expect(await cron.enqueueRun(id, "force", {})).toEqual({ ok: true, ran: false, reason: "already-running" });
      await end(id);
      expect(test.engine.getRun(String(runId)).runStatus).toBe("canceled");
    }
  });

  it("are declared once and then made to match", async () => {
    const { cron } = bench;
    await attach();
    const declared = command({ declarationKey: "probe" });
    const first = await cron.add(declared, { enabledExplicit: true });
    expect(first).toMatchObject({ created: true, job: { declarationKey: "probe" } });
    expect(first).not.toHaveProperty("updated");
    const again = await cron.add(declared, { enabledExplicit: true });
    expect(again).toMatchObject({ created: false, updated: false });
    await cron.update((again as { job: CronJob }).job.id, { enabled: false, name: "Mine" }, {});
    const { enabled: _enabled, ...implicit } = command({
      declarationKey: "probe",
      name: "Theirs",
      payload: { kind: "command", argv: ["true"], cwd: "/tmp" },
    });
    const changed = await cron.add({ ...implicit, enabled: true }, { enabledExplicit: false });
    expect(changed).toMatchObject({ created: false, updated: true, job: { enabled: false, name: "Mine" } });
    expect(ours()).toMatchObject([{ payload: { argv: ["true"], cwd: "/tmp" }, enabled: false }]);
    await expect(cron.add(declared, { matchesExisting: () => false })).rejects.toThrow(/another owner/);
  });

  it("stay with the gateway when it has the declaration already", async () => {
    const { cron, fake } = bench;
    await added(command({ declarationKey: "old" }));
    await attach();
    expect(await cron.add(command({ declarationKey: "old" }), {})).toMatchObject({ created: false });
    expect(ours()).toEqual([]);
    expect(fake.state.jobs).toHaveLength(1);
  });

  it("move when they are declared as something else, for their own owner only", async () => {
    const { cron, fake } = bench;
    await attach();
    const { id } = await added(command({ declarationKey: "probe" }));
    const other = agent({ declarationKey: "probe", agentId: "other" });
    const result = await cron.add(other, { matchesExisting: (job) => job["agentId"] === "other" });
    expect(result).toMatchObject({ created: true });
    expect(ours().map((one) => one.id)).toEqual([id]);
    expect(fake.state.jobs).toMatchObject([{ agentId: "other", payload: { kind: "agentTurn" } }]);

    fake.state.jobs = [];
    expect(await cron.add(agent({ declarationKey: "probe" }), { matchesExisting: () => true })).toMatchObject({
      created: false,
      job: { id, payload: { kind: "agentTurn" } },
    });
    expect(ours()).toEqual([]);
  });

  it.each([
    ["by its rule", (job: CronJob) => job.payload.kind !== "command"],
    ["by the owner alone", () => true],
    ["without a rule", undefined],
  ])("cannot be declared away for an agent's session: %s", async (_how, matchesExisting) => {
    const { cron, fake } = bench;
    await added(command({ id: "adopted", declarationKey: "old" }));
    await attach();
    await bench.seam.moves()?.adopt({ id: "adopted", apply: true }, CALLER);
    await added(command({ id: "created", declarationKey: "new" }));
    const before = structuredClone(fake.state.jobs);
    const owner = { agentId: "main", sessionKey: "agent:main:main", accountId: "default" };
    for (const declarationKey of ["old", "new"]) {
      const options = matchesExisting === undefined ? {} : { matchesExisting };
      expect(await cron.add(agent({ declarationKey, owner }), options)).toMatchObject({ created: true });
    }
    expect(ours().map((one) => [one.id, one.enabled])).toEqual([
      ["adopted", true],
      ["created", true],
    ]);
    expect(fake.state.jobs).toMatchObject([
      ...before,
      { declarationKey: "old", owner },
      { declarationKey: "new", owner },
    ]);
  });

  it("are not given back onto another job with their declaration key", async () => {
    const { cron, fake } = bench;
    await attach();
    const { id } = await added(command({ declarationKey: "probe" }));
    await cron.add(agent({ id: "theirs", declarationKey: "probe", owner: { agentId: "main" } }), {});
    const before = structuredClone(fake.state.jobs);
    await expect(bench.seam.moves()?.release({ id, apply: true }, CALLER)).resolves.toMatchObject({
      plan: [{ action: "refused", detail: expect.stringMatching(/declarationKey .* theirs/) }],
    });
    expect(fake.state.jobs).toEqual(before);
    expect(ours().map((one) => [one.id, one.enabled])).toEqual([[id, true]]);
  });

  it("move when an edit turns an agent's job into a command, and back", async () => {
    const { cron, fake } = bench;
    await attach();
    const { id } = await added(agent());
    const job = await cron.updateWithPrecondition(id, { payload: { kind: "command", argv: ["true"] } }, undefined, {});
    expect(job).toMatchObject({ id, payload: { kind: "command", argv: ["true"] } });
    expect(ours().map((one) => [one.id, one.enabled])).toEqual([[id, true]]);
    expect(fake.state.jobs.find((one) => one.id === id)?.enabled).toBe(false);
    const back = await cron.updateWithPrecondition(
      id,
      { payload: { kind: "agentTurn", message: "hello" } },
      undefined,
      {},
    );
    expect(back).toMatchObject({ id, enabled: true, payload: { kind: "agentTurn", message: "hello" } });
    expect(ours()).toEqual([]);
    expect(fake.state.jobs.map((one) => [one.id, one.enabled])).toEqual([[id, true]]);
  });

  it("come back when the gateway refuses what they should be turned into", async () => {
    const { cron } = bench;
    await attach();
    const { id } = await added(command());
    const refuse = () => Promise.reject(new TypeError("message is empty"));
    const patch = { payload: { kind: "agentTurn", message: "" } };
    await expect(cron.updateWithPrecondition(id, patch, refuse, {})).rejects.toThrow("message is empty");
    expect(ours().map((one) => [one.id, one.enabled])).toEqual([[id, true]]);
  });
});
