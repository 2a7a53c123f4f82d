import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attachCronSeam, type CronSeam } from "../../src/host/cron-seam.ts";
import type { CronJob, CronService, Fields } from "../../src/host/cron-service.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { createFakeCron, type FakeCron } from "../helpers/fake-cron.ts";

const command = (fields: Fields = {}): Fields => ({
  name: "Probe",
  enabled: true,
  schedule: { kind: "cron", expr: "*/15 * * * *", tz: "UTC" },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["sh", "-lc", "echo hi"] },
  delivery: { mode: "none" },
  ...fields,
});
const agent = (fields: Fields = {}): Fields => ({
  ...command({ name: "Briefing", payload: { kind: "agentTurn", message: "hello" } }),
  ...fields,
});
const NOTE = /Runs: openclaw command-cron runs \S+$/;

for (const form of ["object", "class"] as const) {
  describe(`command jobs of openclaw cron, whose service is ${form === "class" ? "a class instance" : "a plain object"}`, () => {
    let test: TestEngine;
    let fake: FakeCron;
    let cron: CronService;
    let seam: CronSeam;
    let current: unknown;
    let problems: (string | undefined)[];

    const attach = async (mode: "route" | "off" = "route") => {
      seam = attachCronSeam({
        mode,
        getCron: () => current,
        engine: test.engine,
        clock: test.clock,
        logger: silentLogger,
        report: (problem) => problems.push(problem),
      });
      await seam.refresh();
    };
    const added = async (input: Fields, options: Fields = {}): Promise<CronJob> => {
      const result = await cron.add(input, { enabledExplicit: true, ...options });
      return ("job" in result ? result.job : result) as CronJob;
    };
    const ours = () => test.engine.listJobs({ includeDisabled: true, limit: 200, offset: 0 }).jobs;
    const descriptors = (value: object) =>
      Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(value)).map(([name, own]) => [name, own]));

    beforeEach(async () => {
      test = await startTestEngine();
      fake = createFakeCron(form);
      cron = fake.cron;
      current = cron;
      problems = [];
    });
    afterEach(async () => {
      seam?.detach();
      await test.stop();
    });

    it("are kept by the plugin from their creation on, and run there", async () => {
      test.runner.auto = true;
      await attach();
      const job = await added(command());
      expect(fake.state.jobs).toEqual([]);
      expect(ours().map(({ id, name }) => [id, name])).toEqual([[job.id, "Probe"]]);
      expect(job).toMatchObject({
        name: "Probe",
        payload: { kind: "command", argv: ["sh", "-lc", "echo hi"] },
        description: expect.stringMatching(NOTE),
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

    it("keep their description apart from the note about their runs", async () => {
      await attach();
      const { id } = await added(command({ description: "how deep" }));
      const shown = await cron.readJob(id);
      expect(shown?.description).toBe(`how deep\nRuns: openclaw command-cron runs ${id}`);
      await cron.update(id, { description: shown?.description, name: "Again" }, {});
      expect(ours()[0]).toMatchObject({ name: "Again", description: "how deep" });
    });

    it("are refused in words the gateway shows to its caller", async () => {
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
      expect(job).toMatchObject({ name: "mine", description: expect.stringMatching(/^theirs\n/) });
    });

    it("end their run when they are disabled or removed, as the gateway does", async () => {
      await attach();
      for (const end of [
        (id: string) => cron.update(id, { enabled: false }, {}),
        (id: string) => cron.remove(id, {}),
      ]) {
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
      await added(command({ declarationKey: "old" }));
      await attach();
      expect(await cron.add(command({ declarationKey: "old" }), {})).toMatchObject({ created: false });
      expect(ours()).toEqual([]);
      expect(fake.state.jobs).toHaveLength(1);
    });

    it("move when an edit turns an agent's job into a command, and back", async () => {
      await attach();
      const { id } = await added(agent());
      const job = await cron.updateWithPrecondition(
        id,
        { payload: { kind: "command", argv: ["true"] } },
        undefined,
        {},
      );
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
      await attach();
      const { id } = await added(command());
      const refuse = () => Promise.reject(new TypeError("message is empty"));
      const patch = { payload: { kind: "agentTurn", message: "" } };
      await expect(cron.updateWithPrecondition(id, patch, refuse, {})).rejects.toThrow("message is empty");
      expect(ours().map((one) => [one.id, one.enabled])).toEqual([[id, true]]);
    });

    it("are shown with the gateway's own as one list, in one order, page by page", async () => {
      await attach();
      for (let index = 0; index < 7; index += 1) {
        await added(agent({ name: `agent ${index}` }));
        const job = fake.state.jobs.at(-1);
        if (job !== undefined)
          job.state = { nextRunAtMs: test.clock.nowMs() + 60_000 * (index * 3 + 1) } as CronJob["state"];
      }
      for (let index = 0; index < 9; index += 1) {
        await added(
          command({ name: `probe ${index}`, schedule: { kind: "every", everyMs: 60_000 * (index * 2 + 1) } }),
        );
      }
      await added(command({ name: "probe off", enabled: false }));
      const everything = [...fake.state.jobs, ...(await cron.list({ includeDisabled: true })).filter(isOurCommand)];
      const reference = createFakeCron("object", { jobs: structuredClone(everything) }).cron;
      const asked: Fields[] = [
        {},
        { includeDisabled: true },
        { enabled: "disabled" },
        { query: "PROBE" },
        { query: "agent" },
        { scheduleKind: "every" },
        { lastRunStatus: "unknown", includeDisabled: true },
        { sortBy: "name", sortDir: "desc", includeDisabled: true },
        { sortBy: "updatedAtMs", includeDisabled: true },
        { sortDir: "desc", includeDisabled: true },
      ];
      for (const options of asked) {
        for (const [offset, limit] of [
          [0, 5],
          [3, 4],
          [9, 3],
          [14, 50],
          [99, 5],
        ]) {
          const page = await cron.listPage({ ...options, offset, limit }, undefined);
          const expected = await reference.listPage({ ...options, offset, limit }, undefined);
          const { snapshotRevision: _ours, ...rest } = page;
          const { snapshotRevision: _theirs, ...wanted } = expected;
          expect({ options, ...rest }).toEqual({ options, ...wanted });
        }
      }
      const own = await cron.listPage({ includeDisabled: true }, (job) => job.name.startsWith("probe 1"));
      expect(own.jobs.map(({ name }) => name)).toEqual(["probe 1"]);
    });

    it("are counted in the status, with the next wake of both", async () => {
      await added(agent());
      await attach();
      const before = await cron.status();
      await added(command());
      const after = await cron.status();
      expect(after).toMatchObject({ ...before, jobs: before.jobs + 1 });
      const [job] = fake.state.jobs;
      if (job !== undefined) job.state = {};
      expect((await cron.status()).nextWakeAtMs).toBe(ours()[0]?.state.nextRunAtMs);
    });

    it("change the snapshot revision of a list when they change, and only then", async () => {
      await attach();
      const revision = async () => (await cron.listPage({}, undefined)).snapshotRevision;
      const { id } = await added(command());
      const first = await revision();
      expect(first).toMatch(/^sha256:[\w-]{43}$/);
      expect(await revision()).toBe(first);
      await cron.update(id, { name: "x" }, {});
      expect(await revision()).not.toBe(first);
    });

    it("that were moved here are shown once, and removed on both sides", async () => {
      const { id } = await added(command({ id: "n1" }));
      await attach();
      expect((await seam.custody()?.adopt({ all: true, apply: true }, CALLER))?.plan).toMatchObject([
        { action: "move" },
      ]);
      const page = await cron.listPage({ includeDisabled: true }, undefined);
      expect(page.jobs.map((job) => [job.id, job.enabled])).toEqual([[id, true]]);
      expect((await cron.list({ includeDisabled: true })).map((job) => job.id)).toEqual([id]);
      expect((await cron.status()).jobs).toBe(1);
      expect(await cron.remove(id, {})).toEqual({ ok: true, removed: true });
      expect(fake.state.jobs).toEqual([]);
      expect(ours()).toEqual([]);
    });

    it("leave the gateway's service exactly as it was, once the plugin is gone", async () => {
      const before = descriptors(cron);
      const prototype = descriptors(Object.getPrototypeOf(cron));
      await attach();
      expect(seam.status()).toMatchObject({ mode: "route", active: true });
      expect(descriptors(cron)).not.toEqual(before);
      const wrapped = cron.add;
      seam.detach();
      expect(descriptors(cron)).toEqual(before);
      expect(descriptors(Object.getPrototypeOf(cron))).toEqual(prototype);
      await Reflect.apply(wrapped, cron, [command(), {}]);
      await added(command());
      expect(fake.state.jobs).toHaveLength(2);
      expect(ours()).toEqual([]);
    });

    it("do not take away what somebody else has put over ours", async () => {
      await attach();
      const inner = cron.add;
      const outer: typeof inner = (input, options) => inner(input, options);
      cron.add = outer;
      seam.detach();
      expect(cron.add).toBe(outer);
      await added(command());
      expect(fake.state.jobs).toHaveLength(1);
    });

    it("follow the gateway to a new scheduler, and leave the old one as it was", async () => {
      const before = descriptors(cron);
      await attach();
      const next = createFakeCron(form === "class" ? "object" : "class");
      current = next.cron;
      await test.clock.advance(1_000);
      expect(descriptors(cron)).toEqual(before);
      await next.cron.add(command(), {});
      expect(next.state.jobs).toEqual([]);
      expect(ours()).toHaveLength(1);
      expect(problems).toEqual([undefined, undefined]);
    });

    it("are left to the gateway when that is configured, and can still be moved", async () => {
      await attach("off");
      await added(command({ id: "n1" }));
      expect(fake.state.jobs).toHaveLength(1);
      expect(seam.status()).toMatchObject({ mode: "off", active: false });
      expect(problems).toEqual([undefined]);
      const report = await seam.custody()?.adopt({ all: true, apply: false }, CALLER);
      expect(report?.plan).toMatchObject([{ action: "move", id: "n1" }]);
    });

    it("show the gateway's own jobs while the ledger cannot be read", async () => {
      const { id } = await added(agent());
      await attach();
      const mine = await added(command());
      await test.engine.stop();
      expect((await cron.listPage({}, undefined)).jobs.map((job) => job.id)).toEqual([id]);
      expect((await cron.list({})).map((job) => job.id)).toEqual([id]);
      expect(await cron.readJob(id)).toMatchObject({ id });
      expect(await cron.status()).toMatchObject({ jobs: 1 });
      expect(await cron.updateWithPrecondition(id, { name: "x" }, undefined, {})).toMatchObject({ name: "x" });
      await added(agent({ declarationKey: "key" }));
      await expect(cron.update(mine.id, { name: "x" }, {})).rejects.toThrow();
      await expect(added(command())).rejects.toThrow();
      expect(fake.state.jobs).toHaveLength(2);
      await test.restart();
    });

    it.each([
      ["no service", undefined, /no cron service/],
      [
        "a missing method",
        (service: Fields) => Object.assign(service, { listPage: undefined }),
        /no method `listPage`/,
      ],
      [
        "another arity",
        (service: Fields) => Object.assign(service, { add: (_input: unknown) => {} }),
        /`add` .* 1 param/,
      ],
      ["a sealed object", (service: Fields) => Object.freeze(service), /sealed/],
      ["another status", (service: Fields) => Object.assign(service, { status: async () => ({ ok: 1 }) }), /`status`/],
      [
        "methods that call one another",
        (service: Fields) =>
          Object.assign(service, {
            readJob(id: string) {
              return (service as unknown as CronService).getJob(id);
            },
          }),
        /call one another/,
      ],
      [
        "a page that ignores its filter",
        (service: Fields) =>
          Object.assign(service, {
            listPage: async (_options: unknown, _matches: unknown) => ({ jobs: [], total: 3, limit: 1, hasMore: true }),
          }),
        /`listPage`/,
      ],
    ])("leave a service alone that looks different: %s", async (_what, change, reason) => {
      const strange = createFakeCron(form).cron as unknown as Fields;
      current = change === undefined ? undefined : change(strange);
      const before = descriptors(strange);
      await attach();
      expect(seam.status()).toMatchObject({ active: false, detail: expect.stringMatching(reason) });
      expect(problems.at(-1)).toMatch(reason);
      expect(descriptors(strange)).toEqual(before);
    });

    it("are routed by one instance only", async () => {
      await attach();
      const first = seam;
      await attach();
      expect(seam.status()).toMatchObject({ active: false, detail: expect.stringContaining("another instance") });
      first.detach();
    });
  });
}

const isOurCommand = (job: CronJob): boolean => job.payload.kind === "command";
