import { expect, it } from "vitest";
import type { CronService, Fields } from "../../../src/host/cron/service.ts";
import { CALLER } from "../../helpers/engine.ts";
import { createFakeCron } from "../../helpers/fake-cron.ts";
import { agent, command, describeCommandJobs } from "./seam-bench.ts";

const descriptors = (value: object) =>
  Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(value)).map(([name, own]) => [name, own]));

describeCommandJobs((bench, form) => {
  const { added, attach, ours } = bench;

  it("leave the gateway's service exactly as it was, once the plugin is gone", async () => {
    const { cron, fake } = bench;
    const before = descriptors(cron);
    const prototype = descriptors(Object.getPrototypeOf(cron));
    await attach();
    expect(bench.seam.status()).toMatchObject({ mode: "route", active: true });
    expect(descriptors(cron)).not.toEqual(before);
    const wrapped = cron.add;
    bench.seam.detach();
    expect(descriptors(cron)).toEqual(before);
    expect(descriptors(Object.getPrototypeOf(cron))).toEqual(prototype);
    await Reflect.apply(wrapped, cron, [command(), {}]);
    await added(command());
    expect(fake.state.jobs).toHaveLength(2);
    expect(ours()).toEqual([]);
  });

  it("are let go of at once when the plugin stops while the routing is tried out", async () => {
    const { cron, fake, problems } = bench;
    const { add, readJob } = cron;
    const routed: boolean[] = [];
    cron.readJob = (id) => {
      routed.push(cron.add !== add);
      bench.seam.detach();
      routed.push(cron.add !== add);
      return Reflect.apply(readJob, cron, [id]);
    };
    const before = descriptors(cron);
    await attach();
    expect(routed).toEqual([true, false]);
    expect(descriptors(cron)).toEqual(before);
    expect(bench.seam.status()).toEqual({ mode: "route", active: false, detail: "detached" });
    expect(problems).toEqual([]);
    await added(command());
    expect(fake.state.jobs).toHaveLength(1);
  });

  it("are let go of when the service fails while the routing is tried out", async () => {
    const { cron, problems } = bench;
    cron.readJob = (_id) => Promise.reject(new Error("busy"));
    const before = descriptors(cron);
    await attach();
    expect(descriptors(cron)).toEqual(before);
    expect(bench.seam.status()).toEqual({ mode: "route", active: false, detail: "left alone: busy" });
    expect(problems).toEqual(["left alone: busy"]);
  });

  it("are looked for again after a look that could not say what it found", async () => {
    const { problems } = bench;
    const push = problems.push.bind(problems);
    problems.push = () => {
      problems.push = push;
      throw new Error("no room");
    };
    bench.current = {};
    await attach();
    bench.current = bench.cron;
    await bench.seam.refresh();
    expect(bench.seam.status()).toMatchObject({ mode: "route", active: true });
  });

  it("do not take away what somebody else has put over ours", async () => {
    const { cron, fake } = bench;
    await attach();
    const inner = cron.add;
    const outer: typeof inner = (input, options) => inner(input, options);
    cron.add = outer;
    bench.seam.detach();
    expect(cron.add).toBe(outer);
    await added(command());
    expect(fake.state.jobs).toHaveLength(1);
  });

  it("follow the gateway to a new scheduler, and leave the old one as it was", async () => {
    const { cron, problems, test } = bench;
    const before = descriptors(cron);
    await attach();
    const next = createFakeCron(form === "class" ? "object" : "class");
    bench.current = next.cron;
    await test.clock.advance(1_000);
    expect(descriptors(cron)).toEqual(before);
    await next.cron.add(command(), {});
    expect(next.state.jobs).toEqual([]);
    expect(ours()).toHaveLength(1);
    expect(problems).toEqual([undefined, undefined]);
  });

  it("that were added before the plugin was up come over as if they had been added later", async () => {
    const { fake, test } = bench;
    const early = await added(command({ schedule: { kind: "cron", expr: "0 * * * *", staggerMs: 300_000 } }));
    const turn = await added(agent());
    const busy = await added(command({ name: "Busy" }));
    const owned = await added(command({ owner: { agentId: "main" } }));
    const running = fake.state.jobs.find(({ id }) => id === busy.id)?.state as Fields;
    running["runningAtMs"] = 1;
    await attach();
    // One addition was under way when the plugin stood in: the gateway dates it later.
    const crossing = await added(agent());
    Object.assign(fake.state.jobs.at(-1) ?? {}, command({ name: "Crossing", createdAtMs: test.clock.nowMs() + 1 }));
    // What leaves for the gateway is announced like what is added.
    const released = await added(command({ name: "Released" }));
    await bench.seam.moves()?.release({ id: released.id, apply: true }, CALLER);
    for (const { id } of [early, turn, busy, owned, crossing, released]) bench.seam.added(id);
    await test.clock.advance(300);
    expect(new Map(ours().map((job) => [job.id, job.enabled]))).toEqual(
      new Map([early.id, crossing.id].map((id) => [id, true])),
    );
    const over = ours().find(({ id }) => id === early.id);
    expect(over).toMatchObject({ schedule: { expr: "0 * * * *" } });
    expect(over?.schedule).not.toHaveProperty("staggerMs");
    expect(over?.description ?? "").toBe("");
    const enabled = () => fake.state.jobs.filter((job) => job.enabled).map(({ id }) => id);
    expect(enabled()).toEqual([turn.id, busy.id, owned.id, released.id]);
    delete running["runningAtMs"];
    await test.clock.advance(300);
    expect(
      ours()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Busy", "Crossing", "Probe"]);
    expect(enabled()).toEqual([turn.id, owned.id, released.id]);
  });

  it("that are not routed any more are news, those that never were are none", async () => {
    const { cron, test } = bench;
    bench.current = undefined;
    await attach();
    expect(bench.seam.status()).not.toHaveProperty("lostSinceMs");
    bench.current = cron;
    await test.clock.advance(1_000);
    expect(bench.seam.status()).toMatchObject({ active: true });
    bench.current = undefined;
    await test.clock.advance(1_000);
    const { lostSinceMs } = bench.seam.status();
    expect(lostSinceMs).toBeLessThanOrEqual(test.clock.nowMs());
    // Another process of the gateway knows it from the ledger.
    bench.seam.detach();
    await attach();
    expect(bench.seam.status()).toHaveProperty("lostSinceMs");
    bench.current = cron;
    await test.clock.advance(1_000);
    expect(bench.seam.status()).not.toHaveProperty("lostSinceMs");
  });

  it("are left to the gateway when that is configured, and can still be moved", async () => {
    const { fake, problems } = bench;
    await attach("off");
    await added(command({ id: "n1" }));
    expect(fake.state.jobs).toHaveLength(1);
    expect(bench.seam.status()).toMatchObject({ mode: "off", active: false });
    expect(problems).toEqual([undefined]);
    const report = await bench.seam.moves()?.adopt({ all: true, apply: false }, CALLER);
    expect(report?.plan).toMatchObject([{ action: "move", id: "n1" }]);
  });

  it.each([
    ["no service", undefined, /no cron service/],
    ["a missing method", (service: Fields) => Object.assign(service, { listPage: undefined }), /no method `listPage`/],
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
    const { problems } = bench;
    const strange = createFakeCron(form).cron as unknown as Fields;
    bench.current = change === undefined ? undefined : change(strange);
    const before = descriptors(strange);
    await attach();
    expect(bench.seam.status()).toMatchObject({ active: false, detail: expect.stringMatching(reason) });
    expect(problems.at(-1)).toMatch(reason);
    expect(descriptors(strange)).toEqual(before);
  });

  it("are routed by one instance only", async () => {
    await attach();
    const first = bench.seam;
    await attach();
    expect(bench.seam.status()).toMatchObject({ active: false, detail: expect.stringContaining("another instance") });
    first.detach();
  });
});
